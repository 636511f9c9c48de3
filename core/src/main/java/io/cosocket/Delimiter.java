package io.cosocket;

import java.nio.charset.StandardCharsets;

/**
 * A byte string that ends a piece of a stream, compiled once for {@link Receiver#receiveUntil} and
 * {@link Receiver#streamUntil} ({@code receiveuntil}). Keep it in a static field.
 *
 * <p>Threads: immutable. The search takes linear time whatever the data.
 */
public final class Delimiter {
    /** Delimiters longer than this would hold the stream's buffer for no use. */
    private static final int LONGEST_BYTES = 1 << 20;

    private final DelimiterSearch search;
    private final boolean inclusive;

    /** 0 stands for the configured limit. */
    private final int maxBytes;

    private Delimiter(DelimiterSearch search, boolean inclusive, int maxBytes) {
        this.search = search;
        this.inclusive = inclusive;
        this.maxBytes = maxBytes;
    }

    /**
     * Compiles a text, encoded as UTF-8.
     *
     * @throws IllegalArgumentException {@code pattern is empty}, or longer than 1 MiB
     */
    public static Delimiter of(String utf8) {
        return of(Checks.notNull("delimiter", utf8).getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Compiles a byte string, which is copied.
     *
     * @throws IllegalArgumentException {@code pattern is empty}, or longer than 1 MiB
     */
    public static Delimiter of(byte[] bytes) {
        int length = Checks.notNull("delimiter", bytes).length;
        if (length == 0) {
            throw new IllegalArgumentException(
                    "pattern is empty (allowed: delimiters of 1 to " + LONGEST_BYTES + " bytes)");
        }
        Checks.range("delimiter length", length, 1, LONGEST_BYTES);
        return new Delimiter(new DelimiterSearch(bytes.clone()), false, 0);
    }

    /** Gives a delimiter that is returned as the end of what it ends ({@code inclusive=true}). */
    public Delimiter inclusive() {
        return new Delimiter(search, true, maxBytes);
    }

    /**
     * Gives a delimiter that must come within {@code maxBytes}, itself not counted.
     *
     * @param maxBytes at least 1
     */
    public Delimiter withLimit(int maxBytes) {
        return new Delimiter(
                search, inclusive, Checks.range("delimiter limit", maxBytes, 1, Integer.MAX_VALUE));
    }

    DelimiterSearch search() {
        return search;
    }

    boolean isInclusive() {
        return inclusive;
    }

    /** Gives the limit, or {@code configured} when none was set. */
    int maxBytes(int configured) {
        return maxBytes == 0 ? configured : maxBytes;
    }
}
