package io.cosocket;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** A timer whose every firing is a run of its own. */
final class RunTimer implements Timer {
    private static final Logger LOG = LoggerFactory.getLogger(RunTimer.class);

    private final Cosockets runtime;
    private final ScopedTask task;
    private final boolean repeats;
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile @Nullable Future<?> schedule;

    RunTimer(Cosockets runtime, ScopedTask task, boolean repeats) {
        this.runtime = runtime;
        this.task = task;
        this.repeats = repeats;
    }

    void schedule(Future<?> future) {
        schedule = future;
        if (ended.get()) {
            future.cancel(false);
        }
    }

    /** Starts one firing; one that is due while the last still runs is left out. */
    void fire() {
        if (ended.get() || (repeats && running.get() > 0)) {
            return;
        }
        running.incrementAndGet();
        if (!repeats && !end()) {
            running.decrementAndGet(); // cancelled at this moment
            return;
        }
        Thread.startVirtualThread(this::body);
    }

    private void body() {
        try (SocketScope scope = runtime.openScope("timer")) {
            scope.run(task);
        } catch (Throwable e) {
            if (runtime.isClosed()) {
                LOG.debug("timer ended with the runtime", e);
            } else {
                LOG.warn("timer failed", e);
            }
        } finally {
            running.decrementAndGet();
        }
    }

    private boolean end() {
        if (!ended.compareAndSet(false, true)) {
            return false;
        }
        runtime.ended(this);
        return true;
    }

    @Override
    public boolean cancel() {
        boolean mine = end();
        Future<?> future = schedule;
        if (future != null) {
            future.cancel(false);
        }
        return mine;
    }

    @Override
    public boolean isDone() {
        return ended.get() && running.get() == 0;
    }
}
