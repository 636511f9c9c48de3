package io.cosocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.transport.Link;
import io.cosocket.transport.Links;
import io.cosocket.transport.OnVirtualThread;
import io.cosocket.transport.Pending;
import io.cosocket.transport.SocketSeam;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/** Time-outs come never early, keep what came before, and start anew with each progress. */
@ExtendWith(OnVirtualThread.class)
class TimeoutTest {
    private static final Duration SHORT = Duration.ofMillis(60);

    private final Cosockets runtime =
            Cosockets.create(CosocketConfig.defaults().withLogSocketErrors(false));
    private final SocketScope scope = runtime.openScope("time-outs");

    @AfterEach
    void close() {
        runtime.close();
    }

    private static OperationTimeoutException timesOut(Duration limit, Callable<?> operation) {
        long before = System.nanoTime();
        OperationTimeoutException e =
                assertThrows(OperationTimeoutException.class, operation::call);
        assertTrue(System.nanoTime() - before >= limit.toNanos(), () -> "early: " + limit);
        assertEquals(limit, e.limit());
        return e;
    }

    private static Callable<Void> sending(StreamSocket socket) {
        return () -> {
            socket.send(new byte[64 << 20]);
            return null;
        };
    }

    @Tag("065-T21")
    @ParameterizedTest
    @EnumSource(Links.class)
    void readsAreNeverEarly(Links kind) throws IOException {
        try (Link link = kind.open();
                StreamSocket socket = SocketSeam.stream(scope, link.near())) {
            for (long micros : new long[] {1, 900, 10_000, 99_000, 100_000, 101_000, 150_000}) {
                Duration limit = Duration.ofNanos(micros * 1000);
                socket.receiveTimeout(limit);
                timesOut(limit, () -> socket.receive(3));
                assertTrue(socket.isOpen());
            }
        }
    }

    @Tag("058-T36")
    @Tag("065-T6")
    @Tag("rw-tcp-socket-timeout-T6")
    @Test
    void theTimeOutOfTheRuntimeApplies() throws IOException {
        Duration limit = Duration.ofMillis(102);
        try (Cosockets quick = Cosockets.create(quiet(new Timeouts(limit, limit, limit)));
                PeerServer server = PeerServer.tcp(PeerServer.silent())) {
            TcpSocket socket = quick.openScope("quick").connect("127.0.0.1", server.port());

            assertEquals(0, timesOut(limit, socket::receiveLine).partial().length);
            timesOut(limit, socket::receiveLine);
        }
    }

    /**
     * The original takes 0 and nil for "use the default"; here they are refused and change nothing.
     */
    @Tag("065-T4")
    @Tag("065-T8")
    @Tag("065-T9")
    @Tag("rw-tcp-socket-timeout-T4")
    @Tag("rw-tcp-socket-timeout-T8")
    @Tag("rw-tcp-socket-timeout-T9")
    @Test
    void zeroLeavesTheTimeOutOfTheRuntimeInForce() throws IOException {
        Duration limit = Duration.ofMillis(102);
        try (Cosockets quick = Cosockets.create(quiet(Timeouts.of(limit)));
                PeerServer server = PeerServer.tcp(PeerServer.silent());
                BlackHole hole = new BlackHole()) {
            SocketScope quickScope = quick.openScope("quick");
            TcpSocket socket = quickScope.connect("127.0.0.1", server.port());
            assertThrows(
                    IllegalArgumentException.class, () -> socket.receiveTimeout(Duration.ZERO));
            assertThrows(IllegalArgumentException.class, () -> socket.receiveTimeout(null));

            timesOut(limit, socket::receiveLine);
            timesOut(limit, () -> quickScope.connect("127.0.0.1", hole.port()));
        }
    }

    @Tag("065-T7")
    @Tag("147-T2")
    @Tag("rw-tcp-socket-timeout-T7")
    @Test
    void theTimeOutOfTheSocketGoesBefore() throws IOException {
        CountDownLatch answer = new CountDownLatch(1);
        try (PeerServer server =
                        PeerServer.tcp(
                                peer -> {
                                    answer.await();
                                    peer.send(Pieces.bytes("late\n"));
                                    peer.atEnd();
                                });
                TcpSocket socket = scope.connect("127.0.0.1", server.port())) {
            Duration limit = Duration.ofMillis(2);
            socket.timeouts(new Timeouts(SHORT, SHORT, limit));

            OperationTimeoutException e = timesOut(limit, socket::receiveLine);

            assertEquals("receive", e.operation());
            assertEquals(0, e.partial().length);
            answer.countDown();
            socket.receiveTimeout(Duration.ofSeconds(20));
            assertEquals("late", socket.receiveLine());
        }
    }

