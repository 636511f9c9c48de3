package io.cosocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.transport.ScriptedTransport;
import io.cosocket.transport.SocketSeam;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** The original's cases of delimited reads, each in pieces of several sizes. */
class UntilCasesTest {
    private static final String HEAD = "HTTP/1.1 200 OK\r\nServer: nginx\r\n\r\n";

    private final Cosockets runtime = Cosockets.create();
    private final SocketScope scope = runtime.openScope("until");

    @AfterEach
    void close() {
        runtime.close();
    }

    private StreamSocket afterHead(String body, int pieceBytes) throws IOException {
        StreamSocket socket =
                Pieces.socket(scope, Pieces.equal(Pieces.bytes(HEAD + body), pieceBytes));
        assertEquals(
                HEAD.substring(0, HEAD.length() - 4), Pieces.text(socket.receiveUntil("\r\n\r\n")));
        return socket;
    }

    private void check(String body, Delimiter delimiter, String before, String after)
            throws IOException {
        for (int pieceBytes : new int[] {1, 2, 3, 1000}) {
            try (StreamSocket socket = afterHead(body, pieceBytes)) {
                assertEquals(before, Pieces.text(socket.receiveUntil(delimiter)));
                assertRest(after, socket, delimiter);
            }
        }
    }

    private static void assertRest(String after, StreamSocket socket, Delimiter delimiter) {
        UnexpectedEndException e =
                assertThrows(UnexpectedEndException.class, () -> socket.receiveUntil(delimiter));
        assertEquals(after, Pieces.text(e.partial()));
    }

    @Tag("066-T2")
    @Test
    void aDelimiterServesLineAfterLine() throws IOException {
        try (StreamSocket socket = Pieces.socket(scope, "one\r\ntwo\r\nthree\r\n\r\nfoo\n")) {
            for (String line : List.of("one", "two", "three", "")) {
                assertEquals(line, Pieces.text(socket.receiveUntil("\r\n")));
            }
            assertRest("foo\n", socket, Delimiter.of("\r\n"));
        }
    }

    @Tag("066-T3")
    @Test
    void aHeadEndsAtItsEmptyLine() throws IOException {
        try (StreamSocket socket = afterHead("foo\n", 1000)) {
            assertRest("foo\n", socket, Delimiter.of("\r\n\r\n"));
        }
    }

    @Tag("066-T4")
    @Tag("066-T5")
    @Tag("066-T6")
    @Tag("066-T7")
    @Tag("066-T8")
    @Tag("066-T9")
    @Tag("066-T10")
    @Tag("066-T11")
    @Tag("066-T12")
    @Tag("066-T13")
    @Tag("066-T14")
    @Test
    void delimitersThatBeginWithinThemselvesAreFound() throws IOException {
        check("abcabcabd\n", Delimiter.of("abcabd"), "abc", "\n");
        check("abcabcaad\n", Delimiter.of("aa"), "abcabc", "d\n");
        check("abaabcaaaef\n", Delimiter.of("aaa"), "abaabc", "ef\n");
        check("baaaaaaaaeaaaaaaadf\n", Delimiter.of("aaaaad"), "baaaaaaaaeaa", "f\n");
        check("abcabdabcabdabcabe\n", Delimiter.of("abcabdabcabe"), "abcabd", "\n");
        check("abcabdabcabcabdabcabe\n", Delimiter.of("abcabdabcabe"), "abcabdabc", "\n");
        check("ababcabdabcabe\n", Delimiter.of("abcabdabcabe"), "ab", "\n");
        check("----abc\n", Delimiter.of("--abc"), "--", "\n");
    }

