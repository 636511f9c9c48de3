package io.cosocket.http;

import io.cosocket.transport.TimeoutWheel;

import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.function.BooleanSupplier;

/**
 * Closes a connection whose TLS handshake is not done in the time a request head may take. With
 * handlers of the TLS phases the ClientHello and the rest have that time each; the handlers' own
 * does not count.
 */
final class HandshakeWatch extends TimeoutWheel.Timed {
    private static final Logger LOG = LoggerFactory.getLogger(HandshakeWatch.class);
    private static final String NOT_DONE = "NONE";

    private final Connection connection;
    private final BooleanSupplier done;

    private HandshakeWatch(Connection connection, BooleanSupplier done) {
        this.connection = connection;
        this.done = done;
    }

    static void open(SslConnection connection, long limitNanos) {
        arm(
                connection,
                () -> !NOT_DONE.equals(connection.getSSLEngine().getSession().getProtocol()),
                limitNanos);
    }

    static void open(HelloConnection connection, long limitNanos) {
        arm(connection, connection::isRead, limitNanos);
    }

    private static void arm(Connection connection, BooleanSupplier done, long limitNanos) {
        HandshakeWatch watch = new HandshakeWatch(connection, done);
        TimeoutWheel.shared().arm(watch, System.nanoTime() + limitNanos);
    }

    @Override
    protected void fire() {
        if (!done.getAsBoolean() && connection.getEndPoint().isOpen()) {
            LOG.debug("handshake with {} took too long", connection.getEndPoint());
            Thread.startVirtualThread(connection.getEndPoint()::close);
        }
    }
}
