package io.cosocket.transport;

import java.time.Duration;

/**
 * Until when an operation may wait; the only place that calculates with the nano clock.
 *
 * <p>An inactivity deadline starts anew with each progress and takes up a limit changed meanwhile;
 * a fixed one never moves. Threads: start, progress and the questions belong to the thread of the
 * operation; the limit may be set from any thread.
 */
public final class Deadline {
    /** No longer limit is kept, 146 years: differences of clock values stay in range. */
    private static final long LONGEST_NANOS = Long.MAX_VALUE / 2;

    private final boolean fixed;
    private volatile long limitNanos;

    /** The limit that counts at present. */
    private long usedNanos;

    private long expiryNanos;

    private Deadline(boolean fixed, Duration limit) {
        this.fixed = fixed;
        this.limitNanos = nanos(limit);
        this.usedNanos = limitNanos;
        this.expiryNanos = System.nanoTime() + usedNanos;
    }

    /** Makes a deadline that each progress moves. {@link #start()} it before use. */
    public static Deadline ofInactivity(Duration limit) {
        return new Deadline(false, limit);
    }

    /** Makes a deadline that is {@code limit} from now and stays there. */
    public static Deadline after(Duration limit) {
        return new Deadline(true, limit);
    }

    /** Sets the limit; a wait under way takes it up at its next progress. */
    public void limit(Duration limit) {
        limitNanos = nanos(limit);
    }

    /** Gives the limit. */
    public Duration limit() {
        return Duration.ofNanos(limitNanos);
    }

    /** Gives the limit as it was when the time began that counts now. */
    public Duration used() {
        return Duration.ofNanos(usedNanos);
    }

    /** Begins an operation: the time counts from now, unless the deadline is fixed. */
    public void start() {
        progress();
    }

    /** Notes progress: the time counts from now, unless the deadline is fixed. */
    public void progress() {
        if (!fixed) {
            usedNanos = limitNanos;
            expiryNanos = System.nanoTime() + usedNanos;
        }
    }

    /** Gives the moment of expiry on {@link System#nanoTime()}'s clock. */
    public long expiryNanos() {
        return expiryNanos;
    }

    /** Gives the time left, zero or negative when there is none. */
    public long remainingNanos() {
        return expiryNanos - System.nanoTime();
    }

    /** Tells whether the time is up. */
    public boolean expired() {
        return remainingNanos() <= 0;
    }

    private static long nanos(Duration limit) {
        return limit.getSeconds() > LONGEST_NANOS / 1_000_000_000L
                ? LONGEST_NANOS
                : limit.toNanos();
    }
}
