package io.cosocket;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What release keeps, what connect reuses, and what the statistics say about it. */
class KeepAliveTest {
    private static final String HOST = "127.0.0.1";

    private final Cosockets runtime = Cosockets.create();
    private final SocketScope scope = runtime.openScope("keep-alive");
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

    private static ConnectOptions pool(PoolOptions options) {
        return ConnectOptions.defaults().withPool(options);
    }

    private static ConnectOptions named(String name) {
        return pool(PoolOptions.defaults().withName(name));
    }

    private static TcpSocket talk(TcpSocket socket) throws IOException {
        socket.send("flush_all\r\n");
        assertEquals("OK", socket.receiveLine());
        return socket;
    }

    private PoolStats stats() {
        assertEquals(1, runtime.pools().size());
        return runtime.pools().getFirst();
    }

    @Test
    @Tag("068-T1")
    void aReleasedConnectionIsReused() throws IOException {
        for (int round = 0; round < 2; round++) {
            TcpSocket socket = scope.connect(HOST, server.port());
            assertEquals(round, socket.reuseCount());
            talk(socket);
            assertEquals(Release.KEPT, socket.release());
            assertFalse(socket.isOpen());
        }

        assertEquals(1, server.accepted());
        PoolStats stats = stats();
        assertEquals(HOST + ":" + server.port(), stats.name());
        assertEquals(2, stats.acquired());
        assertEquals(1, stats.reused());
        assertEquals(Map.of("none idle", 1L), stats.misses());
    }

    @Test
    @Tag("068-T2")
    void closeWithoutReleaseReallyCloses() throws IOException {
        talk(scope.connect(HOST, server.port())).release();
        TcpSocket second = scope.connect(HOST, server.port());
        assertEquals(1, second.reuseCount());

        second.close();

        await().until(() -> server.live() == 0);
        assertEquals(0, stats().open());
        assertEquals(0, scope.connect(HOST, server.port()).reuseCount());
        assertEquals(Map.of("none idle", 1L, "not released", 1L), stats().misses());
    }

    @Test
    @Tag("058-T60")
    void releaseAfterCloseFindsNothingToKeep() throws IOException {
        TcpSocket socket = scope.connect(HOST, server.port());
        socket.close();

        assertEquals(Release.CLOSED, socket.release());
        assertEquals(0, stats().open());
    }

    @Test
    @Tag("058-T73")
    void aPeerThatClosedAfterItsLastAnswerIsNotKept() throws IOException {
        TcpSocket socket = scope.connect(HOST, server.port());
        socket.send("bye\r\nquit\r\n");
        assertEquals("bye", socket.receiveLine());
        await().until(() -> server.live() == 0);

        assertEquals(Release.CLOSED, socket.release());
        assertEquals(0, scope.connect(HOST, server.port()).reuseCount());
        assertEquals(1, stats().misses().get("peer closed"));
    }

    @Test
    @Tag("068-T4")
    void aQuietConnectionStaysAsLongAsItsIdleTime() throws IOException {
        talk(scope.connect(HOST, server.port())).release();
        await().during(ofSeconds(1)).atMost(ofSeconds(10)).until(() -> stats().idle() == 1);
    }

    @Test
    @Tag("068-T5")
    void theIdleTimeOfThePoolOptionsEndsAnIdleConnection() throws IOException {
        ConnectOptions options = pool(PoolOptions.defaults().withIdleTimeout(ofMillis(100)));
        talk(scope.connect(HOST, server.port(), options)).release();
        assertEquals(30, stats().maxIdle());

        await().until(() -> server.live() == 0 && stats().open() == 0);
        scope.connect(HOST, server.port(), options);
        assertEquals(1, stats().misses().get("idle time-out"));
    }

    @Test
    @Tag("068-T8")
    void releaseMayChooseAnIdleTimeOfItsOwn() throws IOException {
        talk(scope.connect(HOST, server.port())).release(ofMillis(123));

        await().until(() -> server.live() == 0 && stats().idle() == 0);
    }

