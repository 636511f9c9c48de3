package io.cosocket.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

class Utf8CheckTest {
    @Test
    void acceptsEveryCharacterCutAtEveryByte() {
        for (int point = 0; point <= Character.MAX_CODE_POINT; point++) {
            if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
                continue;
            }
            byte[] bytes = Character.toString(point).getBytes(StandardCharsets.UTF_8);
            Utf8Check check = new Utf8Check();
            for (int i = 0; i < bytes.length; i++) {
                assertEquals(i == 0, check.complete());
                assertTrue(check.accept(bytes, i, 1));
            }
            assertTrue(check.complete());
        }
    }

    @Test
    void judgesRandomBytesAsTheJdkDoes() {
        Random random = new Random(3);
        byte[] likely = {
            0x41,
            (byte) 0x80,
            (byte) 0xBF,
            (byte) 0xC0,
            (byte) 0xC2,
            (byte) 0xE0,
            (byte) 0xA0,
            (byte) 0x9F,
            (byte) 0xED,
            (byte) 0xEF,
            (byte) 0xF0,
            (byte) 0x8F,
            (byte) 0x90,
            (byte) 0xF4,
            (byte) 0xF5,
            (byte) 0xFF
        };
        for (int round = 0; round < 60_000; round++) {
            byte[] bytes = new byte[random.nextInt(12)];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = likely[random.nextInt(likely.length)];
            }
            Utf8Check check = new Utf8Check();
            boolean valid = check.accept(bytes, 0, bytes.length) && check.complete();
            assertEquals(decodes(bytes), valid, () -> Arrays.toString(bytes));
        }
    }

    @Test
    void failsAtTheFirstBadByte() {
        byte[] bytes = "κόσμε".getBytes(StandardCharsets.UTF_8);
        byte[] surrogate = {(byte) 0xED, (byte) 0xA0, (byte) 0x80};
        Utf8Check check = new Utf8Check();

        assertTrue(check.accept(bytes, 0, bytes.length));
        assertTrue(check.accept(surrogate, 0, 1));
        assertFalse(check.accept(surrogate, 1, 1));
    }

    @Test
    void findsABadByteBehindLongAscii() {
        for (int length = 0; length < 70; length++) {
            byte[] bytes = new byte[length + 1];
            bytes[length] = (byte) 0xFF;
            assertFalse(new Utf8Check().accept(bytes, 0, bytes.length));
            assertTrue(new Utf8Check().accept(bytes, 0, length));
        }
    }

    private static boolean decodes(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
