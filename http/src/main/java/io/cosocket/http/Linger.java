package io.cosocket.http;

import io.cosocket.transport.BufferPool;
import io.cosocket.transport.Deadline;

import org.eclipse.jetty.io.EndPoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * The last stage of a connection that the server ends. Its sending side has ended; what the client
 * still sends is thrown away until it ends its side too. A close at once would answer such bytes
 * with a reset, which destroys what was sent last and has not arrived yet.
 *
 * <pre>
 *   sending ended ──what is there is discarded──┬─ end, error ─────────► closed
 *                                               └─ more may come ──► WAITING ──► closed
 *                                                 in a thread of its own, for a limited time
 * </pre>
 */
final class Linger {
    private static final int SCRATCH_BYTES = 16 << 10;

    /** So that the clock is looked at now and then. */
    private static final int MOST_AT_ONCE_BYTES = 1 << 20;

    private final EndPointTransport connection;
    private final Deadline deadline;
    private final Runnable closed;

    private Linger(EndPoint endPoint, Duration most, Runnable closed) {
        this.closed = closed;
        this.connection = new EndPointTransport(endPoint);
        this.deadline = Deadline.after(most);
    }

    /**
     * Closes a connection that nobody else reads, after at most the time given; returns at once.
     * The sending side has ended.
     *
     * @param closed called once the connection is closed
     */
    static void close(EndPoint endPoint, Duration most, Runnable closed) {
        Linger last = new Linger(endPoint, most, closed);
        if (last.discard()) {
            Thread.startVirtualThread(last::await);
        } else {
            last.end();
        }
    }

    private void end() {
        try {
            connection.close();
        } finally {
            closed.run();
        }
    }

    private void await() {
        try {
            while (!deadline.expired() && connection.awaitReadable(deadline) && discard()) {
                // nothing is kept
            }
        } catch (IOException e) {
            // the connection is broken already
        } finally {
            end();
        }
    }

    /** Throws away some of what is there; false when there is no more to come. */
    private boolean discard() {
        ByteBuffer scratch = BufferPool.take(SCRATCH_BYTES);
        try {
            int count = 1;
            for (int left = MOST_AT_ONCE_BYTES; left > 0 && count > 0; left -= count) {
                count = connection.tryRead(scratch.clear());
            }
            return count >= 0;
        } catch (IOException e) {
            return false;
        } finally {
            BufferPool.give(scratch);
        }
    }
}
