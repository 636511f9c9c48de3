package io.cosocket.http;

import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * Notices that the client of a long run leaves, by waiting for bytes that nobody else reads: the
 * body was read, and the next request is read only after this one.
 *
 * <pre>
 *           start, body read                    end of stream, reset
 *   OFF ───────────────────────► WATCHING ───────────────────────────► LEFT: the run is cancelled
 *    ▲ ▲                           │   │
 *    │ └──────────stop─────────────┘   │ a byte of the next request: put where it is parsed from
 *    │                                 ▼
 *    └──────────stop──────────────── BLIND    bytes in the way hide the end, as in the original
 * </pre>
 *
 * <p>At most one byte is read: the connection's buffer has room for it, because it consumed at
 * least one since it last read.
 */
final class AbortWatch {
    private enum State {
        OFF,
        WATCHING,
        BLIND,
        LEFT
    }

    private static final CancellationException STOPPED = new CancellationException("watch stopped");

    private final Connection connection;
    private final AbstractEndPoint endPoint;
    private final Interest interest = new Interest();

    /** Never held while anybody waits: fills do not block. */
    private final ReentrantLock lock = new ReentrantLock();

    // guarded by lock
    private State state = State.OFF;
    private @Nullable Exchange exchange;

    AbortWatch(Connection connection) {
        this.connection = connection;
        this.endPoint = (AbstractEndPoint) connection.getEndPoint();
    }

    /** What Jetty calls when the client sent something or left. */
    private final class Interest implements Callback {
        @Override
        public void succeeded() {
            Thread.startVirtualThread(AbortWatch.this::look);
        }

        @Override
        public void failed(Throwable cause) {
            if (cause != STOPPED) {
                Thread.startVirtualThread(AbortWatch.this::closed);
            }
        }

        @Override
        public InvocationType getInvocationType() {
            return InvocationType.NON_BLOCKING;
        }
    }

    /**
     * Begins to watch, unless the run is over: whoever ends it says so before it stops the watch.
     *
     * @return false when the body is not read yet, so that it must be tried again
     */
    boolean start(Exchange run, BooleanSupplier wanted) {
        if (!run.bodyWasRead()) {
            return false;
        }
        lock.lock();
        try {
            if (!wanted.getAsBoolean()) {
                return true;
            }
            if (state == State.OFF && endPoint.tryFillInterested(interest)) {
                state = State.WATCHING;
                exchange = run;
                return true;
            }
            return state != State.OFF;
        } finally {
            lock.unlock();
        }
    }

    /** Ends watching; afterwards the connection's reads are Jetty's again. */
    void stop() {
        lock.lock();
        try {
            if (state != State.OFF) {
                // A late look at an earlier run may have left this one's interest behind.
                endPoint.getFillInterest().onFail(STOPPED);
            }
            state = State.OFF;
            exchange = null;
        } finally {
            lock.unlock();
        }
    }

    private void look() {
        lock.lock();
        try {
            if (state != State.WATCHING) {
                return;
            }
            ByteBuffer one = ByteBuffer.allocate(1).limit(0);
            int count = fill(one);
            if (count == 0) {
                // No second time when it comes late, from an earlier run, and this one waits too.
                endPoint.tryFillInterested(interest);
                return;
            }
            if (count > 0) {
                ((Connection.UpgradeTo) connection).onUpgradeTo(one);
                state = State.BLIND;
                return;
            }
        } finally {
            lock.unlock();
        }
        closed();
    }

    private int fill(ByteBuffer one) {
        try {
            return endPoint.fill(one);
        } catch (IOException e) {
            return -1;
        }
    }

    private void closed() {
        Exchange left;
        lock.lock();
        try {
            if (state != State.WATCHING) {
                return;
            }
            state = State.LEFT;
            left = exchange;
        } finally {
            lock.unlock();
        }
        if (left != null) {
            left.clientLeft();
        }
    }
}
