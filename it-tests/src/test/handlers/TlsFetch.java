import io.cosocket.ConnectOptions;
import io.cosocket.SocketScope;
import io.cosocket.TcpSocket;
import io.cosocket.TlsOptions;
import io.cosocket.http.Application;
import io.cosocket.http.Exchange;
import io.cosocket.http.Routes;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Fetches from a TLS upstream: with a full handshake, with a resumed one, or much at once. */
public final class TlsFetch implements Application {
    private static final int PORT = Integer.getInteger("tls.port");
    private static final int BULK_BYTES = 16 << 20;

    @Override
    public void configure(Routes routes) throws IOException {
        TlsOptions tls =
                TlsOptions.defaults().withTrustPem(Path.of(System.getProperty("tls.root")));
        TlsOptions earlier = tls.withProtocols("TLSv1.2");
        TlsOptions full = tls.withSessionReuse(false);
        TlsOptions fullEarlier = earlier.withSessionReuse(false);
        routes.content("/full", exchange -> small(exchange, full));
        routes.content("/full12", exchange -> small(exchange, fullEarlier));
        routes.content("/resumed12", exchange -> small(exchange, earlier));
        routes.content("/bulk", exchange -> bulk(exchange, tls));
    }

    private static TcpSocket connect(SocketScope sockets, TlsOptions tls) throws IOException {
        return sockets.connect("localhost", PORT, ConnectOptions.defaults().withTls(tls));
    }

    private static void small(Exchange exchange, TlsOptions tls) throws IOException {
        try (TcpSocket upstream = connect(exchange.sockets(), tls)) {
            upstream.send("GET /small HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            exchange.say(String.valueOf(upstream.receiveLine()));
        }
    }

    private static void bulk(Exchange exchange, TlsOptions tls) throws IOException {
        try (TcpSocket upstream = connect(exchange.sockets(), tls)) {
            upstream.send("GET /bulk HTTP/1.1\r\nHost: localhost\r\n\r\n");
            upstream.receiveUntil("\r\n\r\n");
            ByteBuffer piece = ByteBuffer.allocate(65536);
            long count = 0;
            while (count < BULK_BYTES && upstream.receive(piece.clear()) > 0) {
                count += piece.position();
            }
            upstream.release();
            exchange.say(String.valueOf(count));
        }
    }
}
