package io.cosocket.http;

import io.cosocket.transport.TimeoutWheel;

import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.lang.ref.WeakReference;
import java.util.function.Predicate;

/**
 * Closes a connection whose TLS handshake is not done in the time a request head may take. With
 * handlers of the TLS phases the ClientHello and the rest have that time each; the handlers' own
 * does not count.
 */
final class HandshakeWatch<C extends Connection> extends TimeoutWheel.Timed {
    private static final Logger LOG = LoggerFactory.getLogger(HandshakeWatch.class);
    private static final String NOT_DONE = "NONE";

    /** Weak: the wheel may hold a watch for ten seconds after its connection has closed. */
    private final WeakReference<C> connection;

    private final Predicate<C> done;

    private HandshakeWatch(C connection, Predicate<C> done) {
        this.connection = new WeakReference<>(connection);
        this.done = done;
    }

    static void open(SslConnection connection, long limitNanos) {
        arm(new HandshakeWatch<>(connection, HandshakeWatch::hasSession), limitNanos);
    }

    static void open(HelloConnection connection, long limitNanos) {
        arm(new HandshakeWatch<>(connection, HelloConnection::isRead), limitNanos);
    }

    private static boolean hasSession(SslConnection connection) {
        return !NOT_DONE.equals(connection.getSSLEngine().getSession().getProtocol());
    }

    private static void arm(HandshakeWatch<?> watch, long limitNanos) {
        TimeoutWheel.shared().arm(watch, System.nanoTime() + limitNanos);
    }

    @Override
    protected void fire() {
        C watched = connection.get();
        if (watched != null && watched.getEndPoint().isOpen()) {
            // an engine in the middle of a step lets nobody look, and the wheel must not wait
            Thread.startVirtualThread(() -> look(watched));
        }
    }

    private void look(C watched) {
        if (!done.test(watched)) {
            LOG.debug("handshake with {} took too long", watched.getEndPoint());
            watched.getEndPoint().close();
        }
    }
}