    @Test
    @Tag("060-T2")
    void exactReadsLeaveTheConnectionClean() throws IOException {
        TcpSocket socket = scope.connect(HOST, server.port());
        socket.send("hello 1234\r\nEND\r\n");
        assertEquals("hello 1234", new String(socket.receive(10)));
        assertEquals("\r\n", new String(socket.receive(2)));
        assertEquals("END", socket.receiveLine());

        assertEquals(Release.KEPT, socket.release(Duration.ofDays(1)));
    }

    @Test
    @Tag("071-T5")
    void aConnectionWithUnreadBytesIsClosedAndTheCallNamed() throws IOException {
        TcpSocket socket = scope.connect(HOST, server.port());
        socket.send("more\r\n");
        assertEquals("one", socket.receiveLine());

        assertEquals(Release.UNREAD_DATA, socket.release());
        await().until(() -> server.live() == 0);
        assertEquals(0, scope.connect(HOST, server.port()).reuseCount());
        String reason = onlyDirtyReason();
        assertTrue(reason.startsWith("dirty: unread data, "), reason);
        assertTrue(reason.contains("KeepAliveTest.aConnectionWithUnreadBytes"), reason);
        assertTrue(reason.contains("KeepAliveTest.java:"), reason);
    }

    private String onlyDirtyReason() {
        return stats().misses().keySet().stream()
                .filter(reason -> reason.startsWith("dirty"))
                .findFirst()
                .orElse("none of " + stats().misses());
    }

    @Test
    void bytesThatArriveUnreadInTheKernelMakeItDubious() throws IOException {
        TcpSocket socket = talk(scope.connect(HOST, server.port()));
        server.sendToAll("surprise\r\n");

        await().until(() -> !peekIsQuiet(socket));
        assertEquals(Release.UNREAD_DATA, socket.release());
    }

    private static boolean peekIsQuiet(TcpSocket socket) throws IOException {
        return socket.peek(1).length == 0;
    }

    @Test
    void aTimedOutReadFollowedByACompleteOneIsClean() throws IOException {
        TcpSocket socket = scope.connect(HOST, server.port());
        socket.receiveTimeout(ofMillis(20));
        assertThrows(OperationTimeoutException.class, socket::receiveLine);
        socket.receiveTimeout(ofSeconds(20));

        talk(socket);

        assertEquals(Release.KEPT, socket.release());
    }

    @Test
    void anEndedSendingSideIsNotKept() throws IOException {
        TcpSocket socket = talk(scope.connect(HOST, server.port()));
        socket.shutdownSend();

        assertFalse(socket.release().kept());
        assertEquals(0, stats().open());
        scope.connect(HOST, server.port());
        assertTrue(
                stats().misses().keySet().stream()
                        .anyMatch(
                                why ->
                                        why.startsWith("dirty: half-closed, ")
                                                && why.contains("KeepAliveTest.java:")));
    }

    @Test
    void aStrayByteWhileIdleEndsTheConnection() throws IOException {
        talk(scope.connect(HOST, server.port())).release();
        server.sendToAll("x");

        await().until(() -> server.live() == 0 && stats().open() == 0);
        assertEquals(0, scope.connect(HOST, server.port()).reuseCount());
        assertEquals(1, stats().misses().get("dirty: bytes nobody asked for while idle"));
    }

    @Test
    void aConnectDoesNotGetAConnectionThatDiedAMomentAgo() throws IOException {
        talk(scope.connect(HOST, server.port())).release();
        server.closeConnections();
        await().until(() -> server.live() == 0);

        talk(scope.connect(HOST, server.port()));
        assertEquals(2, server.accepted());
    }

    @Test
    @Tag("068-T20")
    void twoEndpointsNeverShareAPool() throws IOException {
        try (LineServer other = new LineServer()) {
            talk(scope.connect(HOST, server.port())).release();

            assertEquals(0, talk(scope.connect(HOST, other.port())).reuseCount());
            assertEquals(2, runtime.pools().size());
        }
    }

