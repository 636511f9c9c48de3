package io.cosocket.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.Cosockets;
import io.cosocket.Race;
import io.cosocket.SocketScope;
import io.cosocket.StreamSocket;
import io.cosocket.Waiting;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** The few lines where a wait begins while something else ends it. */
class WaitRaceTest {
    private static final Duration HANG_GUARD = Duration.ofSeconds(20);

    /** One byte there and back with nothing but waits between. */
    private static boolean pass(Transport transport, ByteBuffer one, Deadline deadline)
            throws IOException {
        one.clear();
        deadline.start();
        for (int count; (count = transport.tryRead(one)) <= 0; ) {
            if (count < 0) {
                return false;
            }
            if (!transport.awaitReadable(deadline)) {
                return false;
            }
        }
        one.flip();
        Race.spin(ThreadLocalRandom.current().nextInt(200));
        return transport.write(new ByteBuffer[] {one}, 0, 1, deadline);
    }

    /** Sends a byte, then gets and returns it for a while; ends with it in hand. */
    private static int drive(Transport left) throws Exception {
        ByteBuffer one = ByteBuffer.allocate(1);
        Deadline deadline = Deadline.ofInactivity(HANG_GUARD);
        deadline.start();
        assertTrue(left.write(new ByteBuffer[] {one}, 0, 1, deadline));
        return Race.repeat(number -> assertTrue(pass(left, one, deadline), "a wake-up was lost"));
    }

    @Test
    void parkAgainstDataOnAChannel() throws Exception {
        try (ServerSocketChannel listener = listener()) {
            ChannelTransport left = connect(listener);
            SocketChannel right = listener.accept();
            Waiting.Task<Boolean> echo =
                    Waiting.startStep(
                            () -> {
                                ByteBuffer one = ByteBuffer.allocate(1);
                                while (right.read(one.clear()) > 0) {
                                    Race.spin(ThreadLocalRandom.current().nextInt(500));
                                    right.write(one.flip());
                                }
                                right.close();
                            });

            assertTrue(Waiting.start(() -> drive(left)).get() > 0);

            left.shutdownSend();
            echo.get();
            left.close();
        }
    }

    @Test
    void parkAgainstDataInMemory() throws Exception {
        MemoryTransport[] ends = MemoryTransport.pair();
        Waiting.Task<Boolean> echo =
                Waiting.startStep(
                        () -> {
                            ByteBuffer one = ByteBuffer.allocate(1);
                            Deadline deadline = Deadline.ofInactivity(HANG_GUARD);
                            while (pass(ends[1], one, deadline)) {
                                Race.spin(ThreadLocalRandom.current().nextInt(500));
                            }
                        });

        assertTrue(Waiting.start(() -> drive(ends[0])).get() > 0);

        ends[0].shutdownSend();
        echo.get();
    }

    @Test
    void parkAgainstCancel() throws Exception {
        try (ServerSocketChannel listener = listener()) {
            Race.repeat(
                    number -> {
                        ChannelTransport transport = connect(listener);
                        SocketChannel there = listener.accept();
                        try {
                            // below and above the limit of exact parks
                            Duration limit = number % 2 == 0 ? Duration.ofMillis(90) : HANG_GUARD;
                            cancelOneWait(transport, limit);
                        } finally {
                            transport.close();
                            there.close();
                        }
                    });
        }
    }

    private static void cancelOneWait(Transport transport, Duration limit) throws Exception {
        AtomicBoolean cancelled = new AtomicBoolean();
        Waiting.Task<Integer> waiter =
                Waiting.start(
                        () -> {
                            Deadline deadline = Deadline.after(limit);
                            int waits = 0;
                            while (!cancelled.get()) {
                                boolean inTime = transport.awaitReadable(deadline);
                                assertTrue(inTime || limit.toMillis() == 90, "not woken");
                                waits++;
                            }
                            return waits;
                        });
        Race.spin(ThreadLocalRandom.current().nextInt(5000));
        cancelled.set(true);
        transport.cancel();
        assertTrue(waiter.get() >= 0);
        assertTrue(transport.awaitReadable(Deadline.after(HANG_GUARD)), "waits after cancel");
    }

    @Test
    void closeFreesOnceWhenTheLastThreadHasLeft() throws Exception {
        try (Cosockets runtime = Cosockets.create()) {
            Race.repeat(
                    number -> {
                        Watched watched = new Watched(MemoryTransport.pair()[0]);
                        SocketScope scope = runtime.openScope("race");
                        StreamSocket socket = SocketSeam.stream(scope, watched);
                        Race.Start start = new Race.Start();
                        List<Waiting.Task<?>> threads = new ArrayList<>();
                        threads.add(start.thread(() -> socket.receive(1)));
                        threads.add(
                                start.thread(
                                        () -> {
                                            socket.send(new byte[200_000]);
                                            return true;
                                        }));
                        threads.add(start.thread(() -> close(socket)));
                        threads.add(start.thread(() -> close(scope)));
                        start.go();
                        for (Waiting.Task<?> thread : threads) {
                            thread.result().exceptionally(e -> null).join();
                        }
                        assertEquals(1, watched.closes.get());
                        assertEquals(0, watched.violations.get());
                    });
        }
    }

