package io.cosocket;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Finds a byte string in a stream that comes in pieces, in linear time.
 *
 * <p>The state between pieces is how many bytes of the delimiter the data so far ends with. Small
 * pieces walk an automaton byte by byte: a flat table for delimiters of up to 255 bytes,
 * Knuth-Morris-Pratt links beyond. Large ones are skimmed eight places at a time for one where both
 * the first and the last byte of the delimiter stand; what is compared there in vain is counted,
 * and data that makes it too much is walked instead, so that no data takes more than linear time.
 */
final class DelimiterSearch {
    private static final int TABLE_MOST_BYTES = 255;
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** Pieces below this many times the delimiter's length are walked. */
    private static final int SKIM_FACTOR = 4;

    /**
     * What may be compared in vain before anything was passed, and what a look at a place costs.
     */
    private static final int VAIN_BYTES = 256;

    private static final int LOOK_BYTES = 8;

    private final byte[] delimiter;
    private final long firstByte;
    private final long lastByte;

    /** Next state of (state, byte), shifted left by 8 to be the next row; empty when too long. */
    private final char[] table;

    /** For each state the longest shorter state that the same bytes may be; used without table. */
    private final int[] links;

    DelimiterSearch(byte[] delimiter) {
        this.delimiter = delimiter;
        this.firstByte = (delimiter[0] & 0xFF) * ONES;
        this.lastByte = (delimiter[delimiter.length - 1] & 0xFF) * ONES;
        this.links = links(delimiter);
        this.table =
                delimiter.length == 1 || delimiter.length > TABLE_MOST_BYTES
                        ? new char[0]
                        : table(delimiter, links);
    }

    int length() {
        return delimiter.length;
    }

    /** Copies {@code count} bytes of the delimiter from {@code from} on. */
    void copy(int from, byte[] target, int offset, int count) {
        System.arraycopy(delimiter, from, target, offset, count);
    }

    /**
     * Searches {@code data[from, to)}; the {@code state} bytes before {@code from} are those of the
     * delimiter that the data so far ends with.
     *
     * @param state 0 at the beginning, later what the last piece left
     * @return the index after the delimiter, or the new state as {@code ~state}
     */
    int search(byte[] data, int from, int to, int state) {
        int length = delimiter.length;
        if (length == 1) {
            int at = skim(data, from, to);
            return at < 0 ? ~0 : at + 1;
        }
        if ((to - from) / SKIM_FACTOR < length) {
            return walk(data, from, to, state);
        }
        int start = from - state;
        int last = to - length; // the last place where the whole delimiter fits
        long vain = 0;
        for (int at = start; (at = skim(data, at, last + 1)) >= 0; at++) {
            int same = Arrays.mismatch(data, at, at + length, delimiter, 0, length);
            if (same < 0) {
                return at + length;
            }
            vain += same + LOOK_BYTES;
            if (vain > VAIN_BYTES + 2L * (at - start)) {
                return walk(data, at, to, 0);
            }
        }
        return walk(data, last + 1, to, 0);
    }

    private int walk(byte[] data, int from, int to, int state) {
        return table.length > 0
                ? walkTable(data, from, to, state)
                : walkLinks(data, from, to, state);
    }

    private int walkTable(byte[] data, int from, int to, int state) {
        char[] next = table;
        int found = delimiter.length << 8;
        int row = state << 8;
        for (int i = from; i < to; i++) {
            row = next[row | (data[i] & 0xFF)];
            if (row == found) {
                return i + 1;
            }
        }
        return ~(row >>> 8);
    }

    private int walkLinks(byte[] data, int from, int to, int initial) {
        byte[] pattern = delimiter;
        int state = initial;
        for (int i = from; i < to; i++) {
            byte b = data[i];
            while (state > 0 && pattern[state] != b) {
                state = links[state];
            }
            if (pattern[state] == b && ++state == pattern.length) {
                return i + 1;
            }
        }
        return ~state;
    }

    /**
     * Finds the next place in {@code [from, to)} where first and last byte of the delimiter stand;
     * a zero byte in both differences is a hit. The delimiter fits at each of these places.
     */
    private int skim(byte[] data, int from, int to) {
        int reach = delimiter.length - 1;
        int i = from;
        for (int wordsEnd = to - 15; i < wordsEnd; i += 16) {
            long a = differences(data, i, reach);
            long b = differences(data, i + 8, reach);
            if ((((a - ONES) & ~a | (b - ONES) & ~b) & HIGHS) != 0) {
                break;
            }
        }
        for (int wordEnd = to - 7; i < wordEnd; i += 8) {
            long word = differences(data, i, reach);
            long hits = (word - ONES) & ~word & HIGHS;
            if (hits != 0) {
                return i + (Long.numberOfTrailingZeros(hits) >>> 3);
            }
        }
        byte first = delimiter[0];
        for (byte last = delimiter[reach]; i < to; i++) {
            if (data[i] == first && data[i + reach] == last) {
                return i;
            }
        }
        return -1;
    }

    private long differences(byte[] data, int at, int reach) {
        return ((long) LONGS.get(data, at) ^ firstByte)
                | ((long) LONGS.get(data, at + reach) ^ lastByte);
    }

    private static int[] links(byte[] pattern) {
        int[] links = new int[pattern.length + 1];
        int state = 0;
        for (int i = 1; i < pattern.length; i++) {
            while (state > 0 && pattern[state] != pattern[i]) {
                state = links[state];
            }
            if (pattern[state] == pattern[i]) {
                state++;
            }
            links[i + 1] = state;
        }
        return links;
    }

    private static char[] table(byte[] pattern, int[] links) {
        char[] next = new char[pattern.length << 8];
        for (int state = 0; state < pattern.length; state++) {
            int row = state << 8;
            if (state > 0) {
                System.arraycopy(next, links[state] << 8, next, row, 256);
            }
            next[row | (pattern[state] & 0xFF)] = (char) ((state + 1) << 8);
        }
        return next;
    }
}
