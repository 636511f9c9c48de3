package io.cosocket;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.time.Duration.ofSeconds;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** What the watch of idle connections notices, and what it costs. */
class IdleWatcherTest {
    private static final int MANY = 2_000;
    private static final ConnectOptions OPTIONS =
            ConnectOptions.defaults()
                    .withPool(
                            PoolOptions.defaults()
                                    .withMaxIdle(MANY)
                                    .withIdleTimeout(ofSeconds(600)));

    private final Cosockets runtime = Cosockets.create();
    private final SocketScope scope = runtime.openScope("idle");
    private LineServer server;

    @BeforeEach
    void start() throws IOException {
        server = new LineServer();
    }

    @AfterEach
    void stop() throws IOException {
        runtime.close();
        server.close();
    }

    private void park(int count) throws IOException {
        List<TcpSocket> sockets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            sockets.add(scope.connect("127.0.0.1", server.port(), OPTIONS));
        }
        sockets.forEach(socket -> assertEquals(Release.KEPT, socket.release()));
    }

    private int idle() {
        return runtime.pools().getFirst().idle();
    }

    /** Waits until there is one for all; that of another test may be about to end. */
    private static Thread watcher() {
        return await().until(IdleWatcherTest::watchers, found -> found.size() == 1).getFirst();
    }

    private static List<Thread> watchers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("cosocket-idle"))
                .toList();
    }

    /** Reads the time the thread has been running from the kernel. */
    private static long cpuNanos() throws IOException {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
            for (Path task : tasks.toList()) {
                if (Files.readString(task.resolve("comm")).strip().equals("cosocket-idle")) {
                    String[] fields = Files.readString(task.resolve("schedstat")).split(" ");
                    return Long.parseLong(fields[0]);
                }
            }
        }
        throw new AssertionError("no such thread");
    }

    @Test
    void manyIdleConnectionsCostNextToNothing() throws Exception {
        park(MANY);
        assertTrue(watcher().isDaemon());
        waitSeconds(1);

        long cpuBefore = cpuNanos();
        long before = System.nanoTime();
        waitSeconds(2);
        double share = (double) (cpuNanos() - cpuBefore) / (System.nanoTime() - before);

        assertEquals(MANY, idle());
        assertTrue(share < 0.02, "share of a core: " + share);
        System.out.printf("%d idle connections: %.3f %% of a core%n", MANY, share * 100);
    }

    private static void waitSeconds(int seconds) throws InterruptedException {
        new CountDownLatch(1).await(seconds, TimeUnit.SECONDS);
    }

    @Test
    void theEndOfAllOfThemIsNoticed() throws Exception {
        park(MANY);
        waitSeconds(1);

        server.closeConnections();

        await().atMost(ofSeconds(20)).until(() -> idle() == 0);
    }

    @Test
    void aConnectionTakenWhileItIsWatchedStaysInUse() throws Exception {
        park(2);
        waitSeconds(1);

        TcpSocket socket = scope.connect("127.0.0.1", server.port(), OPTIONS);
        assertEquals(1, socket.reuseCount());
        server.sendToAll("hello\r\n");
        await().until(() -> idle() == 0);

        assertEquals("hello", socket.receiveLine());
        assertEquals(1, runtime.pools().getFirst().leased());
        assertEquals(Release.KEPT, socket.release());
        waitSeconds(1);
        assertEquals(1, idle());
        server.closeConnections();
        await().until(() -> idle() == 0);
    }

    @Test
    void descriptorsOfClosedConnectionsAreFreed() throws Exception {
        int before = Descriptors.sockets();
        park(500);
        waitSeconds(1);
        server.closeConnections();

        Descriptors.awaitAtMost(before);
    }

    @Test
    void theWatcherEndsWithTheRuntime() throws Exception {
        park(1);
        Thread watcher = watcher();

        runtime.close();

        assertTrue(watcher.join(ofSeconds(20)));
    }
}
