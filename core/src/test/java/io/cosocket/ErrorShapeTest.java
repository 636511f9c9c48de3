package io.cosocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.SocketClosedException.ClosedBy;
import io.cosocket.transport.FaultyTransport;
import io.cosocket.transport.Link;
import io.cosocket.transport.Links;
import io.cosocket.transport.OnVirtualThread;
import io.cosocket.transport.Pending;
import io.cosocket.transport.SocketSeam;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Provokes each failure of each stream operation and checks type, message, partial data, cause, who
 * closed, and what of the socket still works.
 */
@ExtendWith(OnVirtualThread.class)
class ErrorShapeTest {
    private static final Pattern SHAPE =
            Pattern.compile("(connect|receive|send) (tcp|unix|memory|tls) (\\S*)->(\\S+): (.+)");

    private final Cosockets runtime =
            Cosockets.create(CosocketConfig.defaults().withLogSocketErrors(false));
    private final SocketScope scope = runtime.openScope("errors");

    @AfterEach
    void close() {
        runtime.close();
    }

    /** Something that reads; the first five hand out what they have collected when they fail. */
    enum Read {
        EXACT(true) {
            @Override
            Object from(StreamSocket socket) throws IOException {
                return socket.receive(8);
            }
        },
        UNTIL(true) {
            @Override
            Object from(StreamSocket socket) throws IOException {
                return socket.receiveUntil("--");
            }
        },
        LINE(true) {
            @Override
            Object from(StreamSocket socket) throws IOException {
                return socket.receiveLine();
            }
        },
        LINE_BYTES(true) {
            @Override
            Object from(StreamSocket socket) throws IOException {
                return socket.receiveLineBytes(100);
            }
        },
        ALL(true) {
            @Override
            Object from(StreamSocket socket) throws IOException {
                return socket.receiveAll(100);
            }
        },
        ANY(false) {
            @Override
            Object from(StreamSocket socket) throws IOException {
                return socket.receiveAny(8);
            }
        },
        BUFFER(false) {
            @Override
            Object from(StreamSocket socket) throws IOException {
                return socket.receive(ByteBuffer.allocate(8));
            }
        },
        PEEK(false) {
            @Override
            Object from(StreamSocket socket) throws IOException {
                return socket.peek(8);
            }
        },
        STREAM(false) {
            @Override
            Object from(StreamSocket socket) throws IOException {
                return socket.inputStream().read();
            }
        },
        UNTIL_STREAM(false) {
            @Override
            Object from(StreamSocket socket) throws IOException {
                return socket.streamUntil(Delimiter.of("--")).read();
            }
        };

        final boolean collects;

        Read(boolean collects) {
            this.collects = collects;
        }

        abstract Object from(StreamSocket socket) throws IOException;
    }

    /** Something that sends at least one byte. */
    enum Send {
        BYTES {
            @Override
            void to(StreamSocket socket, int count) throws IOException {
                socket.send(new byte[count]);
            }
        },
        RANGE {
            @Override
            void to(StreamSocket socket, int count) throws IOException {
                socket.send(new byte[count + 2], 1, count);
            }
        },
        TEXT {
            @Override
            void to(StreamSocket socket, int count) throws IOException {
                socket.send("x".repeat(count));
            }
        },
        BUFFERS {
            @Override
            void to(StreamSocket socket, int count) throws IOException {
                socket.send(ByteBuffer.allocate(1), ByteBuffer.allocate(count));
            }
        },
        STREAM {
            @Override
            void to(StreamSocket socket, int count) throws IOException {
                socket.outputStream().write(new byte[count]);
            }
        };

        abstract void to(StreamSocket socket, int count) throws IOException;
    }

    /** A socket over memory that breaks after "ab" was read; single reads are past it already. */
    private StreamSocket breaking(Link link, Read read, Supplier<IOException> fault)
            throws IOException {
        StreamSocket socket =
                SocketSeam.stream(scope, FaultyTransport.reading(link.near(), 2, fault));
        before(link, socket, read);
        return socket;
    }

    private static void before(Link link, StreamSocket socket, Read read) throws IOException {
        link.peer().send(Pieces.bytes("ab"));
        if (!read.collects) {
            assertEquals("ab", Pieces.text(socket.receive(2)));
        }
    }

    private static String partial(Read read) {
        return read.collects ? "ab" : "";
    }

    static void shape(Throwable e, String operation, String kind, String words) {
        var matcher = SHAPE.matcher(String.valueOf(e.getMessage()));
        assertTrue(matcher.matches(), () -> "no shape: " + e.getMessage());
        assertEquals(operation, matcher.group(1), e.getMessage());
        assertEquals(kind, matcher.group(2), e.getMessage());
        assertTrue(matcher.group(5).startsWith(words), e.getMessage());
    }

