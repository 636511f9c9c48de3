package io.cosocket.transport;

import java.io.IOException;

/**
 * Lets one thread at a time wait for one direction of one channel. Cancelled once, it never lets
 * anyone wait again.
 */
abstract class Waiter extends TimeoutWheel.Timed {
    private volatile boolean cancelled;

    /**
     * Parks until the channel may be ready, the deadline passes, the waiter is cancelled or the
     * thread is interrupted. May return early.
     *
     * @return false when the deadline has passed
     */
    final boolean await(Deadline deadline) throws IOException {
        long left = deadline.remainingNanos();
        if (left <= 0) {
            return false;
        }
        enter();
        try {
            // published before this look, so a cancel that comes later finds the thread
            if (!cancelled && !Thread.currentThread().isInterrupted()) {
                park(deadline, left);
            }
        } finally {
            leave();
        }
        return !deadline.expired();
    }

    /** Wakes the waiting thread and refuses later waits; from any thread. */
    final void cancel() {
        cancelled = true;
        fire();
    }

    final boolean cancelled() {
        return cancelled;
    }

    abstract void enter() throws IOException;

    abstract void park(Deadline deadline, long leftNanos) throws IOException;

    abstract void leave();

    /** Frees what the waiter holds; no thread waits any more. */
    abstract void close();
}
