package io.cosocket.websocket;

import io.cosocket.ConnectOptions;
import io.cosocket.PoolOptions;
import io.cosocket.SocketScope;
import io.cosocket.StreamSocket;
import io.cosocket.TlsOptions;
import io.cosocket.http.Exchange;

import java.io.IOException;
import java.net.SocketAddress;

/** Does the opening handshakes and makes the connections. */
final class Opening {
    private Opening() {}

    /** Accepts or refuses a request. */
    static WebSocket accept(Exchange exchange, WebSocketOptions options) throws IOException {
        ServerHandshake judged =
                ServerHandshake.judge(
                        exchange.method(), exchange.protocol(), exchange::headers, options);
        exchange.status(judged.status());
        judged.headers().forEach(exchange::setHeader);
        if (judged.status() != 101) {
            exchange.setHeader("Content-Type", "text/plain;charset=utf-8");
            exchange.say(judged.problem());
            exchange.end();
            throw WebSocketHandshakeException.refused(judged.status(), judged.problem());
        }
        exchange.flush();
        return new WebSocket(
                exchange.rawSocket(), true, options, judged.subprotocol(), judged.deflate());
    }

    /** Connects and does the client's handshake. */
    static WebSocket connect(SocketScope scope, WebSocketTarget target, WebSocketOptions options)
            throws IOException {
        ConnectOptions connect = connectOptions(scope, target, options.connect());
        SocketAddress path = target.path();
        StreamSocket socket =
                path == null
                        ? scope.connect(target.host(), target.port(), connect)
                        : scope.connect(path, connect);
        return on(socket, target, options);
    }

    /** The scheme alone decides about TLS; connections of this kind meet no others in a pool. */
    private static ConnectOptions connectOptions(
            SocketScope scope, WebSocketTarget target, ConnectOptions given) {
        // What others leave in their pools is no fresh connection, which a handshake expects.
        PoolOptions pool = given.pool();
        if (pool == null) {
            pool = scope.runtime().config().pool();
        }
        ConnectOptions connect =
                ConnectOptions.defaults()
                        .withAddressPolicy(given.addressPolicy())
                        .withPool(pool.name() == null ? pool.withName("websocket") : pool);
        if (given.timeouts() != null) {
            connect = connect.withTimeouts(given.timeouts());
        }
        if (given.localAddress() != null) {
            connect = connect.withLocalAddress(given.localAddress());
        }
        if (target.tls()) {
            TlsOptions tls = given.tls();
            connect = connect.withTls(tls == null ? TlsOptions.defaults() : tls);
        }
        return connect;
    }

    /** Does the client's handshake on a connection, which is closed when it fails. */
    static WebSocket on(StreamSocket socket, WebSocketTarget target, WebSocketOptions options)
            throws IOException {
        boolean done = false;
        try {
            ClientHandshake handshake = new ClientHandshake(options);
            socket.send(handshake.request(target.hostHeader(), target.resource()));
            handshake.receive(socket);
            WebSocket opened =
                    new WebSocket(
                            socket, false, options, handshake.subprotocol(), handshake.deflate());
            done = true;
            return opened;
        } finally {
            if (!done) {
                socket.close();
            }
        }
    }
}
