package io.cosocket.it.pool;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import io.cosocket.ConnectOptions;
import io.cosocket.CosocketConfig;
import io.cosocket.Cosockets;
import io.cosocket.Fork;
import io.cosocket.PoolOptions;
import io.cosocket.PoolStats;
import io.cosocket.SocketScope;
import io.cosocket.TcpSocket;
import io.cosocket.Timeouts;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** A crowd at a small pool in front of a peer that fails in every way it can. */
class PoolStressTest {
    private static final int THREADS = 2_000;
    private static final int MAX_OPEN = 16;
    private static final int ONE_IN = 20;

    /** Connections that the pool has closed and the peer has not noticed yet. */
    private static final int CLOSING = 2 * MAX_OPEN;

    /** Descriptors of the JDK's pollers and of the watch of idle connections. */
    private static final int POLLERS = 20;

    private static final Duration READ = ofMillis(20);

    private final AtomicLong numbers = new AtomicLong();
    private final LongAdder good = new LongAdder();
    private final LongAdder bad = new LongAdder();
    private final AtomicReference<String> wrong = new AtomicReference<>();

    @Test
    void noLimitIsExceededAndNoAnswerGoesToAnother() throws Exception {
        run(ofSeconds(10));
    }

    @Test
    @Tag("soak")
    void aMinuteOfTheSame() throws Exception {
        run(ofSeconds(60));
    }

    private void run(Duration time) throws Exception {
        try (FaultyPeer peer = new FaultyPeer(ONE_IN, 3 * READ.toMillis());
                Cosockets runtime =
                        Cosockets.create(CosocketConfig.defaults().withLogSocketErrors(false));
                SocketScope scope = runtime.openScope("stress")) {
            ConnectOptions options =
                    ConnectOptions.defaults()
                            .withTimeouts(new Timeouts(ofSeconds(60), ofSeconds(5), READ))
                            .withPool(
                                    PoolOptions.defaults()
                                            .withMaxOpen(MAX_OPEN)
                                            .withMaxIdle(MAX_OPEN));
            scope.connect("127.0.0.1", peer.port(), options).close();
            long descriptorsBefore = descriptors();
            long end = System.nanoTime() + time.toNanos();
            List<Fork<Long>> forks = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                forks.add(scope.fork(() -> work(scope, peer.port(), options, end)));
            }
            while (System.nanoTime() < end) {
                check(runtime, peer);
            }
            long least = Long.MAX_VALUE;
            long most = 0;
            for (Fork<Long> fork : forks) {
                long rounds = fork.join(ofSeconds(60));
                least = Math.min(least, rounds);
                most = Math.max(most, rounds);
            }
            check(runtime, peer);
            PoolStats stats = runtime.pools().getFirst();
            System.out.printf(
                    "%d good, %d failed, %d to %d rounds a thread, faults %s%n%s%n",
                    good.sum(), bad.sum(), least, most, peer.faults(), stats);
            assertTrue(least > 0, "a thread starved");
            assertTrue(peer.most() <= MAX_OPEN + CLOSING, () -> "open at the peer: " + peer.most());
            assertTrue(good.sum() > bad.sum());
            assertEquals(0, stats.waiting());
            assertEquals(0, stats.leased());
            long missed = stats.misses().values().stream().mapToLong(n -> n).sum();
            assertEquals(stats.acquired(), stats.reused() + missed);
            runtime.clear(stats.name());
            await().until(() -> runtime.pools().getFirst().open() == 0);
            long allowed = descriptorsBefore + POLLERS;
            await().until(() -> peer.live() == 0 && descriptors() <= allowed);
            System.out.printf("descriptors: %d, then %d%n", descriptorsBefore, descriptors());
        }
    }

    private void check(Cosockets runtime, FaultyPeer peer) {
        PoolStats stats = runtime.pools().getFirst();
        assertTrue(stats.open() <= MAX_OPEN, () -> "over the limit: " + stats);
        assertTrue(stats.idle() <= MAX_OPEN);
        assertNull(wrong.get());
        LockSupport.parkNanos(1_000_000);
    }

    /** One connect, one question, one answer, again and again; gives the count. */
    private long work(SocketScope scope, int port, ConnectOptions options, long end)
            throws IOException {
        long rounds = 0;
        TcpSocket socket = scope.tcp();
        while (System.nanoTime() < end) {
            rounds++;
            String number = Long.toString(numbers.incrementAndGet());
            socket.connect("127.0.0.1", port, options);
            try {
                socket.send(number + "\n");
                String answer = socket.receiveLine();
                if (answer == null) {
                    bad.increment();
                } else if (answer.equals(number)) {
                    good.increment();
                } else {
                    wrong.set("asked " + number + ", got " + answer);
                }
            } catch (IOException e) {
                bad.increment();
            }
            if (ThreadLocalRandom.current().nextInt(50) == 0) {
                socket.close();
            } else {
                socket.release(); // whatever happened: the pool must find out
            }
        }
        return rounds;
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.count();
        }
    }
}
