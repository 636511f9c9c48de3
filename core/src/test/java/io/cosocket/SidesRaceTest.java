package io.cosocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.SocketClosedException.ClosedBy;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** One connection after another behind the same flags, closed by others all the time. */
class SidesRaceTest {
    /** Knows which connection is there, and takes its time to wake and to free. */
    private static final class Connections extends Sides {
        final AtomicInteger violations = new AtomicInteger();
        final AtomicInteger freed = new AtomicInteger();
        volatile int number;
        volatile boolean there;

        Connections() {
            super(CLOSED | FREED);
        }

        @Override
        void wake() {
            // a connect under way may put its connection there while it is being closed
            boolean connecting = has(CONNECTING);
            int woken = number;
            Race.spin(ThreadLocalRandom.current().nextInt(300));
            if (number != woken && !connecting) {
                violations.incrementAndGet();
            }
        }

        @Override
        void free() {
            int ending = number;
            Race.spin(ThreadLocalRandom.current().nextInt(300));
            if (number != ending || !there || has(RECEIVING) || has(SENDING)) {
                violations.incrementAndGet();
            }
            there = false;
            freed.incrementAndGet();
        }
    }

    @Test
    void everyConnectionIsWokenAndFreedBeforeTheNextIsThere() throws Exception {
        Connections connections = new Connections();
        AtomicBoolean over = new AtomicBoolean();
        Waiting.Task<Integer> closer = Waiting.start(() -> closeAll(connections, over));
        Waiting.Task<Integer> reader = Waiting.start(() -> read(connections, over));
        int[] made = new int[1];
        Race.repeat(
                number -> {
                    int before = connections.enterConnect();
                    if (before < 0) {
                        return;
                    }
                    if ((before & Sides.CLOSED) == 0 && connections.there) {
                        connections.freed.incrementAndGet(); // as a connect drops the old one
                    } else if (connections.there) {
                        connections.violations.incrementAndGet();
                    }
                    connections.number = ++made[0];
                    connections.there = true;
                    connections.leave(Sides.CONNECTING);
                    Race.spin(ThreadLocalRandom.current().nextInt(1000));
                });
        over.set(true);
        assertTrue(closer.get() > 0);
        reader.get();
        connections.close(ClosedBy.CALLER);

        assertEquals(0, connections.violations.get());
        assertEquals(made[0], connections.freed.get());
    }

    private static int closeAll(Connections connections, AtomicBoolean over) {
        int closes = 0;
        while (!over.get()) {
            Race.spin(ThreadLocalRandom.current().nextInt(1000));
            if (connections.close(ClosedBy.CALLER)) {
                closes++;
            }
            Thread.yield();
        }
        return closes;
    }

    private static int read(Connections connections, AtomicBoolean over) {
        int reads = 0;
        while (!over.get()) {
            int refusing = Sides.RECEIVING | Sides.CONNECTING | Sides.CLOSED;
            if (connections.enter(Sides.RECEIVING, refusing) == 0) {
                Race.spin(ThreadLocalRandom.current().nextInt(300));
                connections.leave(Sides.RECEIVING);
                reads++;
            }
            Thread.yield();
        }
        return reads;
    }

    /** Frees once it is told to, by a thread that is not virtual. */
    private static final class SlowToFree extends Sides {
        final CountDownLatch freeing = new CountDownLatch(1);
        final CountDownLatch mayFree = new CountDownLatch(1);

        SlowToFree() {
            super(0);
        }

        @Override
        void wake() {}

        @Override
        void free() {
            freeing.countDown();
            try {
                mayFree.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Test
    void threadsThatWaitForASlowCloserLeaveItACarrier() throws Exception {
        SlowToFree socket = new SlowToFree();
        Waiting.Task<Boolean> closer = Waiting.start(() -> socket.close(ClosedBy.CALLER));
        assertTrue(socket.freeing.await(20, TimeUnit.SECONDS));
        int threads = 4 * Runtime.getRuntime().availableProcessors();
        CountDownLatch begun = new CountDownLatch(threads);
        List<Waiting.Task<Integer>> waiting = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            boolean interrupted = i % 2 == 0;
            waiting.add(
                    Waiting.start(
                            () -> {
                                if (interrupted) {
                                    Thread.currentThread().interrupt();
                                }
                                begun.countDown();
                                int before = socket.enterConnect();
                                assertEquals(interrupted, Thread.interrupted());
                                return before;
                            }));
        }
        assertTrue(begun.await(20, TimeUnit.SECONDS));

        socket.mayFree.countDown();

        assertTrue(closer.get());
        int connecting = 0;
        for (Waiting.Task<Integer> task : waiting) {
            connecting += task.get() < 0 ? 0 : 1;
        }
        assertEquals(1, connecting);
    }

    @Test
    void theFirstReasonStays() throws Exception {
        Race.repeat(
                number -> {
                    Connections connections = new Connections();
                    connections.enterConnect();
                    connections.there = true;
                    connections.leave(Sides.CONNECTING);
                    Race.Start start = new Race.Start();
                    Waiting.Task<Boolean> scope =
                            start.thread(() -> connections.close(ClosedBy.SCOPE));
                    Waiting.Task<ClosedBy> seen =
                            start.thread(
                                    () -> {
                                        while (!connections.has(Sides.CLOSED)) {
                                            Thread.onSpinWait();
                                        }
                                        return connections.closedBy();
                                    });
                    start.go();
                    assertEquals(ClosedBy.SCOPE, seen.get());
                    assertTrue(scope.get());
                    connections.close(ClosedBy.CALLER);
                    assertEquals(ClosedBy.SCOPE, connections.closedBy());
                    assertEquals(1, connections.freed.get());
                });
    }
}