    @Tag("084-T1")
    @Tag("084-T2")
    @Tag("084-T3")
    @Tag("084-T4")
    @Tag("084-T5")
    @Tag("084-T6")
    @Test
    void anInclusiveDelimiterEndsTheResult() throws IOException {
        check("ababcabdabcabe\n", Delimiter.of("abcabdabcabe").inclusive(), "ababcabdabcabe", "\n");
        check(
                "hello, world ----abc\n",
                Delimiter.of("--abc").inclusive(),
                "hello, world ----abc",
                "\n");
        check("abcabcaad\n", Delimiter.of("aa"), "abcabc", "d\n");
        check("abcabcaad\n", Delimiter.of("aa").inclusive(), "abcabcaa", "d\n");
    }

    @Tag("066-T15")
    @Tag("066-T16")
    @Tag("084-T9")
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 1000})
    void piecesOfADelimitedPartEndAtTheDelimiter(int pieceBytes) throws IOException {
        for (boolean inclusive : new boolean[] {false, true}) {
            Delimiter delimiter = Delimiter.of("--abc");
            try (StreamSocket socket = afterHead("hello, world ----abc\n", pieceBytes)) {
                InputStream part =
                        socket.streamUntil(inclusive ? delimiter.inclusive() : delimiter);
                assertEquals("hell", Pieces.text(part.readNBytes(4)));
                assertEquals("o, w", Pieces.text(part.readNBytes(4)));
                assertEquals("orld", Pieces.text(part.readNBytes(4)));
                assertEquals(inclusive ? " ----abc" : " --", Pieces.text(part.readNBytes(100)));
                assertEquals(-1, part.read());
                assertEquals(-1, part.read());
                assertRest("\n", socket, delimiter);
            }
        }
    }

    @Tag("066-T20")
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 1000})
    void aFalseBeginningIsData(int pieceBytes) throws IOException {
        try (StreamSocket socket = afterHead("-----abc\n", pieceBytes)) {
            InputStream part = socket.streamUntil(Delimiter.of("--abc"));

            assertEquals("--", Pieces.text(part.readNBytes(2)));
            assertEquals("-", Pieces.text(part.readNBytes(2)));
            assertEquals(-1, part.read());
            assertRest("\n", socket, Delimiter.of("--abc"));
        }
    }

    /**
     * A boundary whose bytes another read took is not recognised. The original returns chunks of
     * another size around a pending match, so the pieces differ from its own; the bytes do not.
     */
    @Tag("066-T17")
    @Tag("066-T21")
    @Tag("066-T22")
    @Tag("066-T23")
    @Tag("066-T24")
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 1000})
    void otherReadsSeeWhatAPartialMatchHeldBack(int pieceBytes) throws IOException {
        try (StreamSocket socket = afterHead("----abc----abc-\n", pieceBytes)) {
            InputStream part = socket.streamUntil(Delimiter.of("--abc"));

            assertEquals("--", Pieces.text(part.readNBytes(2)));
            assertEquals("-", Pieces.text(socket.receive(1)));
            assertEquals("-a", Pieces.text(part.readNBytes(2)));
            assertEquals("b", Pieces.text(socket.receive(1)));
            assertEquals("c-", Pieces.text(part.readNBytes(2)));
            assertEquals("-", Pieces.text(socket.receive(1)));
            assertEquals(-1, part.read());
            assertEquals("-", Pieces.text(socket.receive(1)));
            assertRest("\n", socket, Delimiter.of("--abc"));
        }
    }

    @Tag("084-T10")
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 1000})
    void inclusivePiecesAlternateWithOtherReads(int pieceBytes) throws IOException {
        try (StreamSocket socket = afterHead("hello, world ----abc\n", pieceBytes)) {
            InputStream part = socket.streamUntil(Delimiter.of("--abc").inclusive());

            assertEquals("hell", Pieces.text(part.readNBytes(4)));
            assertEquals("o", Pieces.text(socket.receive(1)));
            assertEquals(", wo", Pieces.text(part.readNBytes(4)));
            assertEquals("r", Pieces.text(socket.receive(1)));
            assertEquals("ld -", Pieces.text(part.readNBytes(4)));
            assertEquals("-", Pieces.text(socket.receive(1)));
            assertEquals("--abc", Pieces.text(part.readNBytes(9)));
            assertEquals("\n", Pieces.text(socket.receive(1)));
            assertEquals(-1, part.read());
            UnexpectedEndException e =
                    assertThrows(UnexpectedEndException.class, () -> socket.receive(1));
            assertEquals(0, e.partial().length);
        }
    }

    @Tag("066-T25")
    @Tag("066-T26")
    @Test
    void aStreamThatIsDroppedLosesNothing() throws IOException {
        try (StreamSocket socket = afterHead("xy--abz", 1)) {
            InputStream part = socket.streamUntil(Delimiter.of("--abc"));
            assertEquals("xy", Pieces.text(part.readNBytes(2)));
            part.close();

            assertEquals("--abz", Pieces.text(socket.receive(5)));
        }
    }

    @Tag("066-T19")
    @Test
    void aDelimiterThatIsNeverUsedCostsTheStreamNothing() throws IOException {
        Receiver body = SocketSeam.receiver(scope, new ScriptedTransport(List.of(new byte[1024])));

        InputStream part = body.streamUntil(Delimiter.of("-".repeat(70)));

        part.close();
        assertEquals(1024, body.receive(1024).length);
    }

    @Test
    void aPendingBeginningAtTheEndIsDelivered() throws IOException {
        for (int pieceBytes : new int[] {1, 3, 1000}) {
            try (StreamSocket socket = afterHead("x--ab", pieceBytes)) {
                InputStream part = socket.streamUntil(Delimiter.of("--abc"));
                assertEquals("x--ab", Pieces.text(part.readNBytes(5)));
                assertThrows(UnexpectedEndException.class, part::read);
            }
            try (StreamSocket socket = afterHead("x--ab", pieceBytes)) {
                assertRest("x--ab", socket, Delimiter.of("--abc"));
            }
        }
    }

    @Test
    void theLimitIsMetExactlyOrNotAtAll() throws IOException {
        Delimiter four = Delimiter.of("--").withLimit(4);
        for (int pieceBytes : new int[] {1, 2, 3, 4, 5, 6, 1000}) {
            try (StreamSocket socket = afterHead("abcd--abcde--abc-d--ab-", pieceBytes)) {
                assertEquals("abcd", Pieces.text(socket.receiveUntil(four)));
                ReceiveLimitException e =
                        assertThrows(ReceiveLimitException.class, () -> socket.receiveUntil(four));
                assertEquals("abcd", Pieces.text(e.partial()));
                assertEquals("e", Pieces.text(socket.receiveUntil(four)));
                e = assertThrows(ReceiveLimitException.class, () -> socket.receiveUntil(four));
                assertEquals("abc-", Pieces.text(e.partial()));
                assertEquals("d", Pieces.text(socket.receiveUntil(four)));
                assertRest("ab-", socket, four);
            }
        }
    }

    @Test
    void theLimitHoldsForPiecesToo() throws IOException {
        Delimiter four = Delimiter.of("--").withLimit(4).inclusive();
        for (int pieceBytes : new int[] {1, 2, 3, 4, 5, 6, 1000}) {
            try (StreamSocket socket = afterHead("abcd--abcde-ab", pieceBytes)) {
                assertEquals("abcd--", Pieces.text(socket.streamUntil(four).readAllBytes()));
                InputStream part = socket.streamUntil(four);
                assertEquals("abcd", Pieces.text(part.readNBytes(4)));
                ReceiveLimitException e = assertThrows(ReceiveLimitException.class, part::read);
                assertTrue(
                        e.getMessage().endsWith("limit of 4 bytes reached before the delimiter"),
                        e.getMessage());
                assertEquals(0, e.partial().length);
                assertThrows(ReceiveLimitException.class, part::read);
                InputStream rest = socket.streamUntil(Delimiter.of("--").withLimit(4));
                assertEquals("e-ab", Pieces.text(rest.readNBytes(4)));
                assertThrows(UnexpectedEndException.class, rest::read);
            }
        }
    }
}