    private static void closed(
            StreamSocket socket, IOException thrown, ClosedBy by, String partial) {
        SocketClosedException e = assertInstanceOf(SocketClosedException.class, thrown);
        assertEquals(by, e.closedBy());
        assertEquals(partial, Pieces.text(e.partial()));
        assertFalse(socket.isOpen());
        for (Read read : Read.values()) {
            SocketClosedException later =
                    assertThrows(SocketClosedException.class, () -> read.from(socket));
            assertEquals(by, later.closedBy());
            assertEquals(0, later.partial().length);
        }
        for (Send send : Send.values()) {
            SocketClosedException later =
                    assertThrows(SocketClosedException.class, () -> send.to(socket, 1));
            assertEquals(by, later.closedBy());
        }
    }

    private static void sends(Link link, StreamSocket socket) throws IOException {
        socket.send("out");
        assertEquals("out", Pieces.text(link.peer().receive(3)));
        assertTrue(socket.isOpen());
    }

    private static void reads(Link link, StreamSocket socket) throws IOException {
        link.peer().send(Pieces.bytes("in"));
        assertEquals("in", Pieces.text(socket.receive(2)));
        assertTrue(socket.isOpen());
    }

    // --- receive

    @ParameterizedTest
    @EnumSource(Read.class)
    void receiveTimeOut(Read read) throws IOException {
        try (Link link = Links.MEMORY.open()) {
            StreamSocket socket = SocketSeam.stream(scope, link.near());
            before(link, socket, read);
            socket.receiveTimeout(Duration.ofMillis(15));

            OperationTimeoutException e =
                    assertThrows(OperationTimeoutException.class, () -> read.from(socket));

            shape(e, "receive", "memory", "timeout after 15 ms");
            assertEquals("receive", e.operation());
            assertEquals(Duration.ofMillis(15), e.limit());
            assertEquals(partial(read), Pieces.text(e.partial()));
            assertEquals(read == Read.EXACT, e.getMessage().endsWith("(2 of 8 bytes)"));
            assertNull(e.getCause());
            sends(link, socket);
            reads(link, socket);
        }
    }

    @ParameterizedTest
    @EnumSource(Read.class)
    void receiveEarlyEnd(Read read) throws IOException {
        try (Link link = Links.MEMORY.open()) {
            StreamSocket socket = SocketSeam.stream(scope, link.near());
            before(link, socket, read);
            link.peer().endSending();

            switch (read) {
                case EXACT, UNTIL, LINE, LINE_BYTES, UNTIL_STREAM -> {
                    UnexpectedEndException e =
                            assertThrows(UnexpectedEndException.class, () -> read.from(socket));
                    shape(e, "receive", "memory", "closed");
                    assertEquals(partial(read), Pieces.text(e.partial()));
                }
                case ALL -> assertEquals("ab", Pieces.text((byte[]) read.from(socket)));
                case ANY -> assertNull(read.from(socket));
                case BUFFER, STREAM -> assertEquals(-1, read.from(socket));
                case PEEK -> assertEquals(0, ((byte[]) read.from(socket)).length);
            }
            sends(link, socket);
        }
    }

    @ParameterizedTest
    @EnumSource(Read.class)
    void receiveReset(Read read) throws IOException {
        IOException reset = new IOException("Connection reset");
        try (Link link = Links.MEMORY.open()) {
            StreamSocket socket = breaking(link, read, () -> reset);

            IOException e = assertThrows(IOException.class, () -> read.from(socket));

            shape(e, "receive", "memory", "connection reset by peer");
            assertEquals(reset, e.getCause());
            closed(socket, e, ClosedBy.RESET, partial(read));
        }
    }

    @ParameterizedTest
    @EnumSource(Read.class)
    void receiveOtherError(Read read) throws IOException {
        IOException odd = new IOException("No buffer space available");
        try (Link link = Links.MEMORY.open()) {
            StreamSocket socket = breaking(link, read, () -> odd);

            IOException e = assertThrows(IOException.class, () -> read.from(socket));

            shape(e, "receive", "memory", "no buffer space available");
            assertEquals(odd, e.getCause());
            closed(socket, e, ClosedBy.PEER, partial(read));
        }
    }

    @ParameterizedTest
    @EnumSource(Read.class)
    void receiveClientAborted(Read read) throws IOException {
        try (Link link = Links.MEMORY.open()) {
            StreamSocket socket = breaking(link, read, () -> new EOFException("client aborted"));

            UnexpectedEndException e =
                    assertThrows(UnexpectedEndException.class, () -> read.from(socket));

            shape(e, "receive", "memory", "client aborted");
            assertEquals(partial(read), Pieces.text(e.partial()));
            sends(link, socket);
        }
    }

