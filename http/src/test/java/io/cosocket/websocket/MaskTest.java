package io.cosocket.websocket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;

import java.util.Random;

class MaskTest {
    private static final int KEY = 0x37FA213D;

    @Test
    void masksAsTheRfcDoesAtEveryOffsetLengthAndPosition() {
        byte[] source = new byte[80];
        new Random(1).nextBytes(source);

        for (int length = 0; length <= 40; length++) {
            for (int offset = 0; offset < 9; offset++) {
                for (int position = 0; position < 5; position++) {
                    byte[] target = new byte[80];
                    Mask.copy(source, offset, target, offset + 3, length, KEY, position);

                    byte[] expected = new byte[80];
                    for (int i = 0; i < length; i++) {
                        int octet = KEY >>> 24 - 8 * ((position + i) % 4);
                        expected[offset + 3 + i] = (byte) (source[offset + i] ^ octet);
                    }
                    assertArrayEquals(expected, target);
                }
            }
        }
    }

    @Test
    void maskingTwiceGivesTheSameBytes() {
        byte[] bytes = new byte[1001];
        new Random(2).nextBytes(bytes);
        byte[] copy = bytes.clone();

        Mask.apply(copy, 0, copy.length, KEY, 7);
        Mask.apply(copy, 0, 333, KEY, 7);
        Mask.apply(copy, 333, copy.length - 333, KEY, 7 + 333);

        assertArrayEquals(bytes, copy);
    }
}
