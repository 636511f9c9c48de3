package io.cosocket;

import org.jspecify.annotations.Nullable;

/** A connect that waits in the queue of its pool. */
final class PoolWaiter<E extends PoolEntry> {
    enum Outcome {
        WAITING,
        /** It got a connection somebody gave back. */
        CONNECTION,
        /** It got the right to open one. */
        SLOT,
        /** The pool was closed. */
        POOL_CLOSED,
        /** It left the queue by itself. */
        LEFT
    }

    final Thread thread;
    final long sinceNanos;

    // guarded by the lock of the pool; the outcome is read without it by the waiting thread
    @Nullable PoolWaiter<E> ahead;
    @Nullable PoolWaiter<E> behind;
    @Nullable E connection;
    volatile Outcome outcome = Outcome.WAITING;

    PoolWaiter(Thread thread, long sinceNanos) {
        this.thread = thread;
        this.sinceNanos = sinceNanos;
    }

    boolean waiting() {
        return outcome == Outcome.WAITING;
    }
}