    @Tag("058-T37")
    @Tag("058-T38")
    @Tag("058-T39")
    @Tag("058-T40")
    @ParameterizedTest
    @ValueSource(strings = {"exact", "until", "all", "line", "transfer"})
    void whatCameBeforeIsHandedOverOnceAndTheNextReadGoesOn(String read) throws IOException {
        try (Link link = Links.TCP.open();
                StreamSocket socket = SocketSeam.stream(scope, link.near())) {
            boolean line = read.equals("line");
            String first = line ? "2;hi;" : "2\r\nhi\r\n";
            link.peer().send(Pieces.bytes("head\r\n" + first));
            assertEquals("head", socket.receiveLine());
            socket.receiveTimeout(SHORT);
            SocketPair sink = StreamSocket.inMemory(runtime);

            OperationTimeoutException e =
                    timesOut(
                            SHORT,
                            () ->
                                    switch (read) {
                                        case "exact" -> socket.receive(100);
                                        case "until" -> socket.receiveUntil("never");
                                        case "all" -> socket.receiveAll(100);
                                        case "line" -> socket.receiveLine();
                                        default -> socket.transferTo(sink.left());
                                    });

            if (read.equals("transfer")) {
                assertEquals(first, Pieces.text(sink.right().receive(first.length())));
            } else {
                assertEquals(first, Pieces.text(e.partial()));
            }
            link.peer().send(Pieces.bytes("5\r\nworld\r\n"));
            socket.receiveTimeout(Duration.ofSeconds(20));
            assertEquals("5", Pieces.text(socket.receiveUntil("\r\n")));
            assertEquals("world", socket.receiveLine());
        }
    }

    @Test
    void readsOfWhatIsThereTimeOutWithoutPartialData() throws IOException {
        try (Link link = Links.MEMORY.open();
                StreamSocket socket = SocketSeam.stream(scope, link.near())) {
            socket.receiveTimeout(SHORT);
            List<Callable<?>> reads =
                    List.of(
                            () -> socket.receiveAny(8),
                            () -> socket.receive(ByteBuffer.allocate(8)),
                            () -> socket.peek(8),
                            () -> socket.inputStream().read(),
                            () -> socket.streamUntil(Delimiter.of("x")).read());
            for (Callable<?> read : reads) {
                assertEquals(0, timesOut(SHORT, read).partial().length);
            }
            link.peer().send(Pieces.bytes("ok"));
            assertEquals("ok", Pieces.text(socket.receive(2)));
        }
    }

    @Test
    void aPendingBeginningOfTheDelimiterStaysInTheStream() throws IOException {
        try (Link link = Links.MEMORY.open();
                StreamSocket socket = SocketSeam.stream(scope, link.near())) {
            socket.receiveTimeout(SHORT);
            link.peer().send(Pieces.bytes("data--"));

            assertEquals(
                    "data",
                    Pieces.text(timesOut(SHORT, () -> socket.receiveUntil("--abc")).partial()));

            link.peer().send(Pieces.bytes("abc."));
            assertEquals(0, socket.receiveUntil("--abc").length);
            assertEquals(".", Pieces.text(socket.receive(1)));
        }
    }

    @Tag("147-T7")
    @Test
    void eachByteStartsTheTimeAnew() throws IOException {
        Duration limit = Duration.ofSeconds(3);
        Duration gap = Duration.ofMillis(700);
        try (FaultServer server = new FaultServer(new Fault.Trickle(Pieces.bytes("sixty\n"), gap));
                TcpSocket socket = scope.connect("127.0.0.1", server.port())) {
            socket.timeouts(new Timeouts(SHORT, SHORT, limit));
            long before = System.nanoTime();

            assertEquals("sixty\n", Pieces.text(socket.receive(6)));

            assertTrue(System.nanoTime() - before > limit.toNanos(), "the test proves nothing");
        }
    }

    @Tag("147-T6")
    @ParameterizedTest
    @EnumSource(Links.class)
    void aChangedReadLimitCountsFromTheNextProgress(Links kind) throws IOException {
        try (Link link = kind.open();
                StreamSocket socket = SocketSeam.stream(scope, link.near())) {
            Pending<byte[]> reading = Pending.parked(() -> socket.receive(12));
            socket.receiveTimeout(SHORT);
            LockSupport.parkNanos(3 * SHORT.toNanos());
            assertFalse(reading.isDone(), "the limit changed under the wait");

            link.peer().send(Pieces.bytes("data"));

            OperationTimeoutException e = reading.failure(OperationTimeoutException.class);
            assertEquals("data", Pieces.text(e.partial()));
            assertEquals(SHORT, e.limit());
            socket.send("ok\n");
            assertEquals("ok\n", Pieces.text(link.peer().receive(3)));
        }
    }

    @Test
    void aTimeOutNamesTheLimitThatRanOut() throws IOException {
        try (Link link = Links.TCP.open();
                StreamSocket socket = SocketSeam.stream(scope, link.near())) {
            socket.receiveTimeout(Duration.ofMillis(400));
            Pending<byte[]> reading = Pending.parked(() -> socket.receive(2));
            socket.receiveTimeout(Duration.ofSeconds(20));

            OperationTimeoutException e = reading.failure(OperationTimeoutException.class);

            assertEquals(Duration.ofMillis(400), e.limit());
            assertTrue(e.getMessage().contains(": timeout after 400 ms"), e.getMessage());
            assertEquals(Duration.ofSeconds(20), socket.receiveTimeout());
        }
    }

