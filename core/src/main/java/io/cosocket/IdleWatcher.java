package io.cosocket;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Notices what happens to idle connections: one selector on one thread for all of them.
 *
 * <p>A connection is registered only once it has been idle for a tick, so those in steady use never
 * are; connect looks at each connection anyway, so nothing depends on the watch being complete.
 * Taking a connection sets its interest to nothing without waking the selector, and an event that
 * arrives nevertheless is ignored. The thread sleeps without a limit while nothing is idle.
 */
final class IdleWatcher {
    private static final Logger LOG = LoggerFactory.getLogger(IdleWatcher.class);
    private static final long TICK_MILLIS = 200;
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(TICK_MILLIS);

    private final ConnectionPools pools;
    private final ReentrantLock lock = new ReentrantLock();

    // guarded by lock
    private @Nullable Selector selector;
    private boolean closed;

    private volatile boolean asleep = true;

    IdleWatcher(ConnectionPools pools) {
        this.pools = pools;
    }

    /** Ends a long sleep; costs one load while the thread is awake. */
    void rouse() {
        if (!asleep) {
            return;
        }
        lock.lock();
        try {
            Selector present = selector;
            if (closed || !asleep) {
                return;
            }
            asleep = false;
            if (present == null) {
                selector = begin();
            } else {
                present.wakeup();
            }
        } catch (IOException | OutOfMemoryError e) {
            asleep = true; // no descriptor or no thread: release and connect go on without
            LOG.debug("idle connections are not watched", e);
        } finally {
            lock.unlock();
        }
    }

    private Selector begin() throws IOException {
        Selector opened = Selector.open();
        boolean begun = false;
        try {
            Thread.ofPlatform().name("cosocket-idle").daemon().start(() -> run(opened));
            begun = true;
            return opened;
        } finally {
            if (!begun) {
                opened.close();
            }
        }
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            if (selector != null) {
                selector.close();
            }
        } catch (IOException e) {
            LOG.debug("closing", e);
        } finally {
            lock.unlock();
        }
    }

    private void run(Selector events) {
        List<Connection> unwatched = new ArrayList<>();
        long nextTickNanos = System.nanoTime();
        try {
            while (true) {
                long now = System.nanoTime();
                if (nextTickNanos - now <= 0) {
                    nextTickNanos = now + TICK_NANOS;
                    tick(events, now, unwatched);
                }
                select(events, nextTickNanos);
            }
        } catch (ClosedSelectorException e) {
            LOG.debug("the watch of idle connections ends");
        } catch (IOException e) {
            LOG.error("the watch of idle connections failed", e);
        }
    }

    /** One tick that fails is no reason to end the watch. */
    private void tick(Selector events, long now, List<Connection> unwatched) {
        try {
            pools.tick(now, now - TICK_NANOS, unwatched);
            watch(events, unwatched);
        } catch (ClosedSelectorException e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.error("a look at the idle connections failed", e);
        } finally {
            unwatched.clear();
        }
    }

    private void select(Selector events, long nextTickNanos) throws IOException {
        // descriptors of closed connections are freed by the next select
        if (events.keys().isEmpty() && !pools.hasIdle()) {
            asleep = true;
            if (!pools.hasIdle()) {
                events.select(this::react);
            }
            asleep = false;
            return;
        }
        long left = nextTickNanos - System.nanoTime();
        events.select(this::react, Math.max(1, TimeUnit.NANOSECONDS.toMillis(left)));
    }

    private static void watch(Selector events, List<Connection> unwatched) {
        for (Connection connection : unwatched) {
            try {
                connection.watch(events);
            } catch (ClosedChannelException | CancelledKeyException e) {
                LOG.trace("closed meanwhile", e);
            }
        }
    }

    private void react(SelectionKey key) {
        Connection connection = (Connection) key.attachment();
        try {
            if (!connection.pool().inspect(connection)) {
                key.interestOps(0); // in use: it will be watched again when it is idle again
            }
        } catch (CancelledKeyException e) {
            LOG.trace("closed meanwhile", e);
        } catch (RuntimeException e) {
            LOG.error("a look at an idle connection failed", e);
            key.cancel(); // it would be ready again at once; connect looks at it anyway
        }
    }
}
