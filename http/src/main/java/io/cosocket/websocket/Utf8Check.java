package io.cosocket.websocket;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Checks UTF-8 (RFC 3629) piece by piece and finds the first bad byte wherever the pieces are cut.
 * No surrogates, no overlong forms, nothing above U+10FFFF.
 */
final class Utf8Check {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;

    /** How many bytes of the character begun are still to come. */
    private int missing;

    /** The range of the next of them, unsigned; only the second byte of a character has its own. */
    private int least = 0x80;

    private int most = 0xBF;

    /** Checks the next piece; false at the first byte that no valid text can have here. */
    boolean accept(byte[] bytes, int offset, int length) {
        int at = offset;
        int end = offset + length;
        while (at < end) {
            if (missing == 0) {
                at = skipAscii(bytes, at, end);
                if (at < end && !begin(bytes[at++] & 0xFF)) {
                    return false;
                }
            } else {
                int next = bytes[at++] & 0xFF;
                if (next < least || next > most) {
                    return false;
                }
                least = 0x80;
                most = 0xBF;
                missing--;
            }
        }
        return true;
    }

    /** Tells whether the text may end here, that is, not within a character. */
    boolean complete() {
        return missing == 0;
    }

    /** Forgets everything, for the next text. */
    void reset() {
        missing = 0;
        least = 0x80;
        most = 0xBF;
    }

    private static int skipAscii(byte[] bytes, int from, int end) {
        int at = from;
        while (at <= end - 8 && ((long) LONGS.get(bytes, at) & HIGH_BITS) == 0) {
            at += 8;
        }
        while (at < end && bytes[at] >= 0) {
            at++;
        }
        return at;
    }

    private boolean begin(int first) {
        if (first < 0xC2 || first > 0xF4) {
            return false;
        }
        if (first < 0xE0) {
            missing = 1;
        } else if (first < 0xF0) {
            missing = 2;
            least = first == 0xE0 ? 0xA0 : 0x80;
            most = first == 0xED ? 0x9F : 0xBF;
        } else {
            missing = 3;
            least = first == 0xF0 ? 0x90 : 0x80;
            most = first == 0xF4 ? 0x8F : 0xBF;
        }
        return true;
    }
}
