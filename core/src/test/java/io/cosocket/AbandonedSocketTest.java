package io.cosocket;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Sockets that nobody reaches any more are closed soon after a collection. */
class AbandonedSocketTest {
    private final Cosockets runtime = Cosockets.create();
    private final SocketScope scope = runtime.openScope("long");
    private LoopbackPeer peer;

    @BeforeEach
    void listen() throws IOException {
        peer = LoopbackPeer.listening();
    }

    @AfterEach
    void close() throws IOException {
        runtime.close();
        peer.close();
    }

    @Test
    void unreachableSocketIsClosedThoughItsScopeLives() throws Exception {
        forgetOne(scope);

        awaitEndByCollection(peer.accept());
    }

    @Test
    void unreachableSocketOfALongRunIsClosed() throws Exception {
        CountDownLatch forgotten = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        Waiting.Task<Boolean> run =
                Waiting.startStep(
                        () ->
                                scope.run(
                                        sockets -> {
                                            forgetOne(sockets);
                                            forgotten.countDown();
                                            over.await();
                                        }));
        forgotten.await();

        awaitEndByCollection(peer.accept());

        over.countDown();
        run.get();
    }

    private void forgetOne(SocketScope sockets) throws IOException {
        sockets.connect("127.0.0.1", peer.port());
    }

    @Test
    void reachableSocketStays() throws Exception {
        TcpSocket kept = scope.connect("127.0.0.1", peer.port());
        Socket keptPeer = peer.accept();
        InputStream view = scope.connect("127.0.0.1", peer.port()).inputStream();
        Socket viewPeer = peer.accept();
        forgetOne(scope);

        awaitEndByCollection(peer.accept());

        assertTrue(LoopbackPeer.isOpen(keptPeer));
        assertTrue(LoopbackPeer.isOpen(viewPeer), "a view keeps its socket");
        viewPeer.getOutputStream().write(7);
        assertEquals(7, view.read());
        assertTrue(kept.isOpen());
    }

    @Test
    void socketThatAThreadWaitsOnStays() throws Exception {
        int port = peer.port();
        Waiting.Task<byte[]> reader =
                Waiting.start(() -> scope.connect("127.0.0.1", port).receive(1));
        Socket there = peer.accept();
        Waiting.untilParked(reader.thread());
        forgetOne(scope);

        awaitEndByCollection(peer.accept());

        there.getOutputStream().write(7);
        assertEquals(7, reader.get()[0]);
    }

    @Test
    void manyForgottenSocketsLeaveNoDescriptor() throws Exception {
        int before = Descriptors.sockets();
        for (int i = 0; i < 200; i++) {
            forgetOne(scope);
            peer.accept().close();
        }

        await().atMost(Duration.ofSeconds(20))
                .until(
                        () -> {
                            System.gc();
                            return Descriptors.sockets() <= before;
                        });
    }

    @Test
    void forgottenDatagramSocketIsClosed() throws Exception {
        int before = Descriptors.sockets();
        for (int i = 0; i < 10; i++) {
            scope.udp("127.0.0.1", 9).send(new byte[1]);
        }

        await().atMost(Duration.ofSeconds(20))
                .until(
                        () -> {
                            System.gc();
                            return Descriptors.sockets() <= before;
                        });
    }

    @Test
    @Tag("058-T57")
    @Tag("058-T58")
    void socketsOfTimersAreFreedWithAndWithoutClose() throws Exception {
        try (LoopbackPeer answering = LoopbackPeer.answeringLines()) {
            int before = Descriptors.sockets();
            AtomicInteger sent = new AtomicInteger();
            List<Timer> timers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                boolean closes = i % 2 == 0;
                timers.add(
                        runtime.after(
                                Duration.ZERO,
                                sockets -> {
                                    TcpSocket socket =
                                            sockets.connect("127.0.0.1", answering.port());
                                    socket.send("GET /foo\r\n");
                                    assertEquals("OK", socket.receiveLine());
                                    sent.incrementAndGet();
                                    if (closes) {
                                        socket.close();
                                    }
                                }));
            }

            await().atMost(Duration.ofSeconds(20))
                    .until(() -> timers.stream().allMatch(Timer::isDone));
            System.gc();
            assertEquals(4, sent.get());
            Descriptors.awaitAtMost(before);
        }
    }

    private static void awaitEndByCollection(Socket there) {
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(50))
                .until(
                        () -> {
                            System.gc();
                            return !LoopbackPeer.isOpen(there);
                        });
    }
}
