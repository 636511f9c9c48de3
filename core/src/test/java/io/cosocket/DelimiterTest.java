package io.cosocket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** The delimiter search against a naive one, over every split of the input. */
class DelimiterTest {
    private final Cosockets runtime = Cosockets.create();
    private final SocketScope scope = runtime.openScope("delimiters");

    @AfterEach
    void close() {
        runtime.close();
    }

    @ParameterizedTest
    @CsvSource({
        "abcabcabd, abcabd",
        "abcabcaad, aa",
        "abaabcaaaef, aaa",
        "baaaaaaaaeaaaaaaadf, aaaaad",
        "abcabdabcabdabcabe, abcabdabcabe",
        "abcabdabcabcabdabcabe, abcabdabcabe",
        "ababcabdabcabe, abcabdabcabe",
        "----abc, --abc",
        "'hello, world ----abc', --abc",
        "xyxyxz, xyxz",
        "aaaaaaab, aaab",
        "abababac, ababac",
        "x;y;;z, ;",
        "only the delimiter, only the delimiter",
        "it is nowhere in here, there",
        "almost-at-the-en, end",
        "grün und blau, ü"
    })
    void everySplitGivesWhatANaiveSearchFinds(String input, String delimiter) {
        byte[] data = Pieces.bytes(input);
        byte[] wanted = Pieces.bytes(delimiter);

        Pieces.forEverySplit(
                data,
                pieces -> {
                    String where = Pieces.show(pieces);
                    check(data, wanted, pieces, where);
                });
    }

    @Test
    void randomInputGivesWhatANaiveSearchFinds() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 2000; round++) {
            int letters = 1 + random.nextInt(3);
            byte[] data = letters(random, random.nextInt(400), letters);
            byte[] wanted = letters(random, 1 + random.nextInt(12), letters);
            List<byte[]> pieces = Pieces.random(data, 1 + random.nextInt(60), random);
            check(data, wanted, pieces, "seed " + seed + ", round " + round);
        }
    }

    @Test
    void longDelimitersInLongInputAreFound() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 30; round++) {
            byte[] wanted = letters(random, 200 + random.nextInt(2000), 2);
            byte[] data = letters(random, 40_000, 2);
            for (int at = 0, copies = 0; copies < 6; copies++) {
                // whole ones, and beginnings that come to nothing
                int length = random.nextBoolean() ? wanted.length : random.nextInt(wanted.length);
                at += random.nextInt(3000);
                System.arraycopy(wanted, 0, data, at, length);
                at += length;
            }
            List<byte[]> pieces = Pieces.random(data, 1 + random.nextInt(9000), random);
            check(data, wanted, pieces, "seed " + seed + ", round " + round);
        }
    }

    @Test
    void periodicDelimitersOverPeriodicInputAreFound() {
        byte[] data = new byte[20_000];
        Arrays.fill(data, (byte) 'a');
        data[19_000] = 'b';
        for (int length : new int[] {2, 8, 255, 256, 257, 1000}) {
            byte[] wanted = new byte[length];
            Arrays.fill(wanted, (byte) 'a');
            wanted[length - 1] = 'b';
            for (int size : new int[] {1, 7, 4096, 20_000}) {
                check(data, wanted, Pieces.equal(data, size), length + " in pieces of " + size);
            }
        }
    }

    /** Compares all ways to read up to the delimiter with a naive search. */
    private void check(byte[] data, byte[] wanted, List<byte[]> pieces, String where) {
        Delimiter delimiter = Delimiter.of(wanted);
        try {
            checkUntil(data, wanted, delimiter, pieces, where);
            checkUntil(data, wanted, delimiter.inclusive(), pieces, where);
            int readBytes = 1 + Math.floorMod(data.length, 7) * (data.length / 40 + 1);
            checkStream(data, wanted, delimiter, readBytes, pieces, where);
            checkStream(data, wanted, delimiter.inclusive(), readBytes, pieces, where);
        } catch (IOException e) {
            throw new UncheckedIOException(where, e);
        }
    }

    private void checkUntil(
            byte[] data, byte[] wanted, Delimiter delimiter, List<byte[]> pieces, String where)
            throws IOException {
        try (StreamSocket socket = Pieces.socket(scope, pieces)) {
            int at = 0;
            for (int found; (found = Pieces.indexOf(data, wanted, at)) >= 0; ) {
                int end = delimiter.isInclusive() ? found + wanted.length : found;
                assertArrayEquals(
                        Arrays.copyOfRange(data, at, end), socket.receiveUntil(delimiter), where);
                at = found + wanted.length;
            }
            UnexpectedEndException e =
                    assertThrows(
                            UnexpectedEndException.class,
                            () -> socket.receiveUntil(delimiter),
                            where);
            assertArrayEquals(Arrays.copyOfRange(data, at, data.length), e.partial(), where);
        }
    }

    private void checkStream(
            byte[] data,
            byte[] wanted,
            Delimiter delimiter,
            int readBytes,
            List<byte[]> pieces,
            String where)
            throws IOException {
        try (StreamSocket socket = Pieces.socket(scope, pieces)) {
            int at = 0;
            for (int found; (found = Pieces.indexOf(data, wanted, at)) >= 0; ) {
                int end = delimiter.isInclusive() ? found + wanted.length : found;
                InputStream stream = socket.streamUntil(delimiter);
                byte[] target = new byte[readBytes];
                int from = at;
                for (int count; (count = stream.read(target)) >= 0; from += count) {
                    assertEquals(
                            -1, Arrays.mismatch(data, from, from + count, target, 0, count), where);
                }
                assertEquals(end, from, where);
                assertEquals(-1, stream.read(), where);
                at = found + wanted.length;
            }
            InputStream rest = socket.streamUntil(delimiter);
            assertArrayEquals(
                    Arrays.copyOfRange(data, at, data.length),
                    rest.readNBytes(data.length - at),
                    where);
            assertThrows(UnexpectedEndException.class, rest::read, where);
        }
    }

    private static byte[] letters(Random random, int length, int letters) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) ('a' + random.nextInt(letters));
        }
        return bytes;
    }
}
