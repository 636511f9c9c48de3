package io.cosocket;

import io.cosocket.SocketClosedException.ClosedBy;
import io.cosocket.transport.Deadline;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The connections of one key: puts a lock around the {@link PoolLedger}, and does what the ledger
 * asks for once the lock is free: looks at connections, closes them, wakes threads.
 */
final class ConnectionPool {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionPool.class);

    private final PoolKey key;
    private final ConnectionPools registry;
    private final ReentrantLock lock = new ReentrantLock();

    // guarded by lock
    private final PoolLedger<Connection> ledger;
    private PoolOptions agreed;
    private @Nullable String conflict;
    private boolean retired;
    private long lastUseNanos = System.nanoTime();

    ConnectionPool(PoolKey key, PoolOptions options, ConnectionPools registry) {
        this.key = key;
        this.registry = registry;
        this.agreed = options;
        this.ledger = new PoolLedger<>(PoolLimits.of(options));
    }

    // --- connect

    /** Gives a connection, reused or opened; null when this pool was given up meanwhile. */
    @Nullable Connection acquire(Target to, PoolOptions options, ConnectionPools.Caller caller)
            throws IOException {
        Connection taken = null;
        boolean slot = false;
        PoolWaiter<Connection> waiter = null;
        while (taken == null && !slot && waiter == null) {
            Connection doomed;
            String warning;
            IOException refused = null;
            lock.lock();
            try {
                if (retired) {
                    return null;
                }
                warning = options == agreed ? null : agree(options);
                long now = System.nanoTime();
                lastUseNanos = now;
                taken = ledger.takeIdle(now);
                doomed = ledger.takeDoomed();
                if (taken == null && doomed == null) {
                    slot = ledger.reserve();
                    if (!slot) {
                        waiter = new PoolWaiter<>(Thread.currentThread(), now);
                        refused = ledger.enqueue(waiter) ? null : refuse(to);
                    }
                }
            } finally {
                lock.unlock();
            }
            if (warning != null) {
                LOG.warn(warning);
            }
            closeDoomed(doomed);
            if (refused != null) {
                throw refused;
            }
        }
        ConnectAttempt attempt = null;
        if (waiter != null) {
            attempt = caller.begin();
            taken = await(waiter, to, options, attempt);
        }
        while (taken != null) {
            int state = taken.takeFromPool();
            if (state == Connection.QUIET) {
                return taken;
            }
            taken.transport.close();
            taken = replace(taken, endOfIdle(state));
        }
        return open(attempt == null ? caller.begin() : attempt);
    }

    private IOException refuse(Target to) {
        if (ledger.closed()) {
            return Failures.closed("connect", where(to), ClosedBy.SCOPE, Failures.NONE);
        }
        PoolLimits limits = ledger.limits();
        return new PoolLimitException(
                "connect"
                        + where(to)
                        + ": too many waiting connect operations (pool "
                        + key.poolName()
                        + ": "
                        + ledger.open()
                        + " of "
                        + limits.maxOpen()
                        + " open, "
                        + ledger.waiting()
                        + " of "
                        + limits.maxWaiting()
                        + " waiting)");
    }

    /** Takes up the limits of another call site; the smaller ones win. Gives a warning, or null. */
    private @Nullable String agree(PoolOptions options) {
        agreed = options;
        PoolLimits before = ledger.limits();
        PoolLimits asked = PoolLimits.of(options);
        if (asked.equals(before)) {
            return null;
        }
        ledger.shrink(before.smaller(asked));
        if (conflict != null) {
            return null;
        }
        conflict = CallSite.find() + " asked for " + asked + ", another call for " + before;
        return "pool "
                + key.poolName()
                + " of "
                + key.endpoint()
                + " has call sites with different limits, the smaller ones win: "
                + conflict;
    }

    /** Waits in the queue. Gives a connection, or null for the right to open one. */
    private @Nullable Connection await(
            PoolWaiter<Connection> waiter, Target to, PoolOptions options, ConnectAttempt attempt)
            throws IOException {
        Cancellation cancellation = attempt.cancellation();
        Deadline deadline = attempt.deadline();
        Duration share = options.acquireTimeout();
        Deadline until =
                share != null && share.toNanos() < deadline.remainingNanos()
                        ? Deadline.after(share)
                        : deadline;
        while (waiter.waiting() && !cancellation.cancelled() && !until.expired()) {
            cancellation.park(until);
        }
        if (waiter.waiting()) {
            leave(waiter);
        }
        boolean cancelled = cancellation.cancelled();
        switch (waiter.outcome) {
            case CONNECTION -> {
                Connection granted = waiter.connection;
                if (!cancelled || granted == null) {
                    return granted;
                }
                giveBackUnused(granted);
            }
            case SLOT -> {
                if (!cancelled && !deadline.expired()) {
                    return null;
                }
                openFailed();
            }
            case POOL_CLOSED -> cancelled = true;
            case WAITING, LEFT -> {}
        }
        if (cancelled) {
            throw Failures.closed("connect", where(to), ClosedBy.CANCELLED, Failures.NONE);
        }
        throw new OperationTimeoutException(
                "connect (queued)"
                        + where(to)
                        + ": timeout after "
                        + Failures.millis(until.limit())
                        + " in the queue of pool "
                        + key.poolName(),
                "connect (queued)",
                until.limit(),
                Failures.NONE);
    }

    private static String where(Target to) {
        return " " + to.kind() + " ->" + to.endpoint();
    }

    private void leave(PoolWaiter<Connection> waiter) {
        lock.lock();
        try {
            ledger.leave(waiter, System.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    private static String endOfIdle(int state) {
        return state == Connection.BYTES ? Miss.UNASKED : Miss.PEER_CLOSED;
    }

    private @Nullable Connection replace(Connection dead, String why) {
        Connection next;
        Connection doomed;
        PoolWaiter<Connection> woken;
        lock.lock();
        try {
            next = ledger.replaceDead(dead, why, System.nanoTime());
            doomed = ledger.takeDoomed();
            woken = ledger.takeWoken();
        } finally {
            lock.unlock();
        }
        wake(woken);
        closeDoomed(doomed);
        return next;
    }

    private Connection open(ConnectAttempt attempt) throws IOException {
        Connection fresh = null;
        try {
            fresh = attempt.open(key);
            fresh.pool = this;
        } finally {
            if (fresh == null) {
                openFailed();
            }
        }
        lock.lock();
        try {
            ledger.opened(fresh, System.nanoTime());
        } finally {
            lock.unlock();
        }
        return fresh;
    }

    private void openFailed() {
        PoolWaiter<Connection> woken;
        lock.lock();
        try {
            ledger.openFailed(System.nanoTime());
            woken = ledger.takeWoken();
        } finally {
            lock.unlock();
        }
        wake(woken);
    }

    // --- the end of a lease

    /** Keeps a connection whose socket has no bytes left and no operation half done. */
    Release release(Connection connection, long idleNanos) {
        return switch (connection.lookBeforeUse()) {
            case Connection.QUIET -> giveBack(connection, idleNanos, false);
            case Connection.ENDED -> drop(connection, Miss.PEER_CLOSED, Release.CLOSED);
            default -> drop(connection, dirty("bytes nobody asked for"), Release.DUBIOUS_STATE);
        };
    }

    private void giveBackUnused(Connection connection) {
        giveBack(connection, 0, true);
    }

    private Release giveBack(Connection connection, long idleNanos, boolean unused) {
        PoolLedger.Return verdict;
        Connection doomed;
        PoolWaiter<Connection> woken;
        lock.lock();
        try {
            long now = System.nanoTime();
            lastUseNanos = now;
            verdict =
                    unused
                            ? ledger.returnUnused(connection, now)
                            : ledger.giveBack(connection, idleNanos, now);
            doomed = ledger.takeDoomed();
            woken = ledger.takeWoken();
        } finally {
            lock.unlock();
        }
        wake(woken);
        closeDoomed(doomed);
        return switch (verdict) {
            case KEPT -> {
                registry.someIdle();
                yield Release.KEPT;
            }
            case FULL -> drop(connection, Miss.EVICTED, Release.POOL_FULL);
            case AGED -> drop(connection, Miss.AGED, Release.CLOSED);
            case CLOSED -> drop(connection, Miss.CLEARED, Release.SHUTTING_DOWN);
        };
    }

    /** Closes what nobody holds any more and that is not kept. */
    private Release drop(Connection connection, String why, Release verdict) {
        LOG.debug("not kept: {}, {}", why, key);
        connection.transport.close();
        lost(connection, why);
        return verdict;
    }

    /** Words why release refused a connection. */
    static String reason(Release refused, boolean peerEnded) {
        String why =
                switch (refused) {
                    case UNREAD_DATA -> dirty("unread data");
                    case OPERATION_FAILED -> dirty("an operation failed or was unfinished");
                    default -> peerEnded ? Miss.PEER_CLOSED : dirty("half-closed");
                };
        LOG.debug("not kept: {}", why);
        return why;
    }

    private static String dirty(String what) {
        return Miss.DIRTY + ": " + what + ", " + CallSite.find();
    }

    /** Notes that a leased connection was closed. */
    void lost(Connection connection, String why) {
        PoolWaiter<Connection> woken;
        lock.lock();
        try {
            ledger.lost(connection, why, System.nanoTime());
            woken = ledger.takeWoken();
        } finally {
            lock.unlock();
        }
        wake(woken);
    }

    // --- the idle ones, by the watcher's thread

    /**
     * Drops what is idle for too long, and gives those to watch from now on. Tells by null that the
     * pool is empty and was not used since {@code unusedSinceNanos}: it must be forgotten.
     */
    @Nullable List<Connection> tick(long nowNanos, long idleSinceNanos, long unusedSinceNanos) {
        List<Connection> unwatched;
        Connection doomed;
        lock.lock();
        try {
            if (ledger.open() == 0
                    && ledger.waiting() == 0
                    && lastUseNanos - unusedSinceNanos <= 0) {
                retired = true;
                return null;
            }
            ledger.expire(nowNanos);
            unwatched = ledger.unwatched(idleSinceNanos);
            doomed = ledger.takeDoomed();
        } finally {
            lock.unlock();
        }
        closeDoomed(doomed);
        return unwatched;
    }

    /**
     * Looks at an idle connection that became readable. TLS may have had something to say, anything
     * else ends it.
     *
     * @return false when it is not idle any more
     */
    boolean inspect(Connection connection) {
        lock.lock();
        try {
            if (!ledger.claim(connection)) {
                return false;
            }
        } finally {
            lock.unlock();
        }
        int state = connection.look();
        boolean quiet = state == Connection.QUIET;
        if (!quiet) {
            LOG.debug("an idle connection ended: {}", key);
            connection.transport.close();
        }
        Connection doomed;
        PoolWaiter<Connection> woken;
        lock.lock();
        try {
            long now = System.nanoTime();
            if (quiet) {
                ledger.putBack(connection, now);
            } else {
                ledger.dropProbed(connection, endOfIdle(state), now);
            }
            doomed = ledger.takeDoomed();
            woken = ledger.takeWoken();
        } finally {
            lock.unlock();
        }
        wake(woken);
        closeDoomed(doomed);
        return true;
    }

    boolean hasIdle() {
        lock.lock();
        try {
            return ledger.idle() > 0;
        } finally {
            lock.unlock();
        }
    }

    void clear() {
        Connection doomed;
        lock.lock();
        try {
            ledger.clear();
            doomed = ledger.takeDoomed();
        } finally {
            lock.unlock();
        }
        closeDoomed(doomed);
    }

    void close() {
        Connection doomed;
        PoolWaiter<Connection> woken;
        lock.lock();
        try {
            ledger.close(System.nanoTime());
            doomed = ledger.takeDoomed();
            woken = ledger.takeWoken();
        } finally {
            lock.unlock();
        }
        wake(woken);
        closeDoomed(doomed);
    }

    PoolStats stats() {
        lock.lock();
        try {
            PoolLimits limits = ledger.limits();
            return new PoolStats(
                    key.poolName(),
                    key.endpoint(),
                    ledger.open(),
                    ledger.idle(),
                    ledger.busy(),
                    ledger.waiting(),
                    ledger.acquired(),
                    ledger.reused(),
                    ledger.misses().counts(),
                    Duration.ofNanos(ledger.waitedNanos()),
                    limits.maxIdle(),
                    limits.maxOpen(),
                    limits.maxWaiting(),
                    conflict);
        } finally {
            lock.unlock();
        }
    }

    PoolKey key() {
        return key;
    }

    // --- what the ledger asked for; never under the lock

    private static void wake(@Nullable PoolWaiter<Connection> chain) {
        for (PoolWaiter<Connection> at = chain; at != null; ) {
            PoolWaiter<Connection> next = at.behind;
            LockSupport.unpark(at.thread);
            at = next;
        }
    }

    private void closeDoomed(@Nullable PoolEntry chain) {
        if (chain == null) {
            return;
        }
        int count = 0;
        for (PoolEntry at = chain; at != null; at = at.older) {
            ((Connection) at).transport.close();
            count++;
        }
        PoolWaiter<Connection> woken;
        lock.lock();
        try {
            ledger.closed(count, System.nanoTime());
            woken = ledger.takeWoken();
        } finally {
            lock.unlock();
        }
        wake(woken);
    }
}
