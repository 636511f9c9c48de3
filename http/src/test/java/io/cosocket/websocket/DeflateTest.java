package io.cosocket.websocket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;

class DeflateTest {
    private static final byte[] HELLO = "Hello".getBytes(StandardCharsets.US_ASCII);

    @ParameterizedTest
    @CsvSource({
        "f248cdc9c90700, one block",
        "f348cdc9c9070000, a block marked as final",
        "000500faff48656c6c6f00, a block without compression",
        "f248050000 00ffffcac9c90700, two blocks"
    })
    void inflatesTheExamplesOfTheRfc(String hex, String what) throws Exception {
        byte[] compressed = HexFormat.of().parseHex(hex.replace(" ", ""));

        for (int cut = 0; cut <= compressed.length; cut++) {
            MessageInflater inflater = new MessageInflater(true);
            assertArrayEquals(HELLO, inflate(inflater, compressed, cut), what);
            assertArrayEquals(HELLO, inflate(inflater, compressed, cut), "again " + what);
        }
    }

    @Test
    void inflatesWithTheContextOfTheMessageBefore() throws Exception {
        MessageInflater inflater = new MessageInflater(true);

        assertArrayEquals(HELLO, inflate(inflater, HexFormat.of().parseHex("f248cdc9c90700"), 3));
        assertArrayEquals(HELLO, inflate(inflater, HexFormat.of().parseHex("f200110000"), 3));
    }

    @Test
    void aMessageWithoutEvenABlockIsEmptyAndHarmsNoOther() throws Exception {
        MessageInflater inflater = new MessageInflater(true);

        for (int i = 0; i < 2; i++) {
            assertArrayEquals(new byte[0], inflate(inflater, new byte[0], 0));
            assertArrayEquals(
                    HELLO, inflate(inflater, HexFormat.of().parseHex("f248cdc9c90700"), 3));
        }
        assertArrayEquals(HELLO, inflate(inflater, HexFormat.of().parseHex("f200110000"), 3));
    }

    @Test
    void deflatesTheExamplesOfTheRfc() {
        MessageDeflater keeping = new MessageDeflater(-1, true, 15);
        assertEquals("f248cdc9c90700", hex(keeping, HELLO));
        assertEquals("f200110000", hex(keeping, HELLO));

        MessageDeflater dropping = new MessageDeflater(-1, false, 15);
        assertEquals("f248cdc9c90700", hex(dropping, HELLO));
        assertEquals("f248cdc9c90700", hex(dropping, HELLO));
        assertEquals("00", hex(dropping, new byte[0]));
    }

    @Test
    void givesBackRandomMessagesInParts() throws Exception {
        Random random = new Random(5);
        for (int bits = 8; bits <= 15; bits += 7) {
            for (boolean takeover : new boolean[] {true, false}) {
                MessageDeflater deflater = new MessageDeflater(-1, takeover, bits);
                MessageInflater inflater = new MessageInflater(takeover);
                for (int round = 0; round < 80; round++) {
                    byte[] message = message(random);
                    ByteArrayOutputStream wire = new ByteArrayOutputStream();
                    int at = 0;
                    while (at < message.length && random.nextBoolean()) {
                        int count = random.nextInt(message.length - at + 1);
                        add(wire, deflater.deflate(message, at, count, 14, false));
                        at += count;
                    }
                    add(wire, deflater.deflate(message, at, message.length - at, 14, true));
                    byte[] bytes = wire.toByteArray();
                    int cut = random.nextInt(bytes.length + 1);
                    assertArrayEquals(message, inflate(inflater, bytes, cut));
                }
            }
        }
    }

    @Test
    void aSmallWindowNeverRefersBack() {
        byte[] same = new byte[4096];

        assertTrue(new MessageDeflater(-1, true, 9).deflate(same, 0, 4096, 0, true).length() > 500);
        assertTrue(new MessageDeflater(-1, true, 15).deflate(same, 0, 4096, 0, true).length() < 50);
    }

    @Test
    void refusesWhatIsNotCompressed() {
        byte[] garbage = {(byte) 0xFF, 0x07, 0x11, 0x22};

        WebSocketException error =
                assertThrows(
                        WebSocketException.class,
                        () -> inflate(new MessageInflater(true), garbage, 4));
        assertEquals(1007, error.code());
    }

    private static byte[] message(Random random) {
        byte[] message = new byte[random.nextInt(random.nextInt(4) == 0 ? 100_000 : 300)];
        random.nextBytes(message);
        if (random.nextBoolean()) {
            for (int i = 0; i < message.length; i++) {
                message[i] = (byte) ('a' + (message[i] & 3));
            }
        }
        return message;
    }

    private static void add(ByteArrayOutputStream wire, MessageDeflater.Compressed part) {
        wire.write(part.bytes(), part.offset(), part.length());
    }

    private static String hex(MessageDeflater deflater, byte[] message) {
        MessageDeflater.Compressed part = deflater.deflate(message, 0, message.length, 14, true);
        return HexFormat.of().formatHex(part.bytes(), part.offset(), part.offset() + part.length());
    }

    private static byte[] inflate(MessageInflater inflater, byte[] bytes, int cut)
            throws WebSocketException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        inflater.feed(bytes, 0, cut);
        drain(inflater, out);
        inflater.feed(Arrays.copyOf(bytes, bytes.length), cut, bytes.length - cut);
        drain(inflater, out);
        inflater.feedEnd();
        drain(inflater, out);
        inflater.endMessage();
        return out.toByteArray();
    }

    private static void drain(MessageInflater inflater, ByteArrayOutputStream out)
            throws WebSocketException {
        byte[] piece = new byte[777];
        for (int count; (count = inflater.inflate(piece, 0, piece.length)) > 0; ) {
            out.write(piece, 0, count);
        }
    }
}
