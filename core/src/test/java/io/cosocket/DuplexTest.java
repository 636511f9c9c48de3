package io.cosocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.SocketClosedException.ClosedBy;
import io.cosocket.transport.OnVirtualThread;
import io.cosocket.transport.Pending;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * One reader and one writer at a time. What the original refuses while another thread is at it is
 * refused here too, but for two: close wakes that thread, and release closes.
 */
@ExtendWith(OnVirtualThread.class)
class DuplexTest {
    private final CountDownLatch resolving = new CountDownLatch(1);
    private final Cosockets runtime =
            Cosockets.create(
                    CosocketConfig.defaults()
                            .withLogSocketErrors(false)
                            .withResolver(
                                    (host, limit) -> {
                                        try {
                                            resolving.await();
                                        } catch (InterruptedException e) {
                                            Thread.currentThread().interrupt();
                                        }
                                        throw new java.net.UnknownHostException(host + " is gone");
                                    }));
    private final SocketScope scope = runtime.openScope("duplex");

    @AfterEach
    void close() {
        resolving.countDown();
        runtime.close();
    }

    private static List<Executable> reads(StreamSocket socket) {
        return List.of(
                () -> socket.receive(1),
                () -> socket.receive(ByteBuffer.allocate(1)),
                () -> socket.receiveAny(1),
                socket::receiveLine,
                () -> socket.receiveLine(1),
                () -> socket.receiveLineBytes(1),
                () -> socket.receiveAll(1),
                () -> socket.receiveUntil("x"),
                () -> socket.receiveUntil(Delimiter.of("x")),
                () -> socket.peek(1),
                () -> socket.transferTo(socket),
                () -> socket.inputStream().read(),
                () -> socket.streamUntil(Delimiter.of("x")).read());
    }

    private static List<Executable> sends(StreamSocket socket) {
        return List.of(
                () -> socket.send("x"),
                () -> socket.send(""),
                () -> socket.send(new byte[1]),
                () -> socket.send(new byte[3], 1, 1),
                () -> socket.send(ByteBuffer.allocate(1), ByteBuffer.allocate(1)),
                () -> socket.outputStream().write(1),
                socket::shutdownSend);
    }

    private static void busy(String with, List<Executable> operations) {
        for (Executable operation : operations) {
            IllegalStateException e = assertThrows(IllegalStateException.class, operation);
            assertTrue(e.getMessage().endsWith(": socket busy " + with), e.getMessage());
        }
    }

    /** What needs nobody else's side works at any time. */
    private static void alwaysAllowed(TcpSocket socket) throws IOException {
        assertEquals(0, socket.reuseCount());
        Duration before = socket.receiveTimeout();
        socket.receiveTimeout(Duration.ofSeconds(9));
        socket.receiveTimeout(before);
        assertEquals(Duration.ofSeconds(60), socket.sendTimeout());
        socket.option(StandardSocketOptions.SO_KEEPALIVE, true);
    }

    private static Pending<Boolean> stalledSend(StreamSocket socket) {
        return Pending.parked(
                () -> {
                    socket.send(new byte[64 << 20]);
                    return true;
                });
    }

    @Tag("128-T7")
    @Tag("128-T8")
    @ParameterizedTest
    @ValueSource(strings = {"exact", "until", "stream", "line"})
    void aReaderExcludesReadsAndConnectsOnly(String read) throws IOException {
        try (LineServer server = new LineServer();
                TcpSocket socket = scope.connect("127.0.0.1", server.port())) {
            Pending<byte[]> reader =
                    Pending.parked(
                            () ->
                                    switch (read) {
                                        case "exact" -> socket.receive(4);
                                        case "until" -> socket.receiveUntil("\r\n");
                                        case "line" -> socket.receiveLineBytes(9);
                                        default ->
                                                socket.streamUntil(Delimiter.of("\r\n"))
                                                        .readAllBytes();
                                    });

            busy("reading", reads(socket));
            busy(
                    "reading",
                    List.of(
                            () -> socket.connect("127.0.0.1", server.port()),
                            () -> socket.startTls(TlsOptions.defaults())));
            alwaysAllowed(socket);
            socket.send("pong\n");

            assertEquals("pong", Pieces.text(reader.get()));
            assertTrue(socket.isOpen());
        }
    }

    @Tag("065-T22")
    @Test
    void aWriterExcludesSendsAndConnectsOnly() throws IOException {
        try (FaultServer server = new FaultServer(new Fault.Stall());
                TcpSocket socket = scope.connect("127.0.0.1", server.port())) {
            socket.sendTimeout(Duration.ofMillis(1500));
            Pending<Boolean> writer = stalledSend(socket);

            busy("writing", sends(socket));
            busy(
                    "writing",
                    List.of(
                            () -> socket.connect("127.0.0.1", server.port()),
                            () -> socket.startTls(TlsOptions.defaults())));
            assertEquals(0, socket.reuseCount());
            socket.receiveTimeout(Duration.ofMillis(1));
            assertThrows(OperationTimeoutException.class, () -> socket.receive(1));

            assertEquals("send", writer.failure(OperationTimeoutException.class).operation());
            assertTrue(socket.isOpen());
        }
    }

    @Tag("128-T5")
    @Test
    void aConnectExcludesEverything() throws IOException {
        try (BlackHole hole = new BlackHole()) {
            TcpSocket socket = scope.tcp();
            Pending<TcpSocket> connecting =
                    Pending.parked(() -> socket.connect("127.0.0.1", hole.port()));

            busy("connecting", reads(socket));
            busy("connecting", sends(socket));
            busy("connecting", List.of(() -> socket.connect("127.0.0.1", hole.port())));
            assertEquals(0, socket.reuseCount());
            assertFalse(socket.isOpen());

            socket.close();
            assertEquals(
                    ClosedBy.CALLER, connecting.failure(SocketClosedException.class).closedBy());
            assertThrows(SocketClosedException.class, () -> socket.receive(1));
        }
    }

