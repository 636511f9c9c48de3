package io.cosocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Names in connect: which addresses are tried, and what is said when none works. */
class ResolverTest {
    private static final InetAddress ONE = InetAddress.ofLiteral("127.0.0.1");
    private static final InetAddress TWO = InetAddress.ofLiteral("127.0.0.2");
    private static final InetAddress THREE = InetAddress.ofLiteral("127.0.0.3");
    private static final ConnectOptions IN_ORDER =
            ConnectOptions.defaults()
                    .withAddressPolicy(AddressPolicy.IN_ORDER)
                    .withTimeouts(Timeouts.of(ofSeconds(20)));

    private static Cosockets runtime(Resolver resolver) {
        return Cosockets.create(CosocketConfig.defaults().withResolver(resolver));
    }

    private static Resolver fixed(InetAddress... addresses) {
        return Resolver.fixed(Map.of("Peer.test", List.of(addresses)));
    }

    @Test
    @Tag("058-T4")
    void aNameIsResolvedAndConnected() throws IOException {
        try (LineServer server = new LineServer();
                Cosockets runtime = runtime(fixed(ONE));
                SocketScope scope = runtime.openScope("test")) {
            TcpSocket socket = scope.connect("peer.TEST", server.port());
            socket.send("hello\r\n");

            assertEquals("hello", socket.receiveLine());
        }
    }

    @Test
    void theSystemsResolverKnowsLocalhost() throws IOException {
        assertTrue(
                Resolver.system().resolve("localhost", ofSeconds(20)).stream()
                        .allMatch(InetAddress::isLoopbackAddress));
        UnknownHostException error =
                assertThrows(
                        UnknownHostException.class,
                        () -> Resolver.system().resolve("no-such-host.invalid", ofSeconds(20)));
        assertTrue(error.getMessage().startsWith("no-such-host.invalid could not be resolved ("));
        assertTrue(error.getMessage().endsWith("asked the system"), error.getMessage());
    }

    @Test
    @Tag("014-T42")
    @Tag("014-T44")
    void concurrentConnectsToAnUnknownNameAllFail() throws Exception {
        try (Cosockets runtime = runtime(fixed(ONE));
                SocketScope scope = runtime.openScope("test")) {
            List<Fork<?>> forks =
                    List.of(
                            scope.fork(() -> scope.connect("none.test", 80)),
                            scope.fork(() -> scope.connect("none.test", 80)),
                            scope.fork(() -> scope.udp("none.test", 80)));
            for (Fork<?> fork : forks) {
                Throwable error = assertThrows(Throwable.class, () -> fork.join(ofSeconds(20)));
                Throwable real = error instanceof ExecutionException e ? e.getCause() : error;
                assertInstanceOf(UnknownHostException.class, real);
                assertTrue(
                        real.getMessage()
                                .matches(
                                        "connect (tcp|udp) ->none.test:80: none.test could not be"
                                                + " resolved \\(3: Host not found\\).*"),
                        real.getMessage());
                fork.cancel();
            }
        }
    }

    @Test
    void aFailedAddressIsFollowedByTheNext() throws IOException {
        try (LineServer server = new LineServer();
                Cosockets runtime = runtime(fixed(THREE, TWO, ONE));
                SocketScope scope = runtime.openScope("test")) {
            for (int i = 0; i < 20; i++) {
                scope.connect("peer.test", server.port()).close();
            }
            scope.connect("peer.test", server.port(), IN_ORDER).close();
        }
    }

    @Test
    void aDeadAddressDoesNotUseUpTheTimeOfTheNext() throws IOException {
        try (LineServer server = new LineServer();
                BlackHole hole = new BlackHole("127.0.0.2", server.port());
                Cosockets runtime = runtime(fixed(TWO, ONE));
                SocketScope scope = runtime.openScope("test")) {
            assertEquals(server.port(), hole.port());
            TcpSocket socket =
                    scope.connect(
                            "peer.test",
                            server.port(),
                            IN_ORDER.withTimeouts(Timeouts.of(ofSeconds(2))));

            assertTrue(socket.remoteAddress().toString().contains("127.0.0.1"));
        }
    }

    @Test
    void theLastErrorCarriesThoseOfTheOtherAddresses() throws IOException {
        try (RefusedPort closed = new RefusedPort();
                Cosockets runtime = runtime(fixed(ONE, TWO, THREE));
                SocketScope scope = runtime.openScope("test")) {
            int port = closed.port();
            ConnectException error =
                    assertThrows(
                            ConnectException.class,
                            () -> scope.connect("peer.test", port, IN_ORDER));

            assertTrue(error.getMessage().contains("peer.test/127.0.0.3:" + port));
            assertTrue(error.getMessage().contains(": connection refused"));
            assertEquals(2, error.getSuppressed().length);
            assertTrue(error.getSuppressed()[0].getMessage().contains("127.0.0.1:" + port));
        }
    }

    @Test
    void aTimeOutTellsTheShareOfTimeThatItsAddressHad() throws IOException {
        try (BlackHole first = new BlackHole("127.0.0.2", 0);
                BlackHole second = new BlackHole("127.0.0.3", first.port());
                Cosockets runtime = runtime(fixed(TWO, THREE));
                SocketScope scope = runtime.openScope("test")) {
            int port = second.port();
            ConnectOptions options = IN_ORDER.withTimeouts(Timeouts.of(ofMillis(600)));
            OperationTimeoutException error =
                    assertThrows(
                            OperationTimeoutException.class,
                            () -> scope.connect("peer.test", port, options));

            assertEquals(ofMillis(600), error.limit());
            OperationTimeoutException earlier =
                    assertInstanceOf(OperationTimeoutException.class, error.getSuppressed()[0]);
            assertTrue(earlier.limit().compareTo(ofMillis(300)) <= 0, earlier.getMessage());
        }
    }