    private static boolean close(AutoCloseable closeable) throws Exception {
        closeable.close();
        return true;
    }

    /** Knows who is inside and how often it was closed. */
    private static final class Watched extends ForwardingTransport {
        final AtomicInteger closes = new AtomicInteger();
        final AtomicInteger violations = new AtomicInteger();
        private final AtomicInteger inside = new AtomicInteger();

        Watched(Transport below) {
            super(below);
        }

        @Override
        public int tryRead(ByteBuffer target) throws IOException {
            enter();
            try {
                return super.tryRead(target);
            } finally {
                inside.decrementAndGet();
            }
        }

        @Override
        public boolean awaitReadable(Deadline deadline) throws IOException {
            enter();
            try {
                return super.awaitReadable(deadline);
            } finally {
                inside.decrementAndGet();
            }
        }

        @Override
        public boolean write(ByteBuffer[] buffers, int offset, int length, Deadline deadline)
                throws IOException {
            enter();
            try {
                return super.write(buffers, offset, length, deadline);
            } finally {
                inside.decrementAndGet();
            }
        }

        private void enter() {
            inside.incrementAndGet();
            if (closes.get() > 0) {
                violations.incrementAndGet();
            }
        }

        @Override
        public void close() {
            if (inside.get() > 0) {
                violations.incrementAndGet();
            }
            closes.incrementAndGet();
            super.close();
        }
    }

    // --- the wheel

    /** Counts its firings and finds early ones. */
    private static final class Probe extends TimeoutWheel.Timed {
        final AtomicInteger fired = new AtomicInteger();
        volatile long expiry;
        final boolean rearmed;
        volatile boolean early;

        Probe(boolean rearmed) {
            this.rearmed = rearmed;
        }

        void arm(long nanos) {
            expiry = System.nanoTime() + nanos;
            TimeoutWheel.shared().arm(this, expiry);
        }

        void disarm() {
            TimeoutWheel.shared().disarm(this);
        }

        @Override
        protected void fire() {
            if (expiry - System.nanoTime() > 0) {
                early = true;
            }
            fired.incrementAndGet();
        }
    }

    @Test
    void armAgainstTheSweep() throws Exception {
        List<Waiting.Task<Integer>> threads = new ArrayList<>();
        for (int t = 0; t < 3; t++) {
            threads.add(Waiting.start(WaitRaceTest::armAndDisarm));
        }
        int fired = 0;
        for (Waiting.Task<Integer> thread : threads) {
            fired += thread.get();
        }
        assertTrue(fired > 0);
    }

    /** Arms sooner and later than the tick, disarms at any moment; what stays armed must fire. */
    private static int armAndDisarm() throws Exception {
        Probe[] probes = new Probe[64];
        for (int i = 0; i < probes.length; i++) {
            probes[i] = new Probe(i % 2 == 0);
        }
        ThreadLocalRandom random = ThreadLocalRandom.current();
        int[] fired = new int[1];
        Race.repeat(
                number -> {
                    for (Probe probe : probes) {
                        probe.arm(random.nextLong(30_000_000));
                        if (probe.rearmed) {
                            Race.spin(random.nextInt(100));
                            probe.disarm();
                            probe.arm(random.nextLong(5_000_000));
                        }
                    }
                    for (Probe probe : probes) {
                        awaitFiring(probe);
                        probe.disarm();
                        // a firing of the first arm may come at the moment of the second
                        assertTrue(probe.rearmed || !probe.early);
                        fired[0] += probe.fired.getAndSet(0);
                    }
                });
        return fired[0];
    }

    private static void awaitFiring(Probe probe) {
        long begin = System.nanoTime();
        while (probe.fired.get() == 0) {
            assertTrue(System.nanoTime() - begin < HANG_GUARD.toNanos(), "an armed entry was lost");
            Thread.yield();
        }
    }

    @Test
    void disarmedEntriesStaySilent() throws Exception {
        Probe[] probes = new Probe[256];
        for (int i = 0; i < probes.length; i++) {
            probes[i] = new Probe(i % 2 == 0);
        }
        Race.repeat(
                number -> {
                    for (Probe probe : probes) {
                        probe.arm(200_000_000);
                        probe.disarm();
                    }
                });
        for (Probe probe : probes) {
            assertEquals(0, probe.fired.get());
        }
    }

    // --- ends

    private static ServerSocketChannel listener() throws IOException {
        return ServerSocketChannel.open()
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
    }

    private static ChannelTransport connect(ServerSocketChannel listener) throws IOException {
        ChannelTransport transport = ChannelTransport.open(listener.getLocalAddress(), null);
        assertTrue(transport.connect(Deadline.after(HANG_GUARD)));
        return transport;
    }
}
