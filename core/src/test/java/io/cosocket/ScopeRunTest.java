package io.cosocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.SocketClosedException.ClosedBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/** How a run begins, ends and is cancelled. */
class ScopeRunTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final Cosockets runtime =
            Cosockets.create(CosocketConfig.defaults().withResolver(ScopeRunTest::deadResolver));
    private final SocketScope scope = runtime.openScope("run");
    private final List<String> trail = new CopyOnWriteArrayList<>();

    /** A name server that never answers. */
    private static List<InetAddress> deadResolver(String host, Duration limit)
            throws UnknownHostException {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new UnknownHostException(host);
    }

    @AfterEach
    void close() {
        runtime.close();
    }

    @Test
    void runAwaitsItsForks() throws Exception {
        AtomicReference<Fork<?>> fork = new AtomicReference<>();
        CountDownLatch go = new CountDownLatch(1);

        scope.run(
                sockets -> {
                    fork.set(
                            sockets.fork(
                                    () -> {
                                        go.await();
                                        sockets.sleep(Duration.ofMillis(20));
                                        trail.add("fork");
                                        return 1;
                                    }));
                    trail.add("handler");
                    go.countDown();
                });

        assertEquals(List.of("handler", "fork"), trail);
        assertTrue(fork.get().isDone());
        assertTrue(scope.isClosed());
    }

    @Test
    void runAwaitsForksOfForks() throws Exception {
        scope.run(
                sockets ->
                        sockets.fork(
                                () ->
                                        sockets.fork(
                                                () -> {
                                                    sockets.sleep(Duration.ofMillis(20));
                                                    return trail.add("grandchild");
                                                })));

        assertEquals(List.of("grandchild"), trail);
    }

    @Test
    void exceptionCancelsTheForksAndIsThrownAgain() throws Exception {
        IOException mine = new IOException("mine");
        AtomicReference<Fork<?>> fork = new AtomicReference<>();

        IOException thrown =
                assertThrows(
                        IOException.class,
                        () ->
                                scope.run(
                                        sockets -> {
                                            fork.set(sleeper(sockets));
                                            throw mine;
                                        }));

        assertSame(mine, thrown);
        assertTrue(fork.get().isDone());
        assertThrows(CancellationException.class, () -> fork.get().join());
    }

    private static Fork<Boolean> sleeper(SocketScope sockets) {
        return sockets.fork(
                () -> {
                    sockets.sleep(LONG);
                    return true;
                });
    }

    @Test
    void forkThatFailsEndsItselfAlone() throws Exception {
        scope.run(
                sockets -> {
                    Fork<Boolean> broken =
                            sockets.fork(
                                    () -> {
                                        throw new IllegalStateException("broken");
                                    });
                    assertThrows(IllegalStateException.class, broken::join);
                    sockets.sleep(Duration.ofMillis(1));
                    trail.add("after");
                });

        assertEquals(List.of("after"), trail);
    }

    @Test
    void closeFromAnotherThreadCancelsTheRun() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        AtomicBoolean interrupted = new AtomicBoolean();
        Waiting.Task<Boolean> run =
                Waiting.start(
                        () -> {
                            try {
                                scope.run(
                                        sockets -> {
                                            running.countDown();
                                            new CountDownLatch(1).await();
                                        });
                            } catch (InterruptedException e) {
                                interrupted.set(true);
                            }
                            return Thread.currentThread().isInterrupted();
                        });
        running.await();
        Waiting.untilParked(run.thread());

        scope.close();

        assertFalse(run.get(), "the flag is cleared when the run is left");
        assertTrue(interrupted.get());
    }

    @Test
    void interruptFlagOfACancelledRunIsCleared() throws Exception {
        try (LoopbackPeer peer = LoopbackPeer.listening()) {
            AtomicReference<SocketClosedException> cause = new AtomicReference<>();
            CountDownLatch connected = new CountDownLatch(1);
            Waiting.Task<Boolean> run =
                    Waiting.start(
                            () -> {
                                scope.run(
                                        sockets -> {
                                            TcpSocket socket =
                                                    sockets.connect("127.0.0.1", peer.port());
                                            connected.countDown();
                                            cause.set(
                                                    assertThrows(
                                                            SocketClosedException.class,
                                                            () -> socket.receive(1)));
                                            assertTrue(Thread.currentThread().isInterrupted());
                                        });
                                return Thread.currentThread().isInterrupted();
                            });
            peer.accept();
            connected.await();
            Waiting.untilParked(run.thread());

            scope.close();

            assertFalse(run.get());
            assertTrue(
                    cause.get().closedBy() == ClosedBy.SCOPE
                            || cause.get().closedBy() == ClosedBy.CANCELLED);
        }
    }

    @Test
    void interruptThatIsNotOursStays() throws Exception {
        Waiting.Task<Boolean> run =
                Waiting.start(
                        () -> {
                            scope.run(
                                    sockets -> {
                                        SocketClosedException e =
                                                assertThrows(
                                                        SocketClosedException.class,
                                                        () -> sockets.sleep(LONG));
                                        assertEquals(ClosedBy.INTERRUPTED, e.closedBy());
                                    });
                            return Thread.currentThread().isInterrupted();
                        });
        Waiting.untilParked(run.thread());

        run.thread().interrupt();

        assertTrue(run.get());
    }

    @Test
    void interruptWhileForksAreAwaitedCancelsThem() throws Exception {
        AtomicReference<Fork<?>> fork = new AtomicReference<>();
        Waiting.Task<Boolean> run =
                Waiting.start(
                        () -> {
                            scope.run(sockets -> fork.set(sleeper(sockets)));
                            return Thread.currentThread().isInterrupted();
                        });
        Waiting.untilParked(run.thread());

        run.thread().interrupt();

        assertTrue(run.get(), "who interrupted wants to see it");
        assertTrue(fork.get().isDone());
    }

    @Test
    void innerRunLeavesTheInterruptOfACancelledOuterRun() throws Exception {
        CountDownLatch inner = new CountDownLatch(1);
        Waiting.Task<Boolean> run =
                Waiting.start(
                        () -> {
                            scope.run(
                                    sockets -> {
                                        try (SocketScope child = runtime.openScope("child")) {
                                            child.run(
                                                    own -> {
                                                        inner.countDown();
                                                        assertThrows(
                                                                SocketClosedException.class,
                                                                () -> own.sleep(LONG));
                                                    });
                                        }
                                        assertThrows(
                                                InterruptedException.class,
                                                () -> new CountDownLatch(1).await());
                                    });
                            return Thread.currentThread().isInterrupted();
                        });
        inner.await();
        Waiting.untilParked(run.thread());

        scope.close();

        assertFalse(run.get());
    }

    @Test
    void scopeRunsOnce() throws Exception {
        scope.run(
                sockets -> assertThrows(IllegalStateException.class, () -> scope.run(again -> {})));
        assertThrows(IllegalStateException.class, () -> scope.run(sockets -> {}));
    }

    @Test
    @Tag("094-T7")
    @Tag("rw-uthread-exit-T7")
    @Tag("ac-uthread-exit-T7")
    void forkEndsTheRunThatWaitsInConnect() throws Exception {
        try (BlackHole hole = new BlackHole()) {
            assertEndedByAFork(sockets -> sockets.connect("127.0.0.1", hole.port()));
        }
    }

    @Test
    @Tag("094-T10")
    @Tag("rw-uthread-exit-T10")
    @Tag("ac-uthread-exit-T10")
    void forkEndsTheRunThatWaitsForADatagram() throws Exception {
        try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            assertEndedByAFork(
                    sockets -> sockets.udp("127.0.0.1", silent.getLocalPort()).receive());
        }
    }

    @Test
    @Tag("094-T6")
    @Tag("rw-uthread-exit-T6")
    @Tag("ac-uthread-exit-T6")
    void forkEndsTheRunThatWaitsForAName() throws Exception {
        assertEndedByAFork(sockets -> sockets.udp("peer.invalid", 9));
    }

    @Test
    @Tag("065-T16")
    @Tag("065-T19")
    void forkEndsTheRunThatWaitsInSend() throws Exception {
        try (LoopbackPeer stalled = LoopbackPeer.listening()) {
            assertEndedByAFork(
                    sockets ->
                            sockets.connect("127.0.0.1", stalled.port()).send(new byte[64 << 20]));
        }
    }

    /** The handler waits; a fork comes after it, ends the run and goes on to its own end. */
    private void assertEndedByAFork(ScopedTask wait) throws Exception {
        int open = Descriptors.sockets();
        AtomicReference<Throwable> failure = new AtomicReference<>();

        Waiting.Task<Boolean> run =
                Waiting.start(
                        () -> {
                            scope.run(sockets -> endedByAFork(sockets, wait, failure));
                            return Thread.currentThread().isInterrupted();
                        });

        assertFalse(run.get());
        assertEquals(List.of("before", "hello in thread", "after"), trail);
        assertInstanceOf(SocketClosedException.class, failure.get());
        Descriptors.awaitAtMost(open);
    }

    private void endedByAFork(
            SocketScope sockets, ScopedTask wait, AtomicReference<Throwable> failure)
            throws Exception {
        Thread handler = Thread.currentThread();
        trail.add("before");
        sockets.fork(
                () -> {
                    Waiting.untilParked(handler);
                    trail.add("hello in thread");
                    sockets.close();
                    assertFalse(Thread.currentThread().isInterrupted());
                    return trail.add("after");
                });
        try {
            wait.run(sockets);
        } catch (IOException e) {
            failure.set(e);
        }
    }
}
