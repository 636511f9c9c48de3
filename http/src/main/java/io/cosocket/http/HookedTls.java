package io.cosocket.http;

import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;

import java.net.InetSocketAddress;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/** Jetty's TLS, with the context of each connection chosen by the handlers of the TLS phases. */
final class HookedTls extends SslConnectionFactory {
    private final HandshakeHooks hooks;

    HookedTls(SslContextFactory.Server settings, String nextProtocol, HandshakeHooks hooks) {
        super(settings, nextProtocol);
        this.hooks = hooks;
    }

    @Override
    public Connection newConnection(Connector connector, EndPoint endPoint) {
        return configure(
                new HelloConnection(
                        endPoint,
                        connector.getExecutor(),
                        hooks,
                        context -> encrypted(connector, endPoint, context)),
                connector,
                endPoint);
    }

    private Connection encrypted(Connector connector, EndPoint endPoint, SSLContext context) {
        SSLEngine engine =
                endPoint.getRemoteSocketAddress() instanceof InetSocketAddress remote
                        ? context.createSSLEngine(remote.getHostString(), remote.getPort())
                        : context.createSSLEngine();
        getSslContextFactory().customize(engine);
        engine.setUseClientMode(false);
        SslConnection connection = newSslConnection(connector, endPoint, engine);
        connection.setRenegotiationAllowed(false);
        configure(connection, connector, endPoint);
        EndPoint decrypted = connection.getSslEndPoint();
        decrypted.setConnection(
                connector
                        .getConnectionFactory(getNextProtocol())
                        .newConnection(connector, decrypted));
        return connection;
    }
}