    @Test
    void addressesOfOneNameThatTheCallerChoseNeverShareAPool() throws IOException {
        try (LineServer any = new LineServer(new InetSocketAddress("0.0.0.0", 0))) {
            List<InetSocketAddress> chosen = new ArrayList<>();
            for (byte last = 1; last <= 2; last++) {
                byte[] ip = {127, 0, 0, last};
                chosen.add(new InetSocketAddress(InetAddress.getByAddress("db", ip), any.port()));
            }
            ConnectOptions options = ConnectOptions.defaults();
            talk(scope.connect(chosen.get(0), options)).release();

            TcpSocket other = talk(scope.connect(chosen.get(1), options));
            assertEquals(0, other.reuseCount());
            other.release();
            assertEquals(1, scope.connect(chosen.get(0), options).reuseCount());
            assertEquals(
                    Set.of("db/127.0.0.1:" + any.port(), "db/127.0.0.2:" + any.port()),
                    runtime.pools().stream().map(PoolStats::name).collect(Collectors.toSet()));

            // a literal is the same endpoint in either form
            talk(scope.connect(HOST, any.port())).release();
            assertEquals(
                    1,
                    scope.connect(new InetSocketAddress(HOST, any.port()), options).reuseCount());
        }
    }

    @Test
    @Tag("068-T16")
    void twoEndpointsShareAPoolOnlyWhenTheySaySo() throws IOException {
        try (LineServer other = new LineServer()) {
            talk(scope.connect(HOST, server.port(), named("foo"))).release();
            assertEquals(0, scope.connect(HOST, other.port(), named("foo")).reuseCount());

            ConnectOptions shared = pool(PoolOptions.defaults().withName("foo").withShared(true));
            talk(scope.connect(HOST, server.port(), shared)).release();
            TcpSocket socket = scope.connect(HOST, other.port(), shared);
            assertEquals(1, socket.reuseCount());
            assertTrue(socket.remoteAddress().toString().endsWith(":" + server.port()));
        }
        assertThrows(IllegalArgumentException.class, () -> PoolOptions.defaults().withShared(true));
    }

    @Test
    @Tag("068-T17")
    @Tag("068-T18")
    @Tag("068-T53")
    void namesSeparatePoolsOfAUnixPath(@TempDir Path directory) throws IOException {
        try (LineServer unix = LineServer.unix(directory)) {
            UnixDomainSocketAddress path = (UnixDomainSocketAddress) unix.address();
            String endpoint = "unix:" + path;

            talk(scope.connect(path, named("A"))).release();
            TcpSocket b = talk(scope.connect(endpoint, named("B")));
            assertEquals(0, b.reuseCount());
            b.release();

            assertEquals(1, scope.connect(endpoint, named("A")).reuseCount());
            assertEquals(1, scope.connect(path, named("B")).reuseCount());
        }
    }

    @Test
    @Tag("068-T27")
    @Tag("068-T28")
    @Tag("068-T29")
    void theSmallerOfTwoLimitsWinsAndEvictsTheLeastRecentlyUsed(@TempDir Path directory)
            throws IOException {
        try (LineServer unix = LineServer.unix(directory)) {
            for (LineServer peer : new LineServer[] {server, unix}) {
                for (String name : new String[] {"A", "B"}) {
                    evicts(peer, name);
                }
            }
        }
    }

    private void evicts(LineServer peer, String name) throws IOException {
        PoolOptions wide = PoolOptions.defaults().withName(name);
        ConnectOptions narrow = pool(wide.withMaxIdle(1));
        for (int round = 0; round < 2; round++) {
            TcpSocket socket = talk(scope.connect(peer.address(), narrow));
            assertEquals(round, socket.reuseCount());
            socket.release();
        }

        TcpSocket a = talk(scope.connect(peer.address(), pool(wide)));
        TcpSocket b = talk(scope.connect(peer.address(), pool(wide)));
        a.release();
        b.release();

        assertEquals(1, talk(scope.connect(peer.address(), pool(wide))).reuseCount());
        TcpSocket fresh = scope.connect(peer.address(), pool(wide));
        assertEquals(0, fresh.reuseCount());
        PoolStats stats =
                runtime.pools().stream()
                        .filter(pool -> pool.name().equals(name) && pool.leased() > 0)
                        .filter(pool -> pool.endpoint().contains(endpointOf(peer)))
                        .findFirst()
                        .orElseThrow();
        assertEquals(1, stats.maxIdle());
        assertEquals(1, stats.misses().get("evicted"));
        assertTrue(String.valueOf(stats.conflict()).contains("KeepAliveTest.java"));
    }