    @ParameterizedTest
    @EnumSource(Read.class)
    void receiveClosedMeanwhile(Read read) throws IOException {
        for (ClosedBy by : List.of(ClosedBy.CALLER, ClosedBy.SCOPE, ClosedBy.INTERRUPTED)) {
            SocketScope own = runtime.openScope("own");
            try (Link link = Links.MEMORY.open()) {
                StreamSocket socket = SocketSeam.stream(own, link.near());
                before(link, socket, read);
                Pending<Object> reading = Pending.parked(() -> read.from(socket));

                switch (by) {
                    case CALLER -> socket.close();
                    case SCOPE -> own.close();
                    default -> reading.thread().interrupt();
                }

                SocketClosedException e = reading.failure(SocketClosedException.class);
                shape(e, "receive", "memory", "closed");
                closed(socket, e, by, partial(read));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Read.class)
    void receiveCancelled(Read read) throws Exception {
        try (Link link = Links.MEMORY.open()) {
            StreamSocket socket = SocketSeam.stream(scope, link.near());
            before(link, socket, read);
            var entered = new CountDownLatch(1);
            Fork<Throwable> fork =
                    scope.fork(
                            () -> {
                                entered.countDown();
                                return assertThrows(
                                        SocketClosedException.class, () -> read.from(socket));
                            });
            entered.await();

            fork.cancel();

            Awaitility.await().until(() -> !socket.isOpen());
            SocketClosedException later =
                    assertThrows(SocketClosedException.class, () -> read.from(socket));
            assertEquals(ClosedBy.CANCELLED, later.closedBy());
            shape(later, "receive", "memory", "closed (cancelled)");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Read.class,
            names = {"UNTIL", "LINE", "LINE_BYTES", "ALL"})
    void receiveLimit(Read read) throws IOException {
        try (Link link = Links.MEMORY.open()) {
            StreamSocket socket = SocketSeam.stream(scope, link.near());
            link.peer().send(Pieces.bytes("abcdef"));

            ReceiveLimitException e =
                    assertThrows(
                            ReceiveLimitException.class,
                            () -> {
                                switch (read) {
                                    case UNTIL ->
                                            socket.receiveUntil(Delimiter.of("--").withLimit(4));
                                    case LINE -> socket.receiveLine(4);
                                    case LINE_BYTES -> socket.receiveLineBytes(4);
                                    default -> socket.receiveAll(4);
                                }
                            });

            shape(e, "receive", "memory", "limit of 4 bytes reached before ");
            assertEquals("abcd", Pieces.text(e.partial()));
            assertEquals("ef", Pieces.text(socket.receive(2)));
            sends(link, socket);
            reads(link, socket);
        }
    }

    @Test
    void receiveBeyondTheConfiguredLimit() throws IOException {
        try (Cosockets small = Cosockets.create(CosocketConfig.defaults().withMaxReceiveBytes(4));
                Link link = Links.MEMORY.open()) {
            StreamSocket socket = SocketSeam.stream(small.openScope("small"), link.near());
            link.peer().send(Pieces.bytes("abcdefghi"));

            assertThrows(IllegalArgumentException.class, () -> socket.receive(5));
            assertThrows(ReceiveLimitException.class, socket::receiveLine);
            assertThrows(ReceiveLimitException.class, () -> socket.receiveUntil("--"));
            assertEquals("i", Pieces.text(socket.receive(1)));
        }
    }

    @ParameterizedTest
    @EnumSource(Read.class)
    void receiveBusy(Read read) throws IOException {
        try (Link link = Links.MEMORY.open()) {
            StreamSocket socket = SocketSeam.stream(scope, link.near());
            Pending<byte[]> first = Pending.parked(() -> socket.receive(2));

            IllegalStateException e =
                    assertThrows(IllegalStateException.class, () -> read.from(socket));

            shape(e, "receive", "memory", "socket busy reading");
            link.peer().send(Pieces.bytes("ok"));
            assertEquals("ok", Pieces.text(first.get()));
        }
    }

    // --- send

    @ParameterizedTest
    @EnumSource(Send.class)
    void sendTimeOut(Send send) throws IOException {
        try (Link link = Links.MEMORY.open()) {
            StreamSocket socket = SocketSeam.stream(scope, link.near());
            socket.sendTimeout(Duration.ofMillis(15));

            OperationTimeoutException e =
                    assertThrows(OperationTimeoutException.class, () -> send.to(socket, 1 << 20));

            shape(e, "send", "memory", "timeout after 15 ms");
            assertEquals("send", e.operation());
            assertEquals(Duration.ofMillis(15), e.limit());
            sendingEnded(socket, ClosedBy.PEER);
            reads(link, socket);
        }
    }

    private static void sendingEnded(StreamSocket socket, ClosedBy by) {
        for (Send again : Send.values()) {
            SocketClosedException later =
                    assertThrows(SocketClosedException.class, () -> again.to(socket, 1));
            assertEquals(by, later.closedBy());
            shape(later, "send", "memory", "closed");
        }
    }

    @ParameterizedTest
    @EnumSource(Send.class)
    void sendBrokenPipe(Send send) throws IOException {
        IOException broken = new IOException("Broken pipe");
        try (Link link = Links.MEMORY.open()) {
            StreamSocket socket =
                    SocketSeam.stream(scope, FaultyTransport.writing(link.near(), 0, () -> broken));

            SocketClosedException e =
                    assertThrows(SocketClosedException.class, () -> send.to(socket, 1));

            shape(e, "send", "memory", "broken pipe");
            assertEquals(ClosedBy.PEER, e.closedBy());
            assertEquals(broken, e.getCause());
            sendingEnded(socket, ClosedBy.PEER);
            reads(link, socket);
        }
    }

    @ParameterizedTest
    @EnumSource(Send.class)
    void sendReset(Send send) throws IOException {
        IOException reset = new IOException("Connection reset by peer");
        try (Link link = Links.MEMORY.open()) {
            StreamSocket socket =
                    SocketSeam.stream(scope, FaultyTransport.writing(link.near(), 0, () -> reset));

            IOException e = assertThrows(IOException.class, () -> send.to(socket, 1));

            shape(e, "send", "memory", "connection reset by peer");
            assertEquals(reset, e.getCause());
            closed(socket, e, ClosedBy.RESET, "");
        }
    }

    @ParameterizedTest
    @EnumSource(Send.class)
    void sendClosedMeanwhile(Send send) throws IOException {
        for (ClosedBy by : List.of(ClosedBy.CALLER, ClosedBy.SCOPE, ClosedBy.INTERRUPTED)) {
            SocketScope own = runtime.openScope("own");
            try (Link link = Links.MEMORY.open()) {
                StreamSocket socket = SocketSeam.stream(own, link.near());
                Pending<Boolean> sending =
                        Pending.parked(
                                () -> {
                                    send.to(socket, 1 << 20);
                                    return true;
                                });

                switch (by) {
                    case CALLER -> socket.close();
                    case SCOPE -> own.close();
                    default -> sending.thread().interrupt();
                }

                SocketClosedException e = sending.failure(SocketClosedException.class);
                shape(e, "send", "memory", "closed");
                closed(socket, e, by, "");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Send.class)
    void sendAfterHalfClose(Send send) throws IOException {
        try (Link link = Links.MEMORY.open()) {
            StreamSocket socket = SocketSeam.stream(scope, link.near());
            socket.shutdownSend();

            SocketClosedException e =
                    assertThrows(SocketClosedException.class, () -> send.to(socket, 1));

            shape(e, "send", "memory", "closed");
            sendingEnded(socket, ClosedBy.CALLER);
            reads(link, socket);
        }
    }

    @ParameterizedTest
    @EnumSource(Send.class)
    void sendBusy(Send send) throws IOException {
        try (Link link = Links.MEMORY.open()) {
            StreamSocket socket = SocketSeam.stream(scope, link.near());
            Pending<Boolean> first =
                    Pending.parked(
                            () -> {
                                socket.send(new byte[100_000]);
                                return true;
                            });

            IllegalStateException e =
                    assertThrows(IllegalStateException.class, () -> send.to(socket, 1));

            shape(e, "send", "memory", "socket busy writing");
            assertEquals(100_000, link.peer().receive(100_000).length);
            assertTrue(first.get());
        }
    }

    // --- the system's own words, on TCP

    @Test
    void aRealResetIsOneForTheReaderAndForTheWriter() throws IOException {
        try (FaultServer server = new FaultServer(new Fault.Reset(Pieces.bytes("ab")))) {
            TcpSocket socket = scope.connect("127.0.0.1", server.port());
            socket.send("x");

            IOException e = assertThrows(IOException.class, () -> socket.receive(8));

            shape(e, "receive", "tcp", "connection reset by peer");
            assertNotNull(e.getCause());
            closed(socket, e, ClosedBy.RESET, "ab");
        }
    }

    @Test
    void aWriterSeesThatThePeerIsGone() throws IOException {
        try (FaultServer server = new FaultServer(new Fault.CloseAfter(1, new byte[0]))) {
            TcpSocket socket = scope.connect("127.0.0.1", server.port());

            SocketClosedException e =
                    assertThrows(
                            SocketClosedException.class,
                            () -> {
                                while (true) {
                                    socket.send(new byte[64 << 10]);
                                }
                            });

            assertTrue(
                    e.getMessage().endsWith(": broken pipe")
                            || e.getMessage().endsWith(": connection reset by peer"),
                    e.getMessage());
            assertThrows(SocketClosedException.class, () -> socket.send("x"));
        }
    }
}
