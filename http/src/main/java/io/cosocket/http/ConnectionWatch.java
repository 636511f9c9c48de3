package io.cosocket.http;

import io.cosocket.transport.TimeoutWheel;

import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What the wheel looks after on one HTTP/1 connection: a request head that comes too slowly, and a
 * run that takes long, whose client may leave. One entry for the life of the connection, so that a
 * request that is answered quickly costs two stores.
 *
 * <pre>
 *          request parsed            250 ms later
 *   HEAD ─────────────────► YOUNG ─────────────────► OLD (AbortWatch looks)
 *    ▲ │                      │                        │
 *    │ │ head time-out        └────────► OVER ◄────────┘
 *    │ └───────► EXPIRED: 408, later close │  run over, or raw socket taken
 *    └─────────────────────────────────────┘
 *                  connection kept
 * </pre>
 */
final class ConnectionWatch extends TimeoutWheel.Timed {
    /** Runs that end sooner never cost a look at their client. */
    static final long YOUNG_NANOS = 250_000_000;

    private static final Logger LOG = LoggerFactory.getLogger(ConnectionWatch.class);
    private static final String KEY = ConnectionWatch.class.getName();
    private static final byte[] TOO_SLOW =
            ("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 20\r\n"
                            + "Content-Type: text/plain;charset=utf-8\r\n\r\n408 Request Timeout\n")
                    .getBytes(StandardCharsets.US_ASCII);

    private enum State {
        HEAD,
        YOUNG,
        OLD,
        OVER,
        EXPIRED
    }

    /** Weak: the wheel may hold a watch for ten seconds after its connection has closed. */
    private final WeakReference<Connection> connection;

    private final long headNanos;
    private final long drainNanos;
    private final AtomicReference<State> state = new AtomicReference<>(State.HEAD);
    private volatile @Nullable Exchange current;
    private volatile @Nullable AbortWatch abortWatch;

    /** What the connection had received when the last exchange ended. */
    private volatile long bytesBefore;

    /** When bytes of a head were first seen; 0 for not yet. Set by the wheel alone. */
    private volatile long headSinceNanos;

    private volatile boolean headSeen;

    private final @Nullable AccessLog accessLog;

    private ConnectionWatch(Connection connection, HttpConfig config) {
        this.connection = new WeakReference<>(connection);
        this.headNanos = config.timeouts().header().toNanos();
        this.drainNanos = config.timeouts().drain().toNanos();
        this.accessLog = config.accessLog();
    }

    /** Begins to watch a connection that was just opened. */
    static void open(Connection connection, ConnectionMetaData data, HttpConfig config) {
        ConnectionWatch watch = new ConnectionWatch(connection, config);
        data.setAttribute(KEY, watch);
        watch.arm(watch.headNanos / 4);
    }

    /** Gives the watch of a connection, or null when it has none. */
    static @Nullable ConnectionWatch of(ConnectionMetaData data) {
        return (ConnectionWatch) data.getAttribute(KEY);
    }

    /**
     * Begins an exchange.
     *
     * @return false when its head came too late and was answered
     */
    boolean begin(Exchange exchange) {
        current = exchange;
        if (!state.compareAndSet(State.HEAD, State.YOUNG)) {
            return false;
        }
        arm(YOUNG_NANOS);
        return true;
    }

    /** Tells whether a head that came too slowly was answered; nothing else is then. */
    boolean expired() {
        return state.get() == State.EXPIRED;
    }

    /** Ends the watch over the client; the connection is not touched by it any more. */
    void settle() {
        current = null;
        if (state.compareAndSet(State.YOUNG, State.OVER)) {
            return;
        }
        if (state.compareAndSet(State.OLD, State.OVER)) {
            AbortWatch watch = abortWatch;
            if (watch != null) {
                watch.stop();
                abortWatch = null;
            }
        }
    }

    /** Ends the exchange on a connection that may bring another. */
    void next() {
        settle();
        Connection open = connection.get();
        if (open == null) {
            return;
        }
        bytesBefore = open.getBytesIn();
        headSeen = false;
        state.set(State.HEAD);
        arm(headNanos / 4);
    }

    private void arm(long nanos) {
        TimeoutWheel.shared().arm(this, System.nanoTime() + nanos);
    }

    @Override
    protected void fire() {
        switch (state.get()) {
            case HEAD -> checkHead();
            case YOUNG, OLD -> Thread.startVirtualThread(this::look);
            case OVER -> {}
            case EXPIRED -> Thread.startVirtualThread(this::close);
        }
    }

    private void checkHead() {
        Connection watched = connection.get();
        if (watched == null
                || !watched.getEndPoint().isOpen()
                || watched.getEndPoint().getConnection() != watched) {
            return;
        }
        if (watched.getBytesIn() == bytesBefore) {
            arm(headNanos / 4);
        } else if (!headSeen) {
            headSeen = true;
            headSinceNanos = System.nanoTime();
            arm(headNanos);
        } else if (System.nanoTime() - headSinceNanos < headNanos) {
            arm(headNanos / 4);
        } else {
            Thread.startVirtualThread(this::expire);
        }
    }

    private void expire() {
        Connection watched = connection.get();
        if (watched == null || !state.compareAndSet(State.HEAD, State.EXPIRED)) {
            return;
        }
        EndPoint endPoint = watched.getEndPoint();
        LOG.debug("request head from {} took too long", endPoint.getRemoteSocketAddress());
        endPoint.write(
                Callback.from(() -> endAfterAnswer(endPoint), failure -> endPoint.close()),
                ByteBuffer.wrap(TOO_SLOW));
        AccessLog log = accessLog;
        if (log != null) {
            long since = System.nanoTime() - headSinceNanos;
            AccessLogWriter.refused(log, endPoint.getRemoteSocketAddress(), 408, since);
        }
    }

    /** A close at once would reset a client that still sends, and might destroy the answer. */
    private void endAfterAnswer(EndPoint endPoint) {
        endPoint.shutdownOutput();
        arm(drainNanos);
    }

    private void close() {
        Connection expired = connection.get();
        if (expired != null) {
            expired.getEndPoint().close();
        }
    }

    private void look() {
        Exchange exchange = current;
        Connection watched = connection.get();
        if (exchange == null || watched == null) {
            return;
        }
        if (state.compareAndSet(State.YOUNG, State.OLD)) {
            try {
                exchange.downstream().outlivesIdleTime();
            } catch (IllegalStateException e) {
                return; // the run has just completed
            }
        }
        if (state.get() != State.OLD || !exchange.watched()) {
            return;
        }
        AbortWatch watch = abortWatch;
        if (watch == null) {
            watch = new AbortWatch(watched);
            abortWatch = watch;
        }
        if (!watch.start(exchange, () -> state.get() == State.OLD && current == exchange)) {
            arm(YOUNG_NANOS);
        }
    }
}
