package io.cosocket;

import io.cosocket.SocketClosedException.ClosedBy;
import io.cosocket.transport.Deadline;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Who is inside a socket, and what of it has ended: one word of flags.
 *
 * <pre>
 *   idle ──enter(RECEIVING)──► receiving ──leave──► idle        sending likewise, both at once allowed
 *   idle ──enterConnect──► connecting ──leave──► idle           excludes receiving and sending
 *   any but connecting ──enterOptions──► leave                  excludes connecting and its like
 *   any  ──close──► CLOSED and WAKING ──threads inside told──► CLOSED
 *                           nobody inside: the caller frees; else the last to leave (once)
 *   CLOSED ──freeIfLast──► FREEING ──► FREED
 *   CLOSED and FREED ──enterConnect──► connecting               the object is used again
 * </pre>
 *
 * <p>A new connect waits from CLOSED to FREED, else a slow closer would wake or free what the next
 * connection has put in its place; the threads inside were woken and leave soon. It waits for an
 * access to the options too, which is as short, and which would meet the next connection instead.
 *
 * <p>A descriptor is thus never closed under a thread that waits on it, whose wake-up a new
 * connection with the same number would steal.
 */
abstract class Sides {
    static final int RECEIVING = 1;
    static final int SENDING = 1 << 1;
    static final int CONNECTING = 1 << 2;
    static final int CLOSED = 1 << 3;
    static final int FREED = 1 << 4;
    static final int RECEIVE_ENDED = 1 << 5;
    static final int SEND_ENDED = 1 << 6;
    static final int OPTIONS = 1 << 7;
    private static final int WAKING = 1 << 8;
    private static final int FREEING = 1 << 9;

    /** From here on the reason of the close, as its ordinal. */
    private static final int REASON_SHIFT = 10;

    private static final ClosedBy[] REASONS = ClosedBy.values();

    /** How long threads that a close has woken may take to leave; one may be in another socket. */
    private static final Duration LEAVING_LIMIT = Duration.ofSeconds(1);

    private static final long PAUSE_NANOS = 50_000;

    private static final int BUSY = RECEIVING | SENDING | CONNECTING;
    private static final int INSIDE = BUSY | OPTIONS;
    private static final VarHandle FLAGS;

    static {
        try {
            FLAGS = MethodHandles.lookup().findVarHandle(Sides.class, "flags", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile int flags;

    Sides(int flags) {
        this.flags = flags;
    }

    /** Wakes the threads inside, which then find CLOSED. */
    abstract void wake();

    /** Frees the connection; called once for each close, when nobody is inside. */
    abstract void free();

    final int flags() {
        return flags;
    }

    final boolean has(int flag) {
        return (flags & flag) != 0;
    }

    final ClosedBy closedBy() {
        return REASONS[flags >>> REASON_SHIFT];
    }

    /**
     * Takes {@code side} unless one of {@code refusing} is set. To connect waits for the few
     * instructions of an access to the options.
     *
     * @return 0, or the flags that refused
     */
    final int enter(int side, int refusing) {
        while (true) {
            int seen = flags;
            if ((seen & refusing) != 0) {
                return seen;
            }
            if (side == CONNECTING && (seen & OPTIONS) != 0) {
                pause();
                continue;
            }
            if (FLAGS.compareAndSet(this, seen, seen | side)) {
                return 0;
            }
        }
    }

    /**
     * Takes the options, of an open or a closed socket, while others read and write; waits for
     * another access to them.
     *
     * @return 0, or the flags that refused
     */
    final int enterOptions() {
        while (true) {
            int seen = flags;
            if ((seen & CONNECTING) != 0) {
                return seen;
            }
            if ((seen & OPTIONS) != 0) {
                pause();
                continue;
            }
            if (FLAGS.compareAndSet(this, seen, seen | OPTIONS)) {
                return 0;
            }
        }
    }

    /**
     * Takes the socket for a connect from idle, ended or closed states. Waits for threads that are
     * on their way out of a closed one.
     *
     * @return the flags there were when the socket was taken, or −1 − flags when it was busy
     */
    final int enterConnect() {
        Deadline patience = null;
        while (true) {
            int seen = flags;
            if ((seen & BUSY) != 0) {
                if ((seen & CLOSED) == 0) {
                    return ~seen;
                }
                if (patience == null) {
                    patience = Deadline.after(LEAVING_LIMIT);
                } else if (patience.expired()) {
                    return ~seen;
                }
                pause();
                continue;
            }
            if ((seen & (CLOSED | FREED)) == CLOSED || (seen & OPTIONS) != 0) {
                pause();
                continue;
            }
            if (FLAGS.compareAndSet(this, seen, CONNECTING)) {
                return seen;
            }
        }
    }

    /**
     * Waits a moment for another thread. Virtual threads that yield to one another instead may keep
     * every carrier to themselves, so that the one they wait for never comes to run.
     */
    private void pause() {
        boolean interrupted = Thread.interrupted(); // else there is no wait
        LockSupport.parkNanos(this, PAUSE_NANOS);
        if (interrupted) {
            LockSupport.parkNanos(this, PAUSE_NANOS); // an interrupt has the first return at once
            Thread.currentThread().interrupt();
        }
    }

    /** Leaves one or more sides; the last one out of a closed socket frees it. */
    final void leave(int sides) {
        int before = (int) FLAGS.getAndBitwiseAnd(this, ~sides);
        if ((before & CLOSED) != 0) {
            freeIfLast();
        }
    }

    final void end(int endedFlag) {
        FLAGS.getAndBitwiseOr(this, endedFlag);
    }

    /** Closes; the first reason stays. From any thread. */
    final boolean close(ClosedBy by) {
        while (true) {
            int seen = flags;
            if ((seen & CLOSED) != 0) {
                return false;
            }
            int closed = seen | CLOSED | WAKING | by.ordinal() << REASON_SHIFT;
            if (FLAGS.compareAndSet(this, seen, closed)) {
                try {
                    wake();
                } finally {
                    FLAGS.getAndBitwiseAnd(this, ~WAKING);
                    freeIfLast();
                }
                return true;
            }
        }
    }

    private void freeIfLast() {
        while (true) {
            int seen = flags;
            if ((seen & (INSIDE | WAKING | FREEING | FREED | CLOSED)) != CLOSED) {
                return;
            }
            if (FLAGS.compareAndSet(this, seen, seen | FREEING)) {
                try {
                    free();
                } finally {
                    FLAGS.getAndBitwiseOr(this, FREED);
                }
                return;
            }
        }
    }
}