    /** The original answers "closed" here, as it has no descriptor yet. */
    @Tag("128-T6")
    @Test
    void aLookUpExcludesEverything() throws IOException {
        TcpSocket socket = scope.tcp();
        Pending<TcpSocket> connecting =
                Pending.parked(() -> socket.connect("dead.example.test", 80));

        busy("connecting", reads(socket));
        busy("connecting", sends(socket));
        busy("connecting", List.of(() -> socket.connect("127.0.0.1", 1)));
        assertEquals(0, socket.reuseCount());

        resolving.countDown();
        connecting.failure(java.net.UnknownHostException.class);
        assertThrows(SocketClosedException.class, () -> socket.send("x"));
    }

    @Test
    void closeWakesReaderAndWriterForGood() throws IOException {
        try (FaultServer server = new FaultServer(new Fault.Stall())) {
            TcpSocket socket = scope.connect("127.0.0.1", server.port());
            Pending<byte[]> reader = Pending.parked(() -> socket.receive(1));
            Pending<Boolean> writer = stalledSend(socket);

            socket.close();

            assertEquals(ClosedBy.CALLER, reader.failure(SocketClosedException.class).closedBy());
            assertEquals(ClosedBy.CALLER, writer.failure(SocketClosedException.class).closedBy());
        }
    }

    @Test
    void releaseUnderAReaderClosesAndSaysSo() throws IOException {
        try (LineServer server = new LineServer()) {
            TcpSocket socket = scope.connect("127.0.0.1", server.port());
            Pending<byte[]> reader = Pending.parked(() -> socket.receive(1));

            assertEquals(Release.OPERATION_FAILED, socket.release());

            reader.failure(SocketClosedException.class);
            assertFalse(socket.isOpen());
        }
    }

    @Tag("128-T2")
    @Test
    void aWriterIsNotDisturbedByReadsThatTimeOut() throws Exception {
        CountDownLatch timedOut = new CountDownLatch(1);
        try (LineServer server = new LineServer();
                TcpSocket socket = scope.connect("127.0.0.1", server.port())) {
            socket.receiveTimeout(Duration.ofMillis(1));
            Pending<Boolean> writer =
                    Pending.start(
                            () -> {
                                timedOut.await();
                                for (String piece : "flush_all\r\n".split("")) {
                                    socket.send(piece);
                                }
                                return true;
                            });

            StringBuilder line = new StringBuilder();
            while (true) {
                try {
                    line.append(socket.receiveLine());
                    break;
                } catch (OperationTimeoutException e) {
                    line.append(Pieces.text(e.partial()));
                    timedOut.countDown();
                }
            }

            assertEquals("OK", line.toString());
            assertTrue(writer.get());
        }
    }

    @Tag("128-T4")
    @Test
    void aWriterIsNotDisturbedByTheEndOfTheStream() throws Exception {
        try (FaultServer server = new FaultServer(new Fault.HalfClose(new byte[0]));
                TcpSocket socket = scope.connect("127.0.0.1", server.port())) {
            CountDownLatch ended = new CountDownLatch(1);
            Pending<Boolean> writer =
                    Pending.start(
                            () -> {
                                socket.send("flush");
                                ended.await();
                                socket.send("_all\r\n");
                                socket.shutdownSend();
                                return true;
                            });

            assertThrows(UnexpectedEndException.class, () -> socket.receive(1));

            ended.countDown();
            assertTrue(writer.get());
            assertEquals("flush_all\r\n", Pieces.text(server.heard()));
        }
    }

    /** Calls with an argument that is bad by itself. */
    private static List<Executable> badCalls(StreamSocket socket) {
        return List.of(
                () -> socket.receive(-1),
                () -> socket.receive((ByteBuffer) null),
                () -> socket.receiveAny(0),
                () -> socket.receiveLine(0),
                () -> socket.receiveLineBytes(-1),
                () -> socket.receiveAll(0),
                () -> socket.peek(0),
                () -> socket.transferTo(null),
                () -> socket.send((byte[]) null),
                () -> socket.send((String) null),
                () -> socket.send((ByteBuffer[]) null),
                () -> socket.send(new byte[1], 1, 1));
    }

    @Test
    void closedGoesBeforeTheOwnerTheOwnerBeforeBusyAndBusyBeforeTheArgument() throws Exception {
        try (LineServer server = new LineServer();
                SocketScope other = runtime.openScope("other")) {
            TcpSocket socket = scope.connect("127.0.0.1", server.port());
            for (Executable bad : badCalls(socket)) {
                assertThrows(IllegalArgumentException.class, bad);
            }
            Pending<String> reader = Pending.parked(socket::receiveLine);

            busy("reading", badCalls(socket).subList(0, 8));
            other.run(
                    sockets -> {
                        for (Executable bad : badCalls(socket)) {
                            IllegalStateException e =
                                    assertThrows(IllegalStateException.class, bad);
                            assertTrue(e.getMessage().startsWith("bad request"), e.getMessage());
                        }
                        socket.close();
                        for (Executable bad : badCalls(socket)) {
                            assertThrows(SocketClosedException.class, bad);
                        }
                    });
            reader.failure(SocketClosedException.class);
        }
    }
}