    private static String endpointOf(LineServer peer) {
        try {
            return peer.address() instanceof UnixDomainSocketAddress path
                    ? path.toString()
                    : Integer.toString(peer.port());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    @Tag("068-T50")
    void countsStayConsistentThroughReuseAndClose() throws IOException {
        TcpSocket a = talk(scope.connect(HOST, server.port()));
        TcpSocket b = talk(scope.connect(HOST, server.port()));
        a.release();
        b.release();
        TcpSocket c = scope.connect(HOST, server.port());
        TcpSocket d = scope.connect(HOST, server.port());
        assertEquals(1, c.reuseCount());
        assertEquals(1, d.reuseCount());

        c.close();
        d.close();

        PoolStats stats = stats();
        assertEquals(0, stats.open() + stats.idle() + stats.leased());
        await().until(() -> server.live() == 0);
    }

    @Test
    void optionsOfALeaseAreRestoredBeforeItIsPooled() throws IOException {
        TcpSocket socket = scope.connect(HOST, server.port());
        assertFalse(socket.option(StandardSocketOptions.SO_KEEPALIVE));
        socket.option(StandardSocketOptions.SO_KEEPALIVE, true);
        talk(socket).release();

        TcpSocket again = scope.connect(HOST, server.port());

        assertEquals(1, again.reuseCount());
        assertFalse(again.option(StandardSocketOptions.SO_KEEPALIVE));
    }

    @Test
    void aReadOfNothingDoesNotMakeUpForOneThatIsHalfDone() throws IOException {
        TcpSocket socket = scope.connect(HOST, server.port());
        socket.receiveTimeout(ofMillis(50));
        assertThrows(OperationTimeoutException.class, () -> socket.receive(5));

        assertEquals(0, socket.receive(0).length);

        assertEquals(Release.OPERATION_FAILED, socket.release());
    }

    @Test
    void anAgedConnectionIsNotReused() throws IOException {
        ConnectOptions options = pool(PoolOptions.defaults().withMaxAge(ofSeconds(4)));
        long before = System.nanoTime();
        TcpSocket socket = talk(scope.connect(HOST, server.port(), options));
        assertEquals(Release.KEPT, socket.release());
        await().atMost(ofSeconds(30)).until(() -> server.live() == 0);
        assertTrue(System.nanoTime() - before >= ofSeconds(4).toNanos());

        assertEquals(0, scope.connect(HOST, server.port(), options).reuseCount());
        assertEquals(1, stats().misses().get("aged"));
    }

    @Test
    void aPoolWithoutIdleConnectionsKeepsNone() throws IOException {
        ConnectOptions options = pool(PoolOptions.defaults().withMaxIdle(0));

        assertEquals(
                Release.POOL_FULL, talk(scope.connect(HOST, server.port(), options)).release());
        await().until(() -> server.live() == 0);
    }

    @Test
    void clearClosesTheIdleConnectionsOfThatName() throws IOException {
        talk(scope.connect(HOST, server.port(), named("one"))).release();
        talk(scope.connect(HOST, server.port(), named("two"))).release();

        runtime.clear("one");

        await().until(() -> server.live() == 1);
        assertEquals(0, scope.connect(HOST, server.port(), named("one")).reuseCount());
        assertEquals(1, scope.connect(HOST, server.port(), named("two")).reuseCount());
    }

    @Test
    void theEndOfTheRuntimeClosesIdleAndReleasedConnections() throws IOException {
        talk(scope.connect(HOST, server.port())).release();

        runtime.close();

        await().until(() -> server.live() == 0);
    }

    @Test
    void aLocalAddressIsPartOfTheKey() throws IOException {
        talk(scope.tcp().bind("127.0.0.1").connect(HOST, server.port())).release();

        assertEquals(0, scope.connect(HOST, server.port()).reuseCount());
        TcpSocket bound = scope.tcp().bind("127.0.0.1").connect(HOST, server.port());
        assertEquals(1, bound.reuseCount());
        assertNotEquals(0, stats(0) + stats(1));
    }

    private long stats(int index) {
        return runtime.pools().get(index).acquired();
    }
}
