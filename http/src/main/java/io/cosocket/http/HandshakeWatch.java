package io.cosocket.http;

import io.cosocket.transport.TimeoutWheel;

import org.eclipse.jetty.io.ssl.SslConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closes a connection whose TLS handshake is not done in the time a request head may take. */
final class HandshakeWatch extends TimeoutWheel.Timed {
    private static final Logger LOG = LoggerFactory.getLogger(HandshakeWatch.class);
    private static final String NOT_DONE = "NONE";

    private final SslConnection connection;

    private HandshakeWatch(SslConnection connection) {
        this.connection = connection;
    }

    static void open(SslConnection connection, long limitNanos) {
        HandshakeWatch watch = new HandshakeWatch(connection);
        TimeoutWheel.shared().arm(watch, System.nanoTime() + limitNanos);
    }

    @Override
    protected void fire() {
        boolean done = !NOT_DONE.equals(connection.getSSLEngine().getSession().getProtocol());
        if (!done && connection.getEndPoint().isOpen()) {
            LOG.debug("handshake with {} took too long", connection.getEndPoint());
            Thread.startVirtualThread(connection.getEndPoint()::close);
        }
    }
}
