package io.cosocket.http;

import io.cosocket.transport.Deadline;
import io.cosocket.transport.TimeoutWheel;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.locks.LockSupport;

/**
 * An event that one thread waits for. It stays raised until lowered; cancelled, it lets nobody
 * wait.
 */
class Signal extends TimeoutWheel.Timed {
    private volatile boolean raised;
    private volatile boolean cancelled;
    private volatile @Nullable Thread waiting;

    final void lower() {
        raised = false;
    }

    final void raise() {
        raised = true;
        fire();
    }

    final boolean raised() {
        return raised;
    }

    final void cancel() {
        cancelled = true;
        fire();
    }

    /** Lets threads wait again; those that the cancel was meant for have left. */
    final void revive() {
        cancelled = false;
    }

    final boolean cancelled() {
        return cancelled;
    }

    /**
     * Parks until the signal is raised or cancelled, the deadline passes or the thread is
     * interrupted.
     *
     * @return false when the deadline has passed
     */
    final boolean await(Deadline deadline) {
        Thread thread = Thread.currentThread();
        // published before the first look, so that whoever raises it later finds the thread
        waiting = thread;
        try {
            while (!raised && !cancelled && !thread.isInterrupted()) {
                if (deadline.expired()) {
                    return false;
                }
                TimeoutWheel.shared().park(this, deadline);
            }
            return true;
        } finally {
            waiting = null;
        }
    }

    @Override
    protected void fire() {
        Thread thread = waiting;
        if (thread != null) {
            LockSupport.unpark(thread);
        }
    }
}
