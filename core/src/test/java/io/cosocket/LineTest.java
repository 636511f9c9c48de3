package io.cosocket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.util.Arrays;
import java.util.List;

class LineTest {
    private final Cosockets runtime = Cosockets.create();
    private final SocketScope scope = runtime.openScope("lines");

    @AfterEach
    void close() {
        runtime.close();
    }

    @Test
    void oneCarriageReturnBeforeTheLineEndIsDroppedOverEverySplit() {
        byte[] data = Pieces.bytes("a\r\nb\n\r\n\nc\r\r\n\rd\re\r\n\r\r\nf\r\n");
        List<String> lines = List.of("a", "b", "", "", "c\r", "\rd\re", "\r", "f");

        Pieces.forEverySplit(
                data,
                pieces -> {
                    try (StreamSocket socket = Pieces.socket(scope, pieces)) {
                        for (String line : lines) {
                            assertEquals(line, socket.receiveLine(), Pieces.show(pieces));
                        }
                        assertNull(socket.receiveLine(), Pieces.show(pieces));
                    } catch (IOException e) {
                        throw new UncheckedIOException(Pieces.show(pieces), e);
                    }
                });
    }

    @Test
    void anUnterminatedLastLineIsAnErrorThatHasItOverEverySplit() {
        for (String last : List.of("rest", "rest\r", "\r", "rest\r\r")) {
            Pieces.forEverySplit(
                    Pieces.bytes("one\r\n" + last),
                    pieces -> {
                        try (StreamSocket socket = Pieces.socket(scope, pieces)) {
                            assertEquals("one", socket.receiveLine());
                            UnexpectedEndException e =
                                    assertThrows(UnexpectedEndException.class, socket::receiveLine);
                            assertEquals(last, Pieces.text(e.partial()), Pieces.show(pieces));
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
        }
    }

    @Test
    void theLimitCountsTheLineWithoutItsEndOverEverySplit() {
        Pieces.forEverySplit(
                Pieces.bytes("abcd\r\nabcd\nabcde\r\n\r\n"),
                pieces -> {
                    try (StreamSocket socket = Pieces.socket(scope, pieces)) {
                        String where = Pieces.show(pieces);
                        assertEquals("abcd", socket.receiveLine(4), where);
                        assertEquals("abcd", socket.receiveLine(4), where);
                        ReceiveLimitException e =
                                assertThrows(
                                        ReceiveLimitException.class,
                                        () -> socket.receiveLine(4),
                                        where);
                        assertEquals("abcd", Pieces.text(e.partial()), where);
                        assertEquals("e", socket.receiveLine(4), where);
                        assertEquals("", socket.receiveLine(1), where);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
    }

    @Test
    void aCarriageReturnWithinTheLineCountsTowardsTheLimit() throws IOException {
        try (StreamSocket socket = Pieces.socket(scope, "ab\r", "\r\n")) {
            ReceiveLimitException e =
                    assertThrows(ReceiveLimitException.class, () -> socket.receiveLine(2));

            assertEquals("ab", Pieces.text(e.partial()));
            assertEquals("\r", socket.receiveLine());
        }
    }

    @Test
    void textThatIsNotUtf8ThrowsAndIsConsumed() throws IOException {
        byte[][] malformed = {
            {(byte) 0xFF},
            {'a', (byte) 0xC3},
            {(byte) 0xE2, (byte) 0x82, 'x'},
            {(byte) 0xED, (byte) 0xA0, (byte) 0x80},
            {(byte) 0xC0, (byte) 0x80}
        };
        for (byte[] line : malformed) {
            byte[] input = Arrays.copyOf(line, line.length + 4);
            System.arraycopy(Pieces.bytes("\nok\n"), 0, input, line.length, 4);
            try (StreamSocket socket = Pieces.socket(scope, List.of(input, Pieces.bytes("\n")))) {
                MalformedInputException e =
                        assertThrows(MalformedInputException.class, socket::receiveLine);
                assertTrue(
                        e.getMessage().matches("receive scripted \\S+->\\S+: line is not UTF-8 .*"),
                        e.getMessage());
                assertArrayEquals(line, assertInstanceOf(PartialResult.class, e).partial());
                assertEquals("ok", socket.receiveLine());
            }
            try (StreamSocket socket = Pieces.socket(scope, List.of(input))) {
                assertArrayEquals(line, socket.receiveLineBytes(100));
            }
        }
    }

    @Test
    void theReplacementCharacterItselfIsText() throws IOException {
        try (StreamSocket socket = Pieces.socket(scope, "a\uFFFDb€😀\n")) {
            assertEquals("a\uFFFDb€😀", socket.receiveLine());
        }
    }

    @Test
    void textSplitWithinACharacterIsWhole() {
        Pieces.forEverySplit(
                Pieces.bytes("ü€😀\r\n"),
                pieces -> {
                    try (StreamSocket socket = Pieces.socket(scope, pieces)) {
                        assertEquals("ü€😀", socket.receiveLine());
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
    }

    @Test
    void linesOfAnyLengthArriveWhole() throws IOException {
        for (int length : new int[] {4095, 4096, 4097, 65_535, 65_536, 65_537, 1 << 20}) {
            byte[] data = new byte[length + 2];
            Arrays.fill(data, (byte) 'x');
            data[length] = '\r';
            data[length + 1] = '\n';
            for (int size : new int[] {length, length + 1, 16_384, 4096, 1000}) {
                try (StreamSocket socket = Pieces.socket(scope, Pieces.equal(data, size))) {
                    assertArrayEquals(Arrays.copyOf(data, length), socket.receiveLineBytes(length));
                    assertNull(socket.receiveLine());
                }
            }
        }
    }
}
