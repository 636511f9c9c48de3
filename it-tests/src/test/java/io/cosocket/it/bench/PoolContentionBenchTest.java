package io.cosocket.it.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.time.Duration.ofSeconds;

import io.cosocket.ConnectOptions;
import io.cosocket.Cosockets;
import io.cosocket.Fork;
import io.cosocket.PoolOptions;
import io.cosocket.PoolStats;
import io.cosocket.SocketScope;
import io.cosocket.TcpSocket;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Twice as many threads as connections: how many connects a second, and how evenly shared. */
@Tag("bench")
class PoolContentionBenchTest {
    private static final int THREADS = 64;
    private static final int MAX_OPEN = 32;
    private static final String HOST = "127.0.0.1";

    @Test
    void sixtyFourThreadsShareThirtyTwoConnections() throws Exception {
        ConnectOptions options =
                ConnectOptions.defaults()
                        .withPool(
                                PoolOptions.defaults().withMaxIdle(MAX_OPEN).withMaxOpen(MAX_OPEN));
        try (ServerSocketChannel server = ServerSocketChannel.open();
                Cosockets runtime = Cosockets.create();
                SocketScope scope = runtime.openScope("bench")) {
            server.bind(new InetSocketAddress(InetAddress.ofLiteral(HOST), 0), 256);
            int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
            for (boolean holding : new boolean[] {false, true}) {
                round(scope, port, options, holding, 2);
                round(scope, port, options, holding, 5);
            }
            PoolStats stats = runtime.pools().getFirst();
            assertTrue(stats.open() <= MAX_OPEN);
            assertEquals(0, stats.waiting() + stats.leased());
            System.out.println(stats);
        }
    }

    /**
     * @param holding whether each connection is held for one turn of all other threads
     */
    private static void round(
            SocketScope scope, int port, ConnectOptions options, boolean holding, int seconds)
            throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        List<Fork<Long>> forks = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            forks.add(scope.fork(() -> work(scope, port, options, holding, end)));
        }
        long sum = 0;
        long least = Long.MAX_VALUE;
        long most = 0;
        for (Fork<Long> fork : forks) {
            long count = fork.join(ofSeconds(60));
            sum += count;
            least = Math.min(least, count);
            most = Math.max(most, count);
        }
        System.out.printf(
                "%s: %,d connects and releases a second, %,d to %,d a thread (%.2f)%n",
                holding ? "held for a turn" : "released at once",
                sum / seconds,
                least,
                most,
                (double) most / Math.max(1, least));
        assertTrue(least > 0, "a thread starved");
    }

    private static long work(
            SocketScope scope, int port, ConnectOptions options, boolean holding, long end)
            throws IOException {
        TcpSocket socket = scope.tcp();
        long count = 0;
        while (System.nanoTime() < end) {
            socket.connect(HOST, port, options);
            if (holding) {
                Thread.yield();
            }
            socket.release();
            count++;
        }
        return count;
    }
}
