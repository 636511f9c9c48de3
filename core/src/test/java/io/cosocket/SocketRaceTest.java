package io.cosocket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;

/** Sockets of the system, used, closed, released and reused by several threads at once. */
class SocketRaceTest {
    private final Cosockets runtime =
            Cosockets.create(CosocketConfig.defaults().withLogSocketErrors(false));
    private final SocketScope scope = runtime.openScope("race");
    private LoopbackPeer peer;
    private int open;

    @BeforeEach
    void listen() throws IOException {
        peer = LoopbackPeer.answeringLines();
        open = Descriptors.sockets();
    }

    @AfterEach
    void nothingLeft() throws IOException {
        runtime.close();
        Descriptors.awaitAtMost(open);
        peer.close();
    }

    private TcpSocket connect() throws IOException {
        return scope.connect("127.0.0.1", peer.port());
    }

    private static void exchange(TcpSocket socket) throws IOException {
        socket.send("x\n");
        assertEquals("OK", socket.receiveLine());
    }

    @Test
    void closeAgainstReadAndWrite() throws Exception {
        try (LoopbackPeer silent = LoopbackPeer.listening()) {
            Race.repeat(
                    number -> {
                        TcpSocket socket = scope.connect("127.0.0.1", silent.port());
                        Race.Start start = new Race.Start();
                        Waiting.Task<byte[]> reader = start.thread(() -> socket.receive(1));
                        Waiting.Task<Boolean> writer =
                                start.thread(
                                        () -> {
                                            while (true) {
                                                socket.send(new byte[100_000]);
                                            }
                                        });
                        Waiting.Task<Boolean> closer =
                                start.thread(
                                        () -> {
                                            socket.close();
                                            return true;
                                        });
                        start.go();
                        closer.get();
                        assertInstanceOf(SocketClosedException.class, reader.failure());
                        assertInstanceOf(SocketClosedException.class, writer.failure());
                        LoopbackPeer.awaitEnd(silent.accept());
                    });
        }
    }

    @Test
    void timeoutAgainstData() throws Exception {
        try (LoopbackPeer counting = LoopbackPeer.listening()) {
            TcpSocket socket = scope.connect("127.0.0.1", counting.port());
            socket.receiveTimeout(Duration.ofMillis(1));
            Socket there = counting.accept();
            AtomicBoolean over = new AtomicBoolean();
            Waiting.Task<Integer> sender =
                    Waiting.start(
                            () -> {
                                int sent = 0;
                                while (!over.get()) {
                                    there.getOutputStream().write(sent++);
                                    long until =
                                            System.nanoTime()
                                                    + ThreadLocalRandom.current()
                                                            .nextInt(2_000_000);
                                    while (System.nanoTime() - until < 0) {
                                        Thread.onSpinWait();
                                    }
                                }
                                there.shutdownOutput();
                                return sent;
                            });
            List<Byte> received = new ArrayList<>();
            int rounds = Race.repeat(number -> receiveOne(socket, received));
            over.set(true);
            int sent = sender.get();
            for (byte b : socket.receiveAll(1 << 20)) {
                received.add(b);
            }

            assertTrue(rounds > received.size() / 2);
            assertEquals(sent, received.size());
            for (int i = 0; i < sent; i++) {
                assertEquals((byte) i, received.get(i));
            }
        }
    }

    private static void receiveOne(TcpSocket socket, List<Byte> received) throws IOException {
        try {
            received.add(socket.receive(1)[0]);
        } catch (OperationTimeoutException e) {
            assertArrayEquals(new byte[0], e.partial());
        }
    }

    @Test
    void closeAgainstRelease() throws Exception {
        int[] kept = new int[1];
        int rounds =
                Race.repeat(
                        number -> {
                            TcpSocket socket = connect();
                            exchange(socket);
                            Race.Start start = new Race.Start();
                            Waiting.Task<Release> releaser = start.thread(socket::release);
                            Waiting.Task<Boolean> closer =
                                    start.thread(
                                            () -> {
                                                socket.close();
                                                return true;
                                            });
                            start.go();
                            closer.get();
                            Release outcome = releaser.get();
                            assertTrue(
                                    outcome == Release.KEPT || outcome == Release.CLOSED,
                                    outcome::toString);
                            assertFalse(socket.isOpen());

                            TcpSocket next = connect();
                            assertEquals(outcome.kept(), next.reuseCount() > 0);
                            exchange(next);
                            assertEquals(Release.KEPT, next.release());
                            if (outcome.kept()) {
                                kept[0]++;
                            } else {
                                runtime.clear("");
                                connect().close();
                            }
                        });
        assertTrue(rounds > 0);
    }

