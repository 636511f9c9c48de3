package io.cosocket;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Timers: each firing a run of its own. */
class TimerTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final Cosockets runtime = Cosockets.create();
    private final BlockingQueue<Object> results = new LinkedBlockingQueue<>();

    @AfterEach
    void close() {
        runtime.close();
    }

    private Object result() throws InterruptedException {
        Object result = results.poll(20, TimeUnit.SECONDS);
        assertTrue(result != null, "nothing fired");
        return result;
    }

    @Test
    void firesOnceAndNeverEarly() throws Exception {
        long begin = System.nanoTime();
        Timer timer = runtime.after(Duration.ofMillis(50), s -> results.add(System.nanoTime()));

        long fired = (Long) result();

        assertTrue(fired - begin >= 50_000_000, "early: " + (fired - begin));
        await().until(timer::isDone);
        assertFalse(timer.cancel());
        assertTrue(results.isEmpty());
    }

    @Test
    void everyFiringHasAScopeOfItsOwn() throws Exception {
        Timer timer = runtime.every(Duration.ofMillis(5), results::add);

        SocketScope first = (SocketScope) result();
        SocketScope second = (SocketScope) result();

        assertNotSame(first, second);
        await().until(first::isClosed);
        assertTrue(timer.cancel());
        await().until(timer::isDone);
        assertFalse(timer.cancel());
    }

    @Test
    void firingThatIsDueWhileTheLastOneRunsIsLeftOut() throws Exception {
        AtomicInteger inside = new AtomicInteger();
        CountDownLatch fired = new CountDownLatch(3);
        runtime.every(
                Duration.ofMillis(1),
                sockets -> {
                    assertEquals(1, inside.incrementAndGet());
                    sockets.sleep(Duration.ofMillis(5));
                    inside.decrementAndGet();
                    fired.countDown();
                });

        assertTrue(fired.await(20, TimeUnit.SECONDS));
    }

    @Test
    void failureDoesNotEndARepeatingTimer() throws Exception {
        AtomicInteger count = new AtomicInteger();
        runtime.every(
                Duration.ofMillis(1),
                sockets -> {
                    int number = count.incrementAndGet();
                    results.add(number);
                    if (number == 1) {
                        throw new IOException("broken");
                    }
                    if (number == 2) {
                        throw new AssertionError("broken");
                    }
                });

        assertEquals(1, result());
        assertEquals(2, result());
        assertEquals(3, result());
    }

    @Test
    void cancelledTimerNeverFires() {
        Timer timer = runtime.after(Duration.ofMillis(30), s -> results.add(1));

        assertTrue(timer.cancel());

        assertTrue(timer.isDone());
        await().during(Duration.ofMillis(60)).until(results::isEmpty);
    }

    @Test
    void cancelLeavesARunningFiringAlone() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        Timer timer =
                runtime.every(
                        Duration.ofMillis(1),
                        sockets -> {
                            running.countDown();
                            go.await();
                            results.add(1);
                        });
        running.await();

        assertTrue(timer.cancel());

        assertFalse(timer.isDone());
        go.countDown();
        assertEquals(1, result());
        await().until(timer::isDone);
    }

    @Test
    void cancelAtTheMomentOfFiringEitherPreventsItOrFails() {
        for (int i = 0; i < 1000; i++) {
            AtomicInteger fired = new AtomicInteger();
            Timer timer = runtime.after(Duration.ofNanos(i * 50L), s -> fired.incrementAndGet());
            boolean prevented = timer.cancel();
            await().pollInterval(Duration.ofNanos(1000)).until(timer::isDone);
            assertEquals(prevented ? 0 : 1, fired.get());
        }
    }

    @Test
    void pendingTimersAreCapped() throws Exception {
        try (Cosockets small = Cosockets.create(CosocketConfig.defaults().withMaxTimers(2))) {
            Timer first = small.after(LONG, s -> {});
            small.every(LONG, s -> {});

            IllegalStateException e =
                    assertThrows(IllegalStateException.class, () -> small.after(LONG, s -> {}));
            assertTrue(e.getMessage().startsWith("too many pending timers"), e.getMessage());

            first.cancel();
            Timer next = small.after(Duration.ZERO, s -> {});
            await().until(next::isDone);
            small.after(LONG, s -> {});
        }
    }

    @Test
    void badDelaysAreRefused() {
        ScopedTask task = s -> {};
        assertThrows(
                IllegalArgumentException.class, () -> runtime.after(Duration.ofMillis(-1), task));
        assertThrows(
                IllegalArgumentException.class,
                () -> runtime.after(Duration.ofSeconds(Long.MAX_VALUE), task));
        assertThrows(IllegalArgumentException.class, () -> runtime.every(Duration.ZERO, task));
    }

    @Test
    void closeOfTheRuntimeCancelsPendingAndRunningTimers() throws Exception {
        Timer pending = runtime.after(LONG, s -> results.add("pending"));
        CountDownLatch running = new CountDownLatch(1);
        Timer firing =
                runtime.after(
                        Duration.ZERO,
                        sockets -> {
                            running.countDown();
                            try {
                                sockets.sleep(LONG);
                            } catch (SocketClosedException e) {
                                results.add("cancelled");
                                throw e;
                            }
                        });
        running.await();

        runtime.close();

        assertTrue(pending.isDone());
        assertEquals("cancelled", result());
        await().until(firing::isDone);
        IllegalStateException e =
                assertThrows(
                        IllegalStateException.class, () -> runtime.after(Duration.ZERO, s -> {}));
        assertTrue(e.getMessage().startsWith("process exiting"), e.getMessage());
        assertThrows(IllegalStateException.class, () -> runtime.every(LONG, s -> {}));
    }

    @Test
    void timersOfARunOutliveItAndMayNotUseItsSockets() throws Exception {
        try (LoopbackPeer peer = LoopbackPeer.answeringLines();
                SocketScope scope = runtime.openScope("request")) {
            AtomicReference<TcpSocket> socket = new AtomicReference<>();
            scope.run(
                    sockets -> {
                        socket.set(sockets.connect("127.0.0.1", peer.port()));
                        runtime.after(
                                Duration.ZERO,
                                own -> {
                                    try {
                                        socket.get().send("x");
                                    } catch (IllegalStateException e) {
                                        results.add(e.getMessage());
                                    }
                                });
                        assertTrue(((String) result()).startsWith("bad request"));
                        runtime.after(Duration.ofMillis(30), own -> results.add("later"));
                    });
            assertEquals("later", result());
        }
    }

    @Test
    @Tag("106-T5")
    @Tag("124-T4")
    @Tag("124-T6")
    void timerTalksToAPeerLongAfterItsMakerEnded() throws Exception {
        try (LoopbackPeer peer = LoopbackPeer.answeringLines();
                SocketScope scope = runtime.openScope("request")) {
            scope.run(
                    sockets ->
                            runtime.after(
                                    Duration.ofMillis(50),
                                    own -> {
                                        TcpSocket socket = own.connect("127.0.0.1", peer.port());
                                        socket.send("flush_all\r\n");
                                        results.add(socket.receiveLine());
                                        socket.close();
                                    }));
            assertEquals("OK", result());
        }
    }

    @Test
    @Tag("106-T6")
    @Tag("108-T4")
    @Tag("106-T10")
    @Tag("108-T8")
    @Tag("106-T11")
    @Tag("108-T9")
    @Tag("106-T12")
    @Tag("108-T10")
    @Tag("106-T13")
    @Tag("108-T11")
    void connectionsArePooledFromTimers() throws Exception {
        try (LoopbackPeer peer = LoopbackPeer.answeringLines()) {
            ScopedTask exchange =
                    own -> {
                        TcpSocket socket = own.connect("127.0.0.1", peer.port());
                        int reused = socket.reuseCount();
                        socket.send("flush_all\r\n");
                        assertEquals("OK", socket.receiveLine());
                        results.add(socket.release());
                        results.add(reused);
                    };
            runtime.after(Duration.ofMillis(1), exchange);
            assertEquals(Release.KEPT, result());
            assertEquals(0, result());
            runtime.after(Duration.ofMillis(1), exchange);
            assertEquals(Release.KEPT, result());
            assertEquals(1, result());
        }
    }

    @Test
    @Tag("106-T8")
    @Tag("108-T6")
    void timerExchangesDatagrams() throws Exception {
        try (DatagramSocket peer = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            Waiting.Task<Boolean> answering = Waiting.startStep(() -> answerOne(peer));
            runtime.after(
                    Duration.ZERO,
                    own -> {
                        UdpSocket udp = own.udp("127.0.0.1", peer.getLocalPort());
                        udp.send(bytes("\0\1\0\0\0\1\0\0flush_all\r\n"));
                        results.add(udp.receive().length);
                    });
            assertEquals(12, result());
            answering.get();
        }
    }

    private static void answerOne(DatagramSocket peer) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[100], 100);
        peer.receive(packet);
        packet.setData(bytes("\0\1\0\0\0\1\0\0OK\r\n"));
        peer.send(packet);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void timersMadeWhileTheRuntimeClosesAreRefusedByName() throws Exception {
        for (int i = 0; i < 100; i++) {
            Cosockets closing = Cosockets.create();
            List<Timer> made = new ArrayList<>();
            Waiting.Task<Throwable> maker =
                    Waiting.start(
                            () -> {
                                while (true) {
                                    try {
                                        made.add(closing.after(Duration.ZERO, s -> {}));
                                    } catch (IllegalStateException e) {
                                        if (e.getMessage().startsWith("process exiting")) {
                                            return e;
                                        }
                                    }
                                }
                            });
            Thread.onSpinWait();
            closing.close();
            maker.get();
            for (Timer timer : made) {
                if (!timer.isDone()) {
                    await().until(timer::isDone);
                }
            }
        }
    }
}
