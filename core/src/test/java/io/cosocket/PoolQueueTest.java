package io.cosocket;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A pool with a limit: who waits, in which order, for how long, and what frees a slot. */
class PoolQueueTest {
    private static final String HOST = "127.0.0.1";
    private static final Duration LONG = ofSeconds(30);

    /** A resolver that answers "stuck" names only when it is interrupted. */
    private final Resolver stuck =
            (host, limit) -> {
                if (host.startsWith("lost")) {
                    return List.of(InetAddress.ofLiteral(HOST));
                }
                try {
                    new CountDownLatch(1).await(limit.toNanos(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                throw new UnknownHostException(
                        host + " could not be resolved (110: Operation timed out)");
            };

    private final Cosockets runtime =
            Cosockets.create(CosocketConfig.defaults().withResolver(stuck));
    private final SocketScope scope = runtime.openScope("queue");
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

    private static ConnectOptions limited(int maxOpen, int maxWaiting) {
        return limited(maxOpen, maxWaiting, LONG);
    }

    private static ConnectOptions limited(int maxOpen, int maxWaiting, Duration connect) {
        return ConnectOptions.defaults()
                .withTimeouts(Timeouts.of(LONG).withConnect(connect))
                .withPool(
                        PoolOptions.defaults()
                                .withName("test")
                                .withMaxOpen(maxOpen)
                                .withMaxWaiting(maxWaiting)
                                .withShared(true));
    }

    private PoolStats stats() {
        return runtime.pools().getFirst();
    }

    private void awaitWaiting(int count) {
        await().until(() -> stats().waiting() == count);
    }

    private TcpSocket connect(ConnectOptions options) throws IOException {
        return scope.connect(HOST, server.port(), options);
    }

    @Test
    @Tag("068-T31")
    void beyondTheLimitWithoutAQueueAConnectIsRefusedAtOnce() throws IOException {
        ConnectOptions options = limited(2, 0);
        TcpSocket first = connect(options);
        connect(options);

        IOException error = assertThrows(PoolLimitException.class, () -> connect(options));
        assertTrue(error.getMessage().contains(": too many waiting connect operations"));
        first.release();
        assertEquals(1, connect(options).reuseCount());
        assertThrows(PoolLimitException.class, () -> connect(options));
        assertEquals(2, server.most());
    }

    @Test
    @Tag("068-T34")
    void oneMayWaitTheNextIsRefused() throws Exception {
        ConnectOptions options = limited(1, 1);
        TcpSocket holder = connect(options);
        Fork<TcpSocket> queued = scope.fork(() -> connect(options));
        awaitWaiting(1);
        assertThrows(PoolLimitException.class, () -> connect(options));

        holder.release();
        TcpSocket second = queued.join(LONG);
        Fork<TcpSocket> again = scope.fork(() -> connect(options));
        awaitWaiting(1);
        second.close();

        assertEquals(0, again.join(LONG).reuseCount());
        assertFalse(second.isOpen());
    }

    @Test
    @Tag("068-T35")
    @Tag("068-T37")
    void waitersAreServedInTheOrderTheyCame() throws Exception {
        ConnectOptions options = limited(1, 3);
        TcpSocket holder = connect(options);
        List<Integer> served = Collections.synchronizedList(new ArrayList<>());
        List<Fork<?>> forks = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            int number = i;
            forks.add(
                    scope.fork(
                            () -> {
                                try (TcpSocket socket = connect(options)) {
                                    served.add(number);
                                    // the peer may hear late that the one before was closed
                                    assertEquals(1, runtime.pools().getFirst().open());
                                    return socket.reuseCount();
                                }
                            }));
            awaitWaiting(i + 1);
        }
        assertThrows(PoolLimitException.class, () -> connect(options));

        holder.release();
        for (Fork<?> fork : forks) {
            fork.join(LONG);
        }

        assertEquals(List.of(0, 1, 2), served);
    }

    @Test
    @Tag("068-T41")
    void aQueuedConnectTimesOutWithinTheConnectTimeOut() throws IOException {
        connect(limited(1, 1));

        OperationTimeoutException error =
                assertThrows(
                        OperationTimeoutException.class,
                        () -> connect(limited(1, 1, ofMillis(10))));

        assertEquals("connect (queued)", error.operation());
        assertEquals(ofMillis(10), error.limit());
        assertTrue(error.getMessage().contains(HOST + ":" + server.port()));
        assertTrue(error.getMessage().contains("timeout after 10 ms"), error.getMessage());
        assertEquals(0, stats().waiting());
        assertEquals(1, stats().open());
    }

    @Test
    @Tag("068-T42")
    void theConnectTimeOutOfTheRuntimeBoundsTheQueueToo() throws IOException {
        CosocketConfig config =
                CosocketConfig.defaults()
                        .withTimeouts(Timeouts.defaults().withConnect(ofMillis(10)))
                        .withPool(PoolOptions.defaults().withMaxOpen(1));
        try (Cosockets hasty = Cosockets.create(config);
                SocketScope other = hasty.openScope("hasty")) {
            other.connect(HOST, server.port());

            OperationTimeoutException error =
                    assertThrows(
                            OperationTimeoutException.class,
                            () -> other.connect(HOST, server.port()));
            assertEquals("connect (queued)", error.operation());
        }
    }

    @Test
    @Tag("068-T36")
    @Tag("068-T44")
    void aBadHostIsRefusedBeforeItQueues() throws Exception {
        ConnectOptions options = limited(1, 2);
        TcpSocket holder = connect(options);

        IllegalArgumentException error =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> scope.connect("", server.port(), options));
        assertTrue(error.getMessage().startsWith("failed to parse host name \"\": "));
        assertEquals(0, stats().waiting());
        Fork<TcpSocket> second = scope.fork(() -> connect(options));
        awaitWaiting(1);
        holder.close();

        assertTrue(second.join(LONG).isOpen());
    }

    @Test
    void theQueueMayHaveAShorterTimeOutOfItsOwn() throws IOException {
        ConnectOptions options = limited(1, 1);
        connect(options);
        PoolOptions pool = options.pool();
        ConnectOptions hasty =
                options.withPool(
                        (pool == null ? PoolOptions.defaults() : pool)
                                .withAcquireTimeout(ofMillis(20)));

        OperationTimeoutException error =
                assertThrows(OperationTimeoutException.class, () -> connect(hasty));

        assertEquals(ofMillis(20), error.limit());
    }

    @Test
    @Tag("068-T33")
    void aTimedOutConnectGivesItsSlotBack() throws IOException {
        try (BlackHole hole = new BlackHole()) {
            ConnectOptions options = limited(1, 0, ofMillis(100));
            OperationTimeoutException error =
                    assertThrows(
                            OperationTimeoutException.class,
                            () -> scope.connect(HOST, hole.port(), options));
            assertEquals("connect", error.operation());

            assertTrue(connect(limited(1, 0)).isOpen());
        }
    }

    @Test
    @Tag("068-T47")
    void aRefusedConnectPassesItsSlotOn() throws Exception {
        try (RefusedPort closed = new RefusedPort()) {
            ConnectOptions options = limited(1, 8);
            TcpSocket holder = connect(options);
            Fork<TcpSocket> refused = scope.fork(() -> scope.connect(HOST, closed.port(), options));
            awaitWaiting(1);
            Fork<TcpSocket> second = scope.fork(() -> connect(options));
            awaitWaiting(2);

            holder.close();

            assertThrows(java.net.ConnectException.class, () -> refused.join(LONG));
            assertTrue(second.join(LONG).isOpen());
        }
    }

    @Test
    @Tag("068-T46")
    void aNameThatDoesNotResolvePassesItsSlotOn() throws Exception {
        ConnectOptions options = limited(1, 1);
        ConnectOptions hasty = limited(1, 1, ofSeconds(2));
        Fork<TcpSocket> first = scope.fork(() -> scope.connect("stuck.test", 80, hasty));
        await().until(() -> !runtime.pools().isEmpty() && stats().open() == 1);
        Fork<TcpSocket> second = scope.fork(() -> connect(options));

        UnknownHostException error =
                assertThrows(UnknownHostException.class, () -> first.join(LONG));
        assertEquals(
                "connect tcp ->stuck.test:80: stuck.test could not be resolved (110: Operation"
                        + " timed out)",
                error.getMessage());
        assertTrue(second.join(LONG).isOpen());
    }

    @Test
    @Tag("068-T49")
    void cancellingALookUpFreesItsSlot() throws Exception {
        ConnectOptions options = limited(1, 1);
        Fork<TcpSocket> resolving = scope.fork(() -> scope.connect("stuck.test", 80, options));
        await().until(() -> !runtime.pools().isEmpty() && stats().open() == 1);
        Fork<TcpSocket> queued = scope.fork(() -> connect(options));
        awaitWaiting(1);

        resolving.cancel();

        assertTrue(queued.join(LONG).isOpen());
        assertThrows(Exception.class, () -> resolving.join(LONG));
    }

    @Test
    void aCancelledWaiterLeavesAtOnce() throws Exception {
        ConnectOptions options = limited(1, 2);
        TcpSocket holder = connect(options);
        Fork<TcpSocket> cancelled = scope.fork(() -> connect(options));
        awaitWaiting(1);
        Fork<TcpSocket> next = scope.fork(() -> connect(options));
        awaitWaiting(2);

        cancelled.cancel();
        awaitWaiting(1);
        holder.release();

        assertEquals(1, next.join(LONG).reuseCount());
    }

    @Test
    void theEndOfAScopeRemovesItsWaiters() throws Exception {
        ConnectOptions options = limited(1, 2);
        connect(options);
        SocketScope other = runtime.openScope("other");
        Fork<TcpSocket> waiting = other.fork(() -> other.connect(HOST, server.port(), options));
        awaitWaiting(1);

        other.close();

        awaitWaiting(0);
        assertThrows(CancellationException.class, () -> waiting.join(LONG));
        assertEquals(1, stats().open());
    }

    @Test
    void closingTheSocketEndsItsWaitInTheQueue() throws Exception {
        ConnectOptions options = limited(1, 2);
        connect(options);
        TcpSocket socket = scope.tcp();
        Fork<TcpSocket> waiting = scope.fork(() -> socket.connect(HOST, server.port(), options));
        awaitWaiting(1);

        socket.close();

        assertThrows(SocketClosedException.class, () -> waiting.join(LONG));
        awaitWaiting(0);
    }

    @Test
    void theEndOfTheRuntimeEndsEveryWait() throws Exception {
        ConnectOptions options = limited(1, 2);
        connect(options);
        Fork<TcpSocket> waiting = scope.fork(() -> connect(options));
        awaitWaiting(1);

        runtime.close();

        assertThrows(CancellationException.class, () -> waiting.join(LONG));
    }

    @Test
    void anUnreachableSocketGivesItsSlotBack() throws Exception {
        ConnectOptions options = limited(1, 2);
        abandon(options);

        await().atMost(ofSeconds(20))
                .until(
                        () -> {
                            System.gc();
                            return stats().open() == 0;
                        });
        assertFalse(stats().misses().isEmpty());
    }

    private void abandon(ConnectOptions options) throws IOException {
        assertTrue(connect(options).isOpen());
    }

    @Test
    void statisticsTellHowLongConnectsWaited() throws Exception {
        ConnectOptions options = limited(1, 2);
        TcpSocket holder = connect(options);
        Fork<TcpSocket> queued = scope.fork(() -> connect(options));
        awaitWaiting(1);
        holder.release();
        queued.join(LONG);

        PoolStats stats = stats();
        assertTrue(stats.waited().compareTo(Duration.ZERO) > 0);
        assertEquals(1, stats.maxOpen());
        assertEquals(Map.of("none idle", 1L), stats.misses());
        assertEquals(2, stats.acquired());
    }
}