    @Test
    void endOfTheScopeAgainstRelease() throws Exception {
        Race.repeat(
                number -> {
                    SocketScope own = runtime.openScope("own");
                    TcpSocket socket = own.connect("127.0.0.1", peer.port());
                    exchange(socket);
                    Race.Start start = new Race.Start();
                    Waiting.Task<Release> releaser = start.thread(socket::release);
                    Waiting.Task<Boolean> closer =
                            start.thread(
                                    () -> {
                                        own.close();
                                        return true;
                                    });
                    start.go();
                    closer.get();
                    releaser.get();
                    assertFalse(socket.isOpen());
                    TcpSocket next = connect();
                    exchange(next);
                    next.release();
                });
    }

    @Test
    void closeAgainstConnectOfTheSameObject() throws Exception {
        TcpSocket socket = scope.tcp();
        AtomicBoolean over = new AtomicBoolean();
        Waiting.Task<Integer> closer =
                Waiting.start(
                        () -> {
                            int closes = 0;
                            while (!over.get()) {
                                Race.spin(ThreadLocalRandom.current().nextInt(3000));
                                socket.close();
                                closes++;
                                if (closes % 64 == 0) {
                                    Thread.yield();
                                }
                            }
                            return closes;
                        });
        int[] whole = new int[1];
        Race.repeat(
                number -> {
                    try {
                        socket.connect("127.0.0.1", peer.port());
                        exchange(socket);
                        whole[0]++;
                    } catch (SocketClosedException e) {
                        // closed in the middle
                    }
                });
        over.set(true);
        assertTrue(closer.get() > 0);

        socket.connect("127.0.0.1", peer.port());
        exchange(socket);
    }

    @Test
    void readerThatLeavesAgainstConnectOfTheSameObject() throws Exception {
        TcpSocket socket = scope.tcp();
        Race.repeat(
                number -> {
                    socket.connect("127.0.0.1", peer.port());
                    Waiting.Task<byte[]> reader = Waiting.start(() -> socket.receive(1));
                    Waiting.untilParked(reader.thread());
                    socket.close();
                    socket.connect("127.0.0.1", peer.port());
                    exchange(socket);
                    assertInstanceOf(SocketClosedException.class, reader.failure());
                });
    }

    @Test
    void reusedDescriptorsLoseNoWakeUp() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        List<Waiting.Task<Integer>> threads = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            threads.add(
                    Waiting.start(
                            () -> {
                                int closed = 0;
                                while (!over.get()) {
                                    TcpSocket waiting = connect();
                                    Waiting.Task<byte[]> reader =
                                            Waiting.start(() -> waiting.receive(1));
                                    Race.spin(ThreadLocalRandom.current().nextInt(5000));
                                    waiting.close(); // its number is the next connection's
                                    reader.failure();
                                    closed++;
                                }
                                return closed;
                            }));
        }
        Race.repeat(
                number -> {
                    try (TcpSocket socket = connect()) {
                        socket.receiveTimeout(Duration.ofSeconds(20));
                        exchange(socket);
                        exchange(socket);
                    }
                });
        over.set(true);
        for (Waiting.Task<Integer> thread : threads) {
            assertTrue(thread.get() > 0);
        }
    }

    @Test
    void endOfTheScopeAgainstConnect() throws Exception {
        Race.repeat(
                number -> {
                    SocketScope own = runtime.openScope("own");
                    Race.Start start = new Race.Start();
                    Waiting.Task<Integer> connecter =
                            start.thread(
                                    () -> {
                                        int made = 0;
                                        try {
                                            while (true) {
                                                exchange(own.connect("127.0.0.1", peer.port()));
                                                made++;
                                            }
                                        } catch (SocketClosedException e) {
                                            return made;
                                        }
                                    });
                    Waiting.Task<Boolean> closer =
                            start.thread(
                                    () -> {
                                        Race.spin(ThreadLocalRandom.current().nextInt(50_000));
                                        own.close();
                                        return true;
                                    });
                    start.go();
                    closer.get();
                    connecter.get();
                });
    }

    @Test
    void cancelAgainstTheEndOfAFork() throws Exception {
        Race.repeat(
                number -> {
                    TcpSocket socket = connect();
                    Fork<String> fork =
                            scope.fork(
                                    () -> {
                                        socket.send("x\n");
                                        return socket.receiveLine();
                                    });
                    Race.spin(ThreadLocalRandom.current().nextInt(20_000));
                    fork.cancel();
                    try {
                        assertEquals("OK", fork.join());
                        assertTrue(socket.isOpen());
                        exchange(socket);
                    } catch (java.util.concurrent.CancellationException e) {
                        // it was still running
                    }
                    socket.close();
                });
    }
}
