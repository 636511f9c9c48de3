package io.cosocket;

/**
 * Settings of a runtime.
 *
 * @param timeouts of sockets that set none of their own; 60 s each
 * @param pool of connects that set none of their own
 * @param resolver how names become addresses; the system's
 * @param maxReceiveBytes most bytes of one exact receive, line or delimited piece that names no
 *     limit of its own; 1 and more, 16 MiB
 * @param maxTimers most timers pending at once; 1 and more, 1024
 * @param logSocketErrors whether each failed socket operation is logged in one line besides being
 *     thrown ({@code lua_socket_log_errors}); true
 */
public record CosocketConfig(
        Timeouts timeouts,
        PoolOptions pool,
        Resolver resolver,
        int maxReceiveBytes,
        int maxTimers,
        boolean logSocketErrors) {
    private static final CosocketConfig DEFAULTS =
            new CosocketConfig(
                    Timeouts.defaults(),
                    PoolOptions.defaults(),
                    Resolver.system(),
                    16 << 20,
                    1024,
                    true);

    /** Checks every value. */
    public CosocketConfig {
        Checks.notNull("timeouts", timeouts);
        Checks.notNull("pool", pool);
        Checks.notNull("resolver", resolver);
        Checks.range("maxReceiveBytes", maxReceiveBytes, 1, Integer.MAX_VALUE - 8);
        Checks.range("maxTimers", maxTimers, 1, Integer.MAX_VALUE);
    }

    /** Gives the defaults named above. */
    public static CosocketConfig defaults() {
        return DEFAULTS;
    }

    /** Gives a copy with other time-outs. */
    public CosocketConfig withTimeouts(Timeouts value) {
        return new CosocketConfig(
                value, pool, resolver, maxReceiveBytes, maxTimers, logSocketErrors);
    }

    /** Gives a copy with other pool options. */
    public CosocketConfig withPool(PoolOptions value) {
        return new CosocketConfig(
                timeouts, value, resolver, maxReceiveBytes, maxTimers, logSocketErrors);
    }

    /** Gives a copy with another resolver. */
    public CosocketConfig withResolver(Resolver value) {
        return new CosocketConfig(
                timeouts, pool, value, maxReceiveBytes, maxTimers, logSocketErrors);
    }

    /** Gives a copy with another limit of one receive. */
    public CosocketConfig withMaxReceiveBytes(int value) {
        return new CosocketConfig(timeouts, pool, resolver, value, maxTimers, logSocketErrors);
    }

    /** Gives a copy with another limit of pending timers. */
    public CosocketConfig withMaxTimers(int value) {
        return new CosocketConfig(
                timeouts, pool, resolver, maxReceiveBytes, value, logSocketErrors);
    }

    /** Gives a copy that logs socket errors or not. */
    public CosocketConfig withLogSocketErrors(boolean value) {
        return new CosocketConfig(timeouts, pool, resolver, maxReceiveBytes, maxTimers, value);
    }
}
