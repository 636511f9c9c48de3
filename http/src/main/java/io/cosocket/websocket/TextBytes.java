package io.cosocket.websocket;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Turns text into UTF-8 and never sends a replacement character in its place. */
final class TextBytes {
    private static final long LOW_BITS = 0x0101_0101_0101_0101L;
    private static final long HIGH_BITS = LOW_BITS << 7;
    private static final long QUESTION_MARKS = LOW_BITS * '?';

    private TextBytes() {}

    /**
     * Encodes text.
     *
     * @throws IllegalArgumentException when it has half a surrogate pair
     */
    static byte[] of(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        // The encoder writes a question mark for what it cannot encode: the only case to look at.
        if (hasQuestionMark(bytes) && hasHalfPair(text)) {
            throw new IllegalArgumentException("bad text: half a surrogate pair");
        }
        return bytes;
    }

    /**
     * Checks the remaining bytes and leaves the buffer as it is.
     *
     * @throws IllegalArgumentException when they are not UTF-8
     */
    static void check(ByteBuffer utf8) {
        byte[] piece = new byte[Math.min(utf8.remaining(), 1 << 13)];
        Utf8Check check = new Utf8Check();
        boolean good = true;
        for (int at = utf8.position(); good && at < utf8.limit(); at += piece.length) {
            int count = Math.min(piece.length, utf8.limit() - at);
            utf8.get(at, piece, 0, count);
            good = check.accept(piece, 0, count);
        }
        if (!good || !check.complete()) {
            throw new IllegalArgumentException("bad text: not UTF-8");
        }
    }

    private static boolean hasQuestionMark(byte[] bytes) {
        int at = 0;
        for (int end = bytes.length - 8; at <= end; at += 8) {
            long zeroed = (long) FrameHeader.LONGS.get(bytes, at) ^ QUESTION_MARKS;
            if ((zeroed - LOW_BITS & ~zeroed & HIGH_BITS) != 0) {
                return true;
            }
        }
        for (; at < bytes.length; at++) {
            if (bytes[at] == '?') {
                return true;
            }
        }
        return false;
    }

    private static boolean hasHalfPair(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                boolean pair =
                        Character.isHighSurrogate(c)
                                && i + 1 < text.length()
                                && Character.isLowSurrogate(text.charAt(i + 1));
                if (!pair) {
                    return true;
                }
                i++;
            }
        }
        return false;
    }
}
