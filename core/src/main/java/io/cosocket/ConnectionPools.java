package io.cosocket;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** All pools of a runtime, by key. Threads: any. */
final class ConnectionPools {
    /** How long an empty pool nobody uses keeps its statistics. */
    private static final long KEEP_EMPTY_NANOS = TimeUnit.MINUTES.toNanos(5);

    /** Above so many pools the empty ones are forgotten at once. */
    private static final int POOLS_EXPECTED = 4096;

    /** Whoever connects; asked only when no idle connection serves it at once. */
    @FunctionalInterface
    interface Caller {
        /** Begins the part of a connect that waits. */
        ConnectAttempt begin();
    }

    private final ConcurrentHashMap<PoolKey, ConnectionPool> pools = new ConcurrentHashMap<>();
    private final IdleWatcher watcher = new IdleWatcher(this);
    private volatile boolean closed;

    /**
     * Gives a connection: the one that became idle last, or a fresh one, or what it gets by waiting
     * in line.
     *
     * @throws PoolLimitException when too many wait
     * @throws OperationTimeoutException {@code connect (queued)}
     * @throws SocketClosedException when cancelled in the queue
     * @throws IOException what the attempt to open one throws
     */
    Connection acquire(PoolKey key, Target to, PoolOptions options, Caller caller)
            throws IOException {
        while (true) {
            ConnectionPool pool = pools.get(key);
            if (pool == null) {
                pool = add(key, options);
            }
            Connection connection = pool.acquire(to, options, caller);
            if (connection != null) {
                return connection;
            }
            pools.remove(key, pool);
        }
    }

    private ConnectionPool add(PoolKey key, PoolOptions options) {
        ConnectionPool pool =
                pools.computeIfAbsent(key, absent -> new ConnectionPool(absent, options, this));
        if (pools.size() > POOLS_EXPECTED) {
            watcher.rouse();
        }
        if (closed) {
            pool.close();
        }
        return pool;
    }

    /** Keeps a connection, or closes it and says why. Its socket has found it clean. */
    Release release(Connection connection, Duration maxIdle) {
        return connection.pool().release(connection, maxIdle.toNanos());
    }

    /**
     * Notes why release closes a connection. Called by the thread that releases.
     *
     * @param peerEnded whether it was the peer who ended the stream
     */
    void refuse(Connection connection, Release why, boolean peerEnded) {
        connection.lossReason = ConnectionPool.reason(why, peerEnded);
    }

    /** Notes that a connection was closed. */
    void discard(Connection connection) {
        ConnectionPool pool = connection.pool;
        if (pool != null) { // else it failed between connect and the pool
            pool.lost(connection, connection.lossReason);
        }
    }

    List<PoolStats> stats() {
        List<PoolStats> all = new ArrayList<>();
        pools.values().forEach(pool -> all.add(pool.stats()));
        return List.copyOf(all);
    }

    void clear(String name) {
        for (ConnectionPool pool : pools.values()) {
            if (pool.key().poolName().equals(name)) {
                pool.clear();
            }
        }
    }

    void close() {
        closed = true;
        pools.values().forEach(ConnectionPool::close);
        watcher.close();
    }

    // --- with the watcher

    /** Tells the watcher, should it sleep, that there is something to watch. */
    void someIdle() {
        watcher.rouse();
    }

    boolean hasIdle() {
        if (pools.size() > POOLS_EXPECTED) {
            return true; // so many, that the empty ones must go
        }
        for (ConnectionPool pool : pools.values()) {
            if (pool.hasIdle()) {
                return true;
            }
        }
        return false;
    }

    /** Drops what is idle for too long, and adds those idle since a moment to {@code unwatched}. */
    void tick(long nowNanos, long idleSinceNanos, List<Connection> unwatched) {
        long keep = pools.size() > POOLS_EXPECTED ? 0 : KEEP_EMPTY_NANOS;
        for (ConnectionPool pool : pools.values()) {
            List<Connection> more = pool.tick(nowNanos, idleSinceNanos, nowNanos - keep);
            if (more == null) {
                pools.remove(pool.key(), pool);
            } else {
                unwatched.addAll(more);
            }
        }
    }
}
