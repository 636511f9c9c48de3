package io.cosocket.it.bench;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import io.cosocket.ConnectOptions;
import io.cosocket.Cosockets;
import io.cosocket.PoolOptions;
import io.cosocket.PoolStats;
import io.cosocket.SocketScope;
import io.cosocket.TcpSocket;
import io.cosocket.it.pool.PeerProcess;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** What it costs to watch ten thousand idle connections, and how soon their end is noticed. */
@Tag("bench")
class IdleConnectionsBenchTest {
    private static final int COUNT = 10_000;

    @Test
    void tenThousandIdleConnections(@TempDir Path directory) throws Exception {
        int port = PeerProcess.freePort();
        ConnectOptions options =
                ConnectOptions.defaults()
                        .withPool(
                                PoolOptions.defaults()
                                        .withMaxIdle(COUNT)
                                        .withIdleTimeout(ofSeconds(600)));
        try (PeerProcess redis =
                        PeerProcess.start(
                                directory,
                                port,
                                "redis-server",
                                "--port",
                                Integer.toString(port),
                                "--maxclients",
                                Integer.toString(COUNT + 100),
                                "--save",
                                "");
                Cosockets runtime = Cosockets.create();
                SocketScope scope = runtime.openScope("idle")) {
            List<TcpSocket> sockets = new ArrayList<>();
            for (int i = 0; i < COUNT; i++) {
                sockets.add(scope.connect("127.0.0.1", port, options));
            }
            sockets.forEach(socket -> assertTrue(socket.release().kept()));
            pause(2);

            long cpuBefore = cpuNanos();
            long before = System.nanoTime();
            pause(5);
            double share = (double) (cpuNanos() - cpuBefore) / (System.nanoTime() - before);
            assertEquals(COUNT, stats(runtime).idle());
            System.out.printf("%d idle: %.3f %% of a core%n", COUNT, share * 100);

            redis.kill();
            long killed = System.nanoTime();
            await().pollInterval(ofMillis(5))
                    .atMost(ofSeconds(60))
                    .until(() -> stats(runtime).idle() == 0);
            System.out.printf(
                    "all ends noticed after %d ms%n",
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - killed));
            assertTrue(share < 0.02);
        }
    }

    private static PoolStats stats(Cosockets runtime) {
        return runtime.pools().getFirst();
    }

    private static void pause(int seconds) throws InterruptedException {
        new CountDownLatch(1).await(seconds, TimeUnit.SECONDS);
    }

    private static long cpuNanos() throws IOException {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
            for (Path task : tasks.toList()) {
                if (Files.readString(task.resolve("comm")).strip().equals("cosocket-idle")) {
                    return Long.parseLong(
                            Files.readString(task.resolve("schedstat")).split(" ")[0]);
                }
            }
        }
        throw new AssertionError("no such thread");
    }
}
