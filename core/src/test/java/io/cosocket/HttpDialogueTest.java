package io.cosocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.transport.ChannelTransport;
import io.cosocket.transport.ChunkedTransport;
import io.cosocket.transport.Deadline;
import io.cosocket.transport.OnVirtualThread;
import io.cosocket.transport.SocketSeam;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;

/** The original's dialogues with an HTTP peer that answers and closes. */
@ExtendWith(OnVirtualThread.class)
class HttpDialogueTest {
    private static final String[] LINES = {
        "HTTP/1.1 200 OK",
        "Server: nginx",
        "Content-Type: text/plain",
        "Content-Length: 4",
        "Connection: close",
        "",
        "foo"
    };
    private static final String ANSWER = String.join("\r\n", LINES) + "\n";

    private final Cosockets runtime =
            Cosockets.create(CosocketConfig.defaults().withLogSocketErrors(false));
    private final SocketScope scope = runtime.openScope("dialogue");

    @AfterEach
    void close() {
        runtime.close();
    }

    private static void assertLines(StreamSocket socket) throws IOException {
        for (String line : LINES) {
            assertEquals(line, socket.receiveLine());
        }
        assertNull(socket.receiveLine());
        assertTrue(socket.isOpen());
        socket.close();
        assertFalse(socket.isOpen());
    }

    /** A socket whose reads give at most so many bytes at a time. */
    private StreamSocket narrow(PeerServer server, int mostBytes) throws IOException {
        ChannelTransport channel = ChannelTransport.open(server.address(), null);
        assertTrue(channel.connect(Deadline.after(Duration.ofSeconds(20))));
        return SocketSeam.stream(
                scope, new ChunkedTransport(channel, mostBytes, Integer.MAX_VALUE, false));
    }

