package io.cosocket;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/**
 * How connections of one pool are kept and limited.
 *
 * @param name adds to the pool's key, so that call sites can have pools of their own; null for none
 * @param maxIdle most idle connections kept; 0 and more, 30
 * @param maxOpen most connections open at once, idle ones included; 1 and more, unlimited
 * @param maxWaiting most connects that wait for one of a full pool; 0 and more, unlimited
 * @param acquireTimeout longest wait in the queue; null for the connect time-out, which it can only
 *     shorten
 * @param idleTimeout longest time a connection stays idle; 60 s
 * @param maxAge longest life of a connection, after which it is not reused; null for none
 * @param shared whether all endpoints share the pool of this name, so that a connect may get a
 *     connection to another endpoint, as the original's {@code pool} option allows; false
 */
public record PoolOptions(
        @Nullable String name,
        int maxIdle,
        int maxOpen,
        int maxWaiting,
        @Nullable Duration acquireTimeout,
        Duration idleTimeout,
        @Nullable Duration maxAge,
        boolean shared) {
    /** Stands for no limit of a count. */
    public static final int UNLIMITED = Integer.MAX_VALUE;

    private static final PoolOptions DEFAULTS =
            new PoolOptions(
                    null, 30, UNLIMITED, UNLIMITED, null, Duration.ofSeconds(60), null, false);

    /** Checks every value. */
    public PoolOptions {
        Checks.range("maxIdle", maxIdle, 0, UNLIMITED);
        Checks.range("maxOpen", maxOpen, 1, UNLIMITED);
        Checks.range("maxWaiting", maxWaiting, 0, UNLIMITED);
        Checks.positive("idleTimeout", idleTimeout);
        if (acquireTimeout != null) {
            Checks.positive("acquireTimeout", acquireTimeout);
        }
        if (maxAge != null) {
            Checks.positive("maxAge", maxAge);
        }
        if (shared && name == null) {
            throw new IllegalArgumentException("bad shared: true (allowed: with a name only)");
        }
    }

    /** Gives the defaults named above. */
    public static PoolOptions defaults() {
        return DEFAULTS;
    }

    /** Gives a copy with another name. */
    public PoolOptions withName(String value) {
        return new PoolOptions(
                Checks.notNull("name", value),
                maxIdle,
                maxOpen,
                maxWaiting,
                acquireTimeout,
                idleTimeout,
                maxAge,
                shared);
    }

    /** Gives a copy with another count of idle connections. */
    public PoolOptions withMaxIdle(int value) {
        return new PoolOptions(
                name, value, maxOpen, maxWaiting, acquireTimeout, idleTimeout, maxAge, shared);
    }

    /** Gives a copy with another count of open connections. */
    public PoolOptions withMaxOpen(int value) {
        return new PoolOptions(
                name, maxIdle, value, maxWaiting, acquireTimeout, idleTimeout, maxAge, shared);
    }

    /** Gives a copy with another count of waiting connects. */
    public PoolOptions withMaxWaiting(int value) {
        return new PoolOptions(
                name, maxIdle, maxOpen, value, acquireTimeout, idleTimeout, maxAge, shared);
    }

    /** Gives a copy with another longest wait in the queue. */
    public PoolOptions withAcquireTimeout(Duration value) {
        return new PoolOptions(
                name,
                maxIdle,
                maxOpen,
                maxWaiting,
                Checks.positive("acquireTimeout", value),
                idleTimeout,
                maxAge,
                shared);
    }

    /** Gives a copy with another idle time. */
    public PoolOptions withIdleTimeout(Duration value) {
        return new PoolOptions(
                name, maxIdle, maxOpen, maxWaiting, acquireTimeout, value, maxAge, shared);
    }

    /** Gives a copy with another longest life. */
    public PoolOptions withMaxAge(Duration value) {
        return new PoolOptions(
                name,
                maxIdle,
                maxOpen,
                maxWaiting,
                acquireTimeout,
                idleTimeout,
                Checks.positive("maxAge", value),
                shared);
    }

    /** Gives a copy whose pool all endpoints share or not; a shared one needs a name. */
    public PoolOptions withShared(boolean value) {
        return new PoolOptions(
                name, maxIdle, maxOpen, maxWaiting, acquireTimeout, idleTimeout, maxAge, value);
    }
}