    @Test
    void whatAForeignResolverDoesNotGiveCouldNotBeResolved() throws IOException {
        Map<String, List<InetAddress>> answers = new HashMap<>();
        answers.put("empty.test", List.of());
        answers.put("none.test", null);
        answers.put("hole.test", Collections.singletonList(null));
        Resolver foreign =
                (host, limit) -> {
                    if (host.startsWith("other")) {
                        throw new UnknownHostException("no idea");
                    }
                    return answers.get(host);
                };
        ConnectOptions single =
                ConnectOptions.defaults()
                        .withPool(PoolOptions.defaults().withMaxOpen(1).withMaxWaiting(0));
        try (Cosockets runtime = runtime(foreign);
                SocketScope scope = runtime.openScope("test")) {
            for (String host : List.of("empty.test", "none.test", "hole.test", "other.test")) {
                for (int i = 0; i < 2; i++) {
                    UnknownHostException error =
                            assertThrows(
                                    UnknownHostException.class,
                                    () -> scope.connect(host, 80, single));
                    assertTrue(
                            error.getMessage()
                                    .contains(
                                            ": "
                                                    + host
                                                    + " could not be resolved (3: Host not found)"),
                            error.getMessage());
                }
            }
        }
    }

    @Test
    void aForeignResolverThatTakesTooLongDoesNotProlongTheConnect() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        Resolver deaf =
                (host, limit) -> {
                    while (over.getCount() > 0) {
                        LockSupport.parkNanos(1_000_000);
                    }
                    return List.of(ONE);
                };
        ConnectOptions hasty = IN_ORDER.withTimeouts(Timeouts.of(ofMillis(50)));
        try (LineServer server = new LineServer();
                Cosockets runtime = runtime(deaf);
                SocketScope scope = runtime.openScope("test")) {
            int port = server.port();
            UnknownHostException error =
                    assertThrows(
                            UnknownHostException.class,
                            () -> scope.connect("slow.test", port, hasty));

            assertEquals(1, over.getCount());
            assertTrue(
                    error.getMessage()
                            .endsWith(
                                    ": slow.test could not be resolved (110: Operation timed out)"),
                    error.getMessage());
        } finally {
            over.countDown();
        }
    }

    @Test
    void closeEndsAConnectThatWaitsForAForeignResolverAndInterruptsIt() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        Resolver stuck =
                (host, limit) -> {
                    asked.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        interrupted.countDown();
                    }
                    return List.of(ONE);
                };
        try (Cosockets runtime = runtime(stuck);
                SocketScope scope = runtime.openScope("test")) {
            TcpSocket socket = scope.tcp();
            Fork<TcpSocket> connect = scope.fork(() -> socket.connect("stuck.test", 80, IN_ORDER));
            assertTrue(asked.await(20, TimeUnit.SECONDS));
            socket.close();

            SocketClosedException error =
                    assertThrows(SocketClosedException.class, () -> connect.join(ofSeconds(10)));
            assertEquals(SocketClosedException.ClosedBy.CALLER, error.closedBy());
            assertTrue(interrupted.await(20, TimeUnit.SECONDS));
            assertEquals(0, runtime.pools().getFirst().open());
        }
    }

    @Test
    void aRuntimeExceptionOfAForeignResolverEndsTheConnectAsItIs() {
        RuntimeException boom = new IllegalArgumentException("boom");
        Resolver broken =
                (host, limit) -> {
                    throw boom;
                };
        try (Cosockets runtime = runtime(broken);
                SocketScope scope = runtime.openScope("test")) {
            assertSame(
                    boom, assertThrows(RuntimeException.class, () -> scope.connect("b.test", 80)));
            assertEquals(0, runtime.pools().getFirst().open());
        }
    }

    @Test
    void theRandomPolicyUsesEveryAddress() throws IOException {
        try (LineServer server = new LineServer(new InetSocketAddress("0.0.0.0", 0));
                Cosockets runtime = runtime(fixed(ONE, TWO, THREE));
                SocketScope scope = runtime.openScope("test")) {
            Set<String> seen = new HashSet<>();
            for (int i = 0; i < 200 && seen.size() < 3; i++) {
                try (TcpSocket socket = scope.connect("peer.test", server.port())) {
                    seen.add(socket.remoteAddress().toString());
                }
            }

            assertEquals(3, seen.size());
        }
    }

    @Test
    void anIdleConnectionIsTakenBeforeTheNameIsLookedUp() throws IOException {
        int[] asked = new int[1];
        Resolver counting =
                (host, limit) -> {
                    asked[0]++;
                    return List.of(ONE);
                };
        try (LineServer server = new LineServer();
                Cosockets runtime = runtime(counting);
                SocketScope scope = runtime.openScope("test")) {
            scope.connect("peer.test", server.port()).release();

            assertEquals(1, scope.connect("peer.test", server.port()).reuseCount());
            assertEquals(1, asked[0]);
        }
    }
}