    @Tag("058-T1")
    @Tag("058-T15")
    @Tag("rw-tcp-socket-T1")
    @Tag("rw-tcp-socket-T15")
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 10, 1000})
    void linesAreTheSameWhateverThePieces(int mostBytes) throws IOException {
        try (PeerServer server = PeerServer.tcp(PeerServer.http(ANSWER));
                StreamSocket socket = narrow(server, mostBytes)) {
            socket.send(PeerServer.request());

            assertLines(socket);
        }
    }

    @Tag("058-T16")
    @Tag("rw-tcp-socket-T16")
    @Test
    void aConnectedSocketComesStraightFromTheScope() throws IOException {
        try (PeerServer server = PeerServer.tcp(PeerServer.http(ANSWER));
                TcpSocket socket = scope.connect("127.0.0.1", server.port())) {
            socket.send(PeerServer.request());

            assertLines(socket);
        }
    }

    @Tag("058-T12")
    @Tag("rw-tcp-socket-T12")
    @Test
    void allTheRestComesAfterOneLine() throws IOException {
        try (PeerServer server = PeerServer.tcp(PeerServer.http(ANSWER));
                TcpSocket socket = scope.connect("127.0.0.1", server.port())) {
            socket.send(PeerServer.request());

            assertEquals(LINES[0], socket.receiveLine());
            assertEquals(
                    ANSWER.substring(LINES[0].length() + 2),
                    Pieces.text(socket.receiveAll(10_000)));
            assertEquals(0, socket.receiveAll(10_000).length);
            assertTrue(socket.isOpen());
        }
    }

    @Tag("058-T13")
    @Tag("058-T14")
    @Tag("rw-tcp-socket-T13")
    @Tag("rw-tcp-socket-T14")
    @ParameterizedTest
    @ValueSource(ints = {1, 7, 1000})
    void exactSizesCutTheStreamEvenly(int mostBytes) throws IOException {
        try (PeerServer server = PeerServer.tcp(PeerServer.http(ANSWER));
                StreamSocket socket = narrow(server, mostBytes)) {
            socket.send(PeerServer.request());

            int whole = ANSWER.length() / 10 * 10;
            for (int at = 0; at < whole; at += 10) {
                assertEquals(ANSWER.substring(at, at + 10), Pieces.text(socket.receive(10)));
            }
            UnexpectedEndException e =
                    assertThrows(UnexpectedEndException.class, () -> socket.receive(10));
            assertEquals("o\n", Pieces.text(e.partial()));
        }
    }

    @Tag("058-T41")
    @Test
    void zeroBytesComeAtOnce() throws IOException {
        try (PeerServer server = PeerServer.tcp(PeerServer.silent());
                TcpSocket socket = scope.connect("127.0.0.1", server.port())) {
            assertEquals(0, socket.receive(0).length);
        }
    }

    @Tag("058-T25")
    @Tag("rw-tcp-socket-T25")
    @Test
    void manyPiecesAreSentAsOneRequest() throws IOException {
        try (PeerServer server = PeerServer.tcp(PeerServer.http(ANSWER));
                TcpSocket socket = scope.connect("127.0.0.1", server.port())) {
            ByteBuffer[] pieces =
                    List.of(
                                    "GET",
                                    " ",
                                    "/foo",
                                    " HTTP/",
                                    "1",
                                    ".",
                                    "0",
                                    "\r\n",
                                    "Host: localhost\r\n",
                                    "Connection: close\r\n",
                                    "\r\n")
                            .stream()
                            .map(piece -> ByteBuffer.wrap(Pieces.bytes(piece)))
                            .toArray(ByteBuffer[]::new);

            socket.send(pieces);

            assertLines(socket);
        }
    }

    @Tag("058-T32")
    @Tag("rw-tcp-socket-T32")
    @Test
    void sendingNothingNeedsAnOpenSocketOnly() throws IOException {
        try (PeerServer server = PeerServer.tcp(PeerServer.silent())) {
            TcpSocket socket = scope.connect("127.0.0.1", server.port());
            socket.send("");
            socket.send(new byte[0]);
            socket.send(new ByteBuffer[0]);
            assertTrue(socket.isOpen());
            socket.close();

            assertThrows(SocketClosedException.class, () -> socket.send(""));
        }
    }

    @Tag("068-T24")
    @Test
    void anEmptySendLeavesNoTraceInThePool() throws IOException {
        try (PeerServer server =
                        PeerServer.tcp(
                                peer -> {
                                    peer.receive("*2\r\n$3\r\nget\r\n$3\r\ndog\r\n".length());
                                    peer.send(Pieces.bytes("$-1\r\n"));
                                    peer.atEnd();
                                });
                TcpSocket socket = scope.connect("127.0.0.1", server.port())) {
            socket.send(new ByteBuffer[0]);
            socket.send("*2\r\n$3\r\nget\r\n$3\r\ndog\r\n");

            assertEquals("$-1", socket.receiveLine());
            assertEquals(Release.KEPT, socket.release());
        }
    }

    @Tag("058-T17")
    @Tag("rw-tcp-socket-T17")
    @Test
    void aClosedPortRefuses() throws IOException {
        try (RefusedPort refused = new RefusedPort()) {
            int port = refused.port();

            ConnectException e =
                    assertThrows(ConnectException.class, () -> scope.connect("127.0.0.1", port));

            assertTrue(e.getMessage().endsWith(": connection refused"), e.getMessage());
        }
    }

    @Tag("058-T23")
    @Tag("rw-tcp-socket-T23")
    @Test
    void aSecondConnectClosesTheFirstConnection() throws IOException {
        try (LineServer server = new LineServer();
                TcpSocket socket = scope.tcp()) {
            socket.connect("127.0.0.1", server.port());
            socket.send("left unread\r\n");
            socket.peek(1);
            socket.connect("127.0.0.1", server.port());

            socket.send("flush_all\r\n");
            assertEquals("OK", socket.receiveLine());
            Awaitility.await().until(() -> server.live() == 1);
            assertEquals(2, server.accepted());
        }
    }

    @Tag("058-T24")
    @Tag("rw-tcp-socket-T24")
    @Test
    void twoSocketsOfOneHandlerDoNotMix() throws IOException {
        try (LineServer lines = new LineServer();
                PeerServer http = PeerServer.tcp(PeerServer.http(ANSWER));
                TcpSocket one = scope.connect("127.0.0.1", lines.port());
                TcpSocket two = scope.connect("127.0.0.1", http.port())) {
            one.send("flush_all\r\n");
            two.send(PeerServer.request());

            assertEquals("OK", one.receiveLine());
            assertLines(two);
        }
    }

    @Tag("058-T56")
    @Tag("058-T59")
    @Test
    void oneObjectServesManyConnections() throws IOException {
        try (PeerServer server = PeerServer.tcp(PeerServer.http(ANSWER))) {
            TcpSocket socket = scope.tcp();
            for (int round = 0; round < 3; round++) {
                socket.connect("127.0.0.1", server.port());
                socket.send(PeerServer.request());
                assertLines(socket);
            }
            assertEquals(3, server.accepted());
        }
    }

    @Tag("058-T42")
    @Tag("058-T61")
    @Test
    void emptyOptionsAreNoOptions() throws IOException {
        try (LineServer server = new LineServer();
                TcpSocket socket =
                        scope.connect("127.0.0.1", server.port(), ConnectOptions.defaults())) {
            socket.send("flush_all\r\n");

            assertEquals("OK", socket.receiveLine());
        }
    }

    @Tag("059-T1")
    @Tag("rw-unix-socket-T1")
    @Test
    void aPathWithoutListenerIsRefused(@TempDir Path directory) {
        Path path = directory.resolve("nosuchfile.sock");
        TcpSocket socket = scope.tcp();

        ConnectException e =
                assertThrows(ConnectException.class, () -> socket.connect("unix:" + path, 0));

        assertTrue(e.getMessage().endsWith(": no such file or directory"), e.getMessage());
        assertThrows(SocketClosedException.class, () -> socket.send("x"));
        assertThrows(SocketClosedException.class, () -> socket.receive(1));
        socket.close();
    }

    @Tag("059-T3")
    @Tag("059-T5")
    @Tag("059-T6")
    @Tag("rw-unix-socket-T3")
    @Test
    void aPathIsConnectedToHoweverItIsGiven(@TempDir Path directory) throws IOException {
        try (PeerServer server = PeerServer.unix(directory, PeerServer.http(ANSWER))) {
            Path path = ((UnixDomainSocketAddress) server.address()).getPath();
            ConnectOptions options = ConnectOptions.defaults();
            List<TcpSocket> sockets =
                    List.of(
                            scope.connect("unix:" + path, 80),
                            scope.connect("UNIX:" + path, 0, options),
                            scope.connect("unix:" + path, options),
                            scope.connect(UnixDomainSocketAddress.of(path), options));
            for (TcpSocket socket : sockets) {
                assertEquals(UnixDomainSocketAddress.of(path), socket.remoteAddress());
                socket.send(PeerServer.request());
                assertLines(socket);
            }
        }
    }

    @Tag("068-T12")
    @Tag("rw-socket-keepalive-T11")
    @Test
    void connectionsToAPathAreReused(@TempDir Path directory) throws IOException {
        try (LineServer server = LineServer.unix(directory)) {
            for (int round = 0; round < 2; round++) {
                TcpSocket socket = scope.tcp();
                socket.connect(server.address(), ConnectOptions.defaults());
                assertEquals(round, socket.reuseCount());
                socket.send("flush_all\r\n");
                assertEquals("OK", socket.receiveLine());
                assertEquals(Release.KEPT, socket.release());
            }
            assertEquals(1, server.accepted());
            assertTrue(runtime.pools().getFirst().endpoint().startsWith("unix:"));
        }
    }

    @Tag("058-T65")
    @Test
    void receiveAnyGivesEachPieceAsItComes() throws IOException {
        try (LockStep server = new LockStep("1", "22", "hello world");
                TcpSocket socket = scope.connect("127.0.0.1", server.port())) {
            for (String piece : List.of("1", "22", "hello world")) {
                server.next();
                assertEquals(piece, Pieces.text(socket.receiveAny(1024)));
            }
            server.next();
            assertNull(socket.receiveAny(1024));
        }
    }

    @Tag("058-T68")
    @Tag("058-T69")
    @Test
    void receiveAnyLeavesWhatIsTooMuch() throws IOException {
        try (LockStep server = new LockStep("head\r\nhello world");
                TcpSocket socket = scope.connect("127.0.0.1", server.port())) {
            server.next();
            assertEquals("head", socket.receiveLine());
            assertEquals("hello w", Pieces.text(socket.receiveAny(7)));
            assertEquals("orld", Pieces.text(socket.receiveAny(7)));
            server.next();
            assertNull(socket.receiveAny(7));
        }
    }

    @Tag("058-T66")
    @Test
    void aPeerThatEndedItsSideStillHears() throws Exception {
        try (FaultServer server = new FaultServer(new Fault.HalfClose(new byte[0]));
                TcpSocket socket = scope.connect("127.0.0.1", server.port())) {
            assertNull(socket.receiveAny(1024));

            socket.send("send data after read side closed");

            socket.shutdownSend();
            assertEquals("send data after read side closed", Pieces.text(server.heard()));
        }
    }

    @Tag("156-T1")
    @Test
    void receiveAnyNeverWaitsToFill() throws IOException {
        try (PeerServer server = PeerServer.tcp(peer -> peer.send(Pieces.bytes("1hello")));
                StreamSocket socket = narrow(server, 1)) {
            for (String one : "1hello".split("")) {
                assertEquals(one, Pieces.text(socket.receiveAny(1024)));
            }
            assertNull(socket.receiveAny(1024));
        }
    }

    /** Sends one piece for each step the test takes, then closes. */
    private static final class LockStep implements AutoCloseable {
        private final Semaphore steps = new Semaphore(0);
        private final PeerServer server;

        LockStep(String... pieces) throws IOException {
            server =
                    PeerServer.tcp(
                            peer -> {
                                for (String piece : pieces) {
                                    steps.acquire();
                                    peer.send(Pieces.bytes(piece));
                                }
                                steps.acquire();
                            });
        }

        void next() {
            steps.release();
        }

        int port() throws IOException {
            return server.port();
        }

        @Override
        public void close() throws IOException {
            steps.release(100);
            server.close();
        }
    }
}
