package io.cosocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;

/** Spawning, waiting for and cancelling forks. */
class ForkTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final Cosockets runtime = Cosockets.create();
    private final SocketScope scope = runtime.openScope("run");

    @AfterEach
    void close() {
        runtime.close();
    }

    @Test
    void joinGivesTheResultAsOftenAsAsked() throws Exception {
        Fork<Integer> fork = scope.fork(() -> 32);

        assertEquals(32, fork.join());
        assertEquals(32, fork.join());
        assertTrue(fork.isDone());
        assertNull(scope.fork(() -> null).join());
    }

    @Test
    void joinThrowsWhatTheTaskThrew() {
        IOException io = new IOException("io");
        RuntimeException unchecked = new IllegalStateException("unchecked");
        Exception checked = new Exception("checked");
        Error error = new AssertionError("error");

        assertSame(io, assertThrows(IOException.class, failing(io)::join));
        assertSame(unchecked, assertThrows(RuntimeException.class, failing(unchecked)::join));
        assertSame(
                checked, assertThrows(ExecutionException.class, failing(checked)::join).getCause());
        assertSame(error, assertThrows(ExecutionException.class, failing(error)::join).getCause());
    }

    private Fork<Integer> failing(Throwable failure) {
        return scope.fork(
                () -> {
                    switch (failure) {
                        case Exception e -> throw e;
                        case Error e -> throw e;
                        default -> throw new IllegalArgumentException(failure);
                    }
                });
    }

    @Test
    void joinWithALimitLeavesTheForkAlone() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        Fork<Integer> fork =
                scope.fork(
                        () -> {
                            go.await();
                            return 1;
                        });

        OperationTimeoutException e =
                assertThrows(
                        OperationTimeoutException.class, () -> fork.join(Duration.ofMillis(20)));

        assertEquals("join", e.operation());
        assertEquals(Duration.ofMillis(20), e.limit());
        assertFalse(fork.isDone());
        go.countDown();
        assertEquals(1, fork.join(LONG));
        assertThrows(IllegalArgumentException.class, () -> fork.join(Duration.ZERO));
    }

    @Test
    void joinAnyGivesTheFirstThatEndedHoweverItEnded() throws Exception {
        Fork<Boolean> slow = sleeper();
        Fork<Integer> broken = failing(new IOException("broken"));

        assertSame(broken, Fork.joinAny(slow, broken));

        slow.cancel();
        assertSame(slow, Fork.joinAny(slow));
        assertThrows(CancellationException.class, slow::join);
        assertThrows(IllegalArgumentException.class, () -> Fork.joinAny());
    }

    private Fork<Boolean> sleeper() {
        return scope.fork(
                () -> {
                    scope.sleep(LONG);
                    return true;
                });
    }

    @Test
    void cancelOfAForkThatEndedDoesNothing() throws Exception {
        Fork<Integer> fork = scope.fork(() -> 32);
        fork.join();

        fork.cancel();
        fork.cancel();

        assertEquals(32, fork.join());
    }

    @Test
    void interruptOfAJoinLeavesTheForkAlone() throws Exception {
        Fork<Boolean> fork = sleeper();
        Waiting.Task<Boolean> joiner = Waiting.start(fork::join);
        Waiting.untilParked(joiner.thread());

        joiner.thread().interrupt();

        assertInstanceOf(InterruptedException.class, joiner.failure());
        assertFalse(fork.isDone());
    }

    @Test
    void cancelledBeforeItBeganAForkStillEnds() throws Exception {
        for (int i = 0; i < 2000; i++) {
            Fork<Boolean> fork = sleeper();
            fork.cancel();
            assertThrows(CancellationException.class, () -> fork.join(LONG));
        }
    }

    @Test
    void forkFromAThreadOfNoRunJoinsTheRun() throws Exception {
        try (LoopbackPeer peer = LoopbackPeer.answeringLines()) {
            AtomicReference<TcpSocket> socket = new AtomicReference<>();
            CountDownLatch connected = new CountDownLatch(1);
            CountDownLatch over = new CountDownLatch(1);
            Waiting.Task<Boolean> run =
                    Waiting.startStep(
                            () ->
                                    scope.run(
                                            sockets -> {
                                                socket.set(
                                                        sockets.connect("127.0.0.1", peer.port()));
                                                connected.countDown();
                                                over.await();
                                            }));
            connected.await();

            Fork<String> watcher =
                    scope.fork(
                            () -> {
                                socket.get().send("x\n");
                                return socket.get().receiveLine();
                            });

            assertEquals("OK", watcher.join());
            over.countDown();
            run.get();
        }
    }

    @Test
    @Tag("093-T20")
    @Tag("rw-uthread-spawn-T20")
    @Tag("ac-uthread-spawn-T20")
    void runWaitsForTheExchangeOfAFork() throws Exception {
        List<String> trail = new CopyOnWriteArrayList<>();
        try (LoopbackPeer peer = LoopbackPeer.answeringLines()) {
            CountDownLatch before = new CountDownLatch(1);
            scope.run(
                    sockets -> {
                        sockets.fork(
                                () -> {
                                    TcpSocket socket = sockets.connect("127.0.0.1", peer.port());
                                    socket.send("flush_all\r\n");
                                    before.await();
                                    return trail.add("received: " + socket.receiveLine());
                                });
                        trail.add("before");
                        trail.add("after");
                        before.countDown();
                    });
        }

        assertEquals(List.of("before", "after", "received: OK"), trail);
    }

    @Test
    @Tag("093-T21")
    @Tag("rw-uthread-spawn-T21")
    @Tag("ac-uthread-spawn-T21")
    void runWaitsForTheDatagramsOfAFork() throws Exception {
        AtomicReference<Fork<String>> fork = new AtomicReference<>();
        try (DatagramSocket peer = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            Waiting.Task<Boolean> answering = Waiting.startStep(() -> answerOne(peer));
            scope.run(
                    sockets ->
                            fork.set(
                                    sockets.fork(
                                            () -> {
                                                UdpSocket udp =
                                                        sockets.udp(
                                                                "127.0.0.1", peer.getLocalPort());
                                                udp.send("blah".getBytes(StandardCharsets.UTF_8));
                                                return new String(
                                                        udp.receive(), StandardCharsets.UTF_8);
                                            })));

            assertTrue(fork.get().isDone());
            assertEquals("hello udp", fork.get().join());
            answering.get();
        }
    }

    private static void answerOne(DatagramSocket peer) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[100], 100);
        peer.receive(packet);
        packet.setData("hello udp".getBytes(StandardCharsets.UTF_8));
        peer.send(packet);
    }

    @Test
    @Tag("058-T43")
    void readerThatWentOnIsNotWokenForTheNextReader() throws Exception {
        try (LoopbackPeer peer = LoopbackPeer.listening()) {
            AtomicReference<Throwable> sleeping = new AtomicReference<>();
            scope.run(
                    sockets -> {
                        TcpSocket socket = sockets.connect("127.0.0.1", peer.port());
                        Socket there = peer.accept();
                        CountDownLatch firstRead = new CountDownLatch(1);
                        Fork<Boolean> first =
                                sockets.fork(
                                        () -> {
                                            assertEquals("one", socket.receiveLine());
                                            firstRead.countDown();
                                            try {
                                                sockets.sleep(LONG);
                                            } catch (SocketClosedException e) {
                                                sleeping.set(e);
                                            }
                                            return true;
                                        });
                        there.getOutputStream().write("one\n".getBytes(StandardCharsets.UTF_8));
                        firstRead.await();
                        there.getOutputStream().write("two\n".getBytes(StandardCharsets.UTF_8));
                        there.shutdownOutput();
                        assertEquals("two", socket.receiveLine());
                        assertNull(socket.receiveLine());
                        socket.close();
                        assertFalse(first.isDone());
                        sockets.close();
                    });
            assertInstanceOf(SocketClosedException.class, sleeping.get());
        }
    }

    @Test
    @Tag("091-T3")
    @Tag("091-T7")
    @Tag("091-T24")
    @Tag("091-T25")
    void forksWaitForDifferentPeersSideBySide() throws Exception {
        List<Fork<Boolean>> forks = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            forks.add(
                    scope.fork(
                            () -> {
                                try (LoopbackPeer peer = LoopbackPeer.answeringLines();
                                        TcpSocket socket =
                                                scope.connect("127.0.0.1", peer.port())) {
                                    socket.send("x\n");
                                    return "OK".equals(socket.receiveLine());
                                }
                            }));
        }
        for (Fork<Boolean> fork : forks) {
            assertTrue(fork.join());
        }
    }

    @Test
    @Tag("127-T10")
    void forksAfterACancelledOneWorkAsEver() throws Exception {
        try (LoopbackPeer peer = LoopbackPeer.answeringLines();
                LoopbackPeer silent = LoopbackPeer.listening()) {
            Fork<Integer> quick = scope.fork(() -> 1);
            Fork<String> nested =
                    scope.fork(
                            () ->
                                    scope.fork(
                                                    () ->
                                                            scope.connect(
                                                                            "127.0.0.1",
                                                                            silent.port())
                                                                    .receiveLine())
                                            .join());
            assertSame(quick, Fork.joinAny(quick));
            quick.cancel();
            nested.cancel();

            List<Fork<Release>> forks = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                forks.add(scope.fork(() -> ping(peer)));
            }
            for (Fork<Release> fork : forks) {
                assertEquals(Release.KEPT, fork.join());
            }
            assertThrows(CancellationException.class, nested::join);
        }
    }

    private Release ping(LoopbackPeer peer) throws IOException {
        TcpSocket socket = scope.connect("127.0.0.1", peer.port());
        socket.send("PING\r\n");
        assertEquals("OK", socket.receiveLine());
        return socket.release();
    }
}
