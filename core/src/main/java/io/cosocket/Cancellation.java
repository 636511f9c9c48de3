package io.cosocket;

import io.cosocket.transport.Deadline;
import io.cosocket.transport.TimeoutWheel;
import io.cosocket.transport.Transport;

import org.jspecify.annotations.Nullable;

import java.net.SocketAddress;
import java.util.concurrent.locks.LockSupport;

/**
 * Lets another thread end one connect attempt, whatever it waits for.
 *
 * <p>Threads: made and waited on by the connecting thread; {@link #cancel()} from any.
 */
final class Cancellation extends TimeoutWheel.Timed {
    private final Thread thread = Thread.currentThread();
    private volatile boolean cancelled;
    private volatile @Nullable Transport transport;
    private volatile @Nullable SocketAddress tried;

    /** Ends the attempt. */
    void cancel() {
        cancelled = true;
        Transport current = transport;
        if (current != null) {
            current.cancel();
        }
        LockSupport.unpark(thread);
    }

    /** Tells whether the attempt was cancelled, or its thread interrupted. */
    boolean cancelled() {
        return cancelled || thread.isInterrupted();
    }

    /** Names what the attempt waits on now, so that cancel reaches it; null for nothing. */
    void onCancel(@Nullable Transport waitedOn) {
        transport = waitedOn;
        if (cancelled && waitedOn != null) {
            waitedOn.cancel();
        }
    }

    /** Notes the address that the attempt turns to. */
    void tries(SocketAddress address) {
        tried = address;
    }

    /** Gives the address tried last, for the log; null when it came to none. */
    @Nullable SocketAddress tried() {
        return tried;
    }

    /** Parks until cancel, interrupt, unpark or the deadline; may return early. */
    void park(Deadline deadline) {
        if (!cancelled()) {
            TimeoutWheel.shared().park(this, deadline);
        }
    }

    @Override
    protected void fire() {
        LockSupport.unpark(thread);
    }

    /** Gives the thread of the attempt, to be unparked by what it waits for. */
    Thread thread() {
        return thread;
    }
}