    @Test
    void aLongerReadLimitCountsFromTheNextProgress() throws IOException {
        try (Link link = Links.TCP.open();
                StreamSocket socket = SocketSeam.stream(scope, link.near())) {
            socket.receiveTimeout(Duration.ofSeconds(3));
            Pending<byte[]> reading = Pending.parked(() -> socket.receive(2));
            socket.receiveTimeout(Duration.ofSeconds(20));
            link.peer().send(Pieces.bytes("a"));
            LockSupport.parkNanos(Duration.ofMillis(3200).toNanos());

            link.peer().send(Pieces.bytes("b"));

            assertEquals("ab", Pieces.text(reading.get()));
        }
    }

    @Test
    void aChangedSendLimitCountsFromTheNextProgress() throws IOException {
        try (Link link = Links.MEMORY.open();
                StreamSocket socket = SocketSeam.stream(scope, link.near())) {
            Pending<Void> sending = Pending.parked(sending(socket));
            socket.sendTimeout(SHORT);
            LockSupport.parkNanos(3 * SHORT.toNanos());
            assertFalse(sending.isDone(), "the limit changed under the wait");

            link.peer().receive(10);

            assertEquals("send", sending.failure(OperationTimeoutException.class).operation());
        }
    }

    @Tag("071-T2")
    @Test
    void noTimeRunsBetweenOperations() throws IOException {
        try (LineServer server = new LineServer();
                TcpSocket socket = scope.connect("127.0.0.1", server.port())) {
            socket.timeouts(Timeouts.of(Duration.ofSeconds(2)));
            for (int i = 0; i < 2; i++) {
                socket.send("flush_all\r\n");
                assertEquals("OK", socket.receiveLine());
                LockSupport.parkNanos(Duration.ofMillis(2200).toNanos());
            }
            assertTrue(socket.isOpen());
            socket.send("flush_all\r\n");
            assertEquals("OK", socket.receiveLine());
        }
    }

    @Tag("065-T12")
    @Tag("065-T18")
    @Tag("147-T4")
    @Tag("rw-tcp-socket-timeout-T12")
    @ParameterizedTest
    @EnumSource(
            value = Links.class,
            names = {"TCP", "UNIX", "MEMORY"})
    void sendsThatNobodyTakesTimeOutAndEndTheSendingSide(Links kind) throws IOException {
        Duration limit = Duration.ofMillis(150);
        try (Link link = kind.open();
                StreamSocket socket = SocketSeam.stream(scope, link.near())) {
            socket.sendTimeout(limit);

            assertEquals("send", timesOut(limit, sending(socket)).operation());

            SocketClosedException e =
                    assertThrows(SocketClosedException.class, () -> socket.send("blah"));
            assertTrue(e.getMessage().contains(": closed"), e.getMessage());
            link.peer().send(Pieces.bytes("read on"));
            assertEquals("read on", Pieces.text(socket.receive(7)));
        }
    }

    @Tag("058-T6")
    @Tag("065-T1")
    @Tag("065-T17")
    @Tag("147-T5")
    @Tag("rw-tcp-socket-T6")
    @Tag("rw-tcp-socket-timeout-T1")
    @Test
    void aConnectThatNobodyAnswersTimesOutAndLeavesTheObjectUsable() throws IOException {
        Duration limit = Duration.ofMillis(100);
        try (BlackHole hole = new BlackHole();
                LineServer server = new LineServer()) {
            TcpSocket socket = scope.tcp();
            socket.timeouts(Timeouts.of(limit));

            assertEquals(
                    "connect",
                    timesOut(limit, () -> socket.connect("127.0.0.1", hole.port())).operation());

            assertFalse(socket.isOpen());
            assertThrows(SocketClosedException.class, () -> socket.send("x"));
            assertThrows(SocketClosedException.class, () -> socket.receive(1));
            assertEquals(Release.CLOSED, socket.release());
            socket.close();
            socket.timeouts(Timeouts.of(Duration.ofSeconds(20)));
            socket.connect("127.0.0.1", server.port());
            socket.send("ping\n");
            assertEquals("ping", socket.receiveLine());
        }
    }

    @Test
    void optionsSetAllTimeOutsOfTheSocket() throws IOException {
        try (LineServer server = new LineServer()) {
            Timeouts asked =
                    new Timeouts(
                            Duration.ofSeconds(7), Duration.ofSeconds(8), Duration.ofSeconds(9));
            TcpSocket socket =
                    scope.connect(
                            "127.0.0.1",
                            server.port(),
                            ConnectOptions.defaults().withTimeouts(asked));

            assertEquals(asked.send(), socket.sendTimeout());
            assertEquals(asked.receive(), socket.receiveTimeout());
        }
    }

    private static CosocketConfig quiet(Timeouts timeouts) {
        return CosocketConfig.defaults().withTimeouts(timeouts).withLogSocketErrors(false);
    }
}
