package io.cosocket.it.pool;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
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

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/** A Redis server that crashes and comes back while it is asked. */
class RedisRestartTest {
    private static final int THREADS = 64;
    private static final int MAX_OPEN = 8;

    private final AtomicLong numbers = new AtomicLong();
    private final LongAdder good = new LongAdder();
    private final LongAdder bad = new LongAdder();
    private final AtomicReference<String> wrong = new AtomicReference<>();
    private final AtomicBoolean done = new AtomicBoolean();

    private static PeerProcess redis(Path directory, int port) throws IOException {
        return PeerProcess.start(
                directory,
                port,
                "redis-server",
                "--port",
                Integer.toString(port),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no");
    }

    @Test
    void everyAnswerIsRightAndThePoolRecovers(@TempDir Path directory) throws Exception {
        int port = PeerProcess.freePort();
        ConnectOptions options =
                ConnectOptions.defaults()
                        .withTimeouts(Timeouts.of(ofSeconds(5)))
                        .withPool(PoolOptions.defaults().withName("redis").withMaxOpen(MAX_OPEN));
        PeerProcess server = redis(directory, port);
        try (Cosockets runtime =
                        Cosockets.create(CosocketConfig.defaults().withLogSocketErrors(false));
                SocketScope scope = runtime.openScope("redis")) {
            List<Fork<Object>> forks = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                forks.add(scope.fork(() -> work(scope, port, options)));
            }
            for (int crash = 0; crash < 3; crash++) {
                awaitMore(good, 2_000);
                server.kill();
                awaitMore(bad, 50);
                server = redis(directory, port);
            }
            awaitMore(good, 2_000);
            long before = bad.sum();
            awaitMore(good, 2_000);
            assertEquals(before, bad.sum(), "no failures once it is back");
            done.set(true);
            for (Fork<Object> fork : forks) {
                assertNotNull(fork.join(ofSeconds(20)));
            }
            assertNull(wrong.get());
            PoolStats stats = runtime.pools().getFirst();
            assertTrue(stats.open() <= MAX_OPEN);
            assertEquals(0, stats.waiting() + stats.leased());
            System.out.printf("%d good, %d failed%n%s%n", good.sum(), bad.sum(), stats);
        } finally {
            server.close();
        }
    }

    private static void awaitMore(LongAdder counter, long count) {
        long goal = counter.sum() + count;
        await().pollInterval(ofMillis(10)).atMost(ofSeconds(30)).until(() -> counter.sum() >= goal);
    }

    private Object work(SocketScope scope, int port, ConnectOptions options) {
        while (!done.get()) {
            String number = Long.toString(numbers.incrementAndGet());
            try (TcpSocket redis = scope.connect("127.0.0.1", port, options)) {
                redis.send("*2\r\n$4\r\nECHO\r\n$" + number.length() + "\r\n" + number + "\r\n");
                String size = redis.receiveLine();
                String echo = redis.receiveLine();
                if (size == null || echo == null) {
                    bad.increment();
                } else if (echo.equals(number)) {
                    good.increment();
                    redis.release();
                } else {
                    wrong.set("asked " + number + ", got " + size + " " + echo);
                }
            } catch (IOException e) {
                bad.increment();
                LockSupport.parkNanos(5_000_000);
            }
        }
        return done;
    }
}
