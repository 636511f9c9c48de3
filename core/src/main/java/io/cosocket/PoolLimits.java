package io.cosocket;

import java.time.Duration;

/** The limits in force for one pool; {@code Long.MAX_VALUE} stands for no maximum age. */
record PoolLimits(int maxIdle, int maxOpen, int maxWaiting, long maxAgeNanos) {
    static PoolLimits of(PoolOptions options) {
        return new PoolLimits(
                options.maxIdle(), options.maxOpen(), options.maxWaiting(), maxAge(options));
    }

    private static long maxAge(PoolOptions options) {
        Duration maxAge = options.maxAge();
        return maxAge == null ? Long.MAX_VALUE : maxAge.toNanos();
    }

    @Override
    public String toString() {
        return "maxIdle "
                + maxIdle
                + ", maxOpen "
                + word(maxOpen)
                + ", maxWaiting "
                + word(maxWaiting)
                + ", maxAge "
                + (maxAgeNanos == Long.MAX_VALUE ? "none" : Duration.ofNanos(maxAgeNanos));
    }

    private static String word(int count) {
        return count == PoolOptions.UNLIMITED ? "unlimited" : Integer.toString(count);
    }

    PoolLimits smaller(PoolLimits other) {
        return new PoolLimits(
                Math.min(maxIdle, other.maxIdle),
                Math.min(maxOpen, other.maxOpen),
                Math.min(maxWaiting, other.maxWaiting),
                Math.min(maxAgeNanos, other.maxAgeNanos));
    }
}
