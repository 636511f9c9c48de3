package io.cosocket.it.pool;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import io.cosocket.ConnectOptions;
import io.cosocket.CosocketConfig;
import io.cosocket.Fork;
import io.cosocket.PoolLimitException;
import io.cosocket.PoolOptions;
import io.cosocket.PoolStats;
import io.cosocket.Release;
import io.cosocket.Resolver;
import io.cosocket.SocketScope;
import io.cosocket.TcpSocket;
import io.cosocket.Timeouts;
import io.cosocket.http.Exchange;
import io.cosocket.http.Handler;
import io.cosocket.http.HttpConfig;
import io.cosocket.http.HttpServer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Pools and names as handlers of the early phases use them. */
class PoolInHandlersTest {
    private static final Duration LONG = ofSeconds(20);

    private final CountDownLatch never = new CountDownLatch(1);

    /** Knows one name; look-ups of "stuck" names end by interrupt only. */
    private final Resolver resolver =
            (host, limit) -> {
                if (host.equals("peer.test")) {
                    return List.of(InetAddress.ofLiteral("127.0.0.1"));
                }
                boolean stuck = host.startsWith("stuck");
                try {
                    if (stuck) {
                        never.await(limit.toNanos(), TimeUnit.NANOSECONDS);
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                throw new UnknownHostException(
                        host
                                + " could not be resolved "
                                + (stuck ? "(110: Operation timed out)" : "(3: Host not found)"));
            };

    private FaultyPeer peer;

    @BeforeEach
    void start() throws IOException {
        peer = new FaultyPeer(1, 0);
        peer.beHonest();
    }

    @AfterEach
    void stop() throws IOException {
        peer.close();
    }

    private HttpServer serve(String phase, Handler handler) throws IOException {
        HttpConfig config =
                HttpConfig.defaults()
                        .withPort(0)
                        .withShutdownTimeout(ofMillis(100))
                        .withSockets(CosocketConfig.defaults().withResolver(resolver));
        return HttpServer.start(
                config,
                routes -> {
                    if (phase.equals("rewrite")) {
                        routes.rewrite("/*", handler);
                    } else {
                        routes.access("/*", handler);
                    }
                });
    }

    private static Socket request(HttpServer server) throws IOException {
        Socket socket = new Socket("127.0.0.1", server.uri().getPort());
        socket.setSoTimeout((int) LONG.toMillis());
        socket.getOutputStream()
                .write(
                        "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                                .getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static String get(HttpServer server) throws IOException {
        try (Socket socket = request(server)) {
            String all =
                    new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            assertTrue(all.startsWith("HTTP/1.1 200 "), all);
            return all;
        }
    }

    private static TcpSocket talk(TcpSocket socket) throws IOException {
        socket.send("flush_all\n");
        assertEquals("flush_all", socket.receiveLine());
        return socket;
    }

    private static PoolStats stats(HttpServer server) {
        return server.cosockets().pools().getFirst();
    }

    @Test
    @Tag("rw-socket-keepalive-T1")
    @Tag("rw-socket-keepalive-T2")
    @Tag("rw-tcp-socket-T4")
    void aConnectionIsReusedInTheRewritePhaseOfLaterRequests() throws Exception {
        Handler handler =
                exchange -> {
                    TcpSocket socket = talk(exchange.sockets().connect("peer.test", peer.port()));
                    int count = socket.reuseCount();
                    if (count < 2) {
                        assertEquals(Release.KEPT, socket.release());
                    } else {
                        socket.close();
                    }
                    exchange.print("count " + count);
                    exchange.end();
                };
        try (HttpServer server = serve("rewrite", handler)) {
            for (int i = 0; i < 3; i++) {
                assertTrue(get(server).endsWith("count " + i));
            }

            await().until(() -> peer.live() == 0);
            assertEquals(0, stats(server).open());
        }
    }

    @Test
    @Tag("rw-socket-keepalive-T4")
    @Tag("rw-socket-keepalive-T5")
    @Tag("rw-socket-keepalive-T8")
    void anIdleConnectionOutlivesItsRequestByItsIdleTime() throws Exception {
        Handler handler =
                exchange -> {
                    SocketScope sockets = exchange.sockets();
                    TcpSocket first = talk(sockets.connect("127.0.0.1", peer.port()));
                    TcpSocket second = talk(sockets.connect("127.0.0.1", peer.port()));
                    first.release();
                    second.release(ofMillis(123));
                    exchange.print("done");
                    exchange.end();
                };
        try (HttpServer server = serve("rewrite", handler)) {
            get(server);

            await().until(() -> peer.live() == 1 && stats(server).idle() == 1);
            await().during(ofSeconds(1)).atMost(LONG).until(() -> stats(server).idle() == 1);
        }
    }

    @Test
    @Tag("rw-tcp-socket-T9")
    void aLookUpThatTakesTooLongIsAnErrorInTheRewritePhase() throws Exception {
        ConnectOptions hasty =
                ConnectOptions.defaults().withTimeouts(Timeouts.of(LONG).withConnect(ofMillis(20)));
        Handler handler =
                exchange -> {
                    TcpSocket socket = exchange.sockets().tcp();
                    IOException error =
                            assertThrows(
                                    UnknownHostException.class,
                                    () -> socket.connect("stuck.test", 80, hasty));
                    IOException closed =
                            assertThrows(IOException.class, () -> socket.send("hello"));
                    exchange.say(error.getMessage());
                    exchange.say(closed.getClass().getSimpleName());
                    exchange.end();
                };
        try (HttpServer server = serve("rewrite", handler)) {
            String answer = get(server);

            assertTrue(
                    answer.contains("stuck.test could not be resolved (110: Operation timed out)"));
            assertTrue(answer.contains("SocketClosedException"));
        }
    }

    private static ConnectOptions limited(int maxOpen, int maxWaiting) {
        return ConnectOptions.defaults()
                .withTimeouts(Timeouts.of(LONG))
                .withPool(
                        PoolOptions.defaults()
                                .withName("test")
                                .withShared(true)
                                .withMaxOpen(maxOpen)
                                .withMaxWaiting(maxWaiting));
    }

    @Test
    @Tag("068-T38")
    void theQueueOfAPoolServesForksInTheAccessPhase() throws Exception {
        ConnectOptions options = limited(1, 2);
        Handler handler =
                exchange -> {
                    SocketScope sockets = exchange.sockets();
                    TcpSocket holder = talk(sockets.connect("127.0.0.1", peer.port(), options));
                    Fork<Integer> one = sockets.fork(() -> reuse(exchange, options));
                    Fork<Integer> two = sockets.fork(() -> reuse(exchange, options));
                    await().until(() -> waiting(sockets) == 2);
                    assertThrows(
                            PoolLimitException.class,
                            () -> sockets.connect("127.0.0.1", peer.port(), options));
                    holder.release();
                    exchange.print("counts " + (one.join() + two.join()));
                    exchange.end();
                };
        try (HttpServer server = serve("access", handler)) {
            // the first to come gets the released connection and closes it, the second a new one
            assertTrue(get(server).endsWith("counts 1"));
            assertEquals(0, stats(server).open());
        }
    }

    private static int waiting(SocketScope sockets) {
        return sockets.runtime().pools().getFirst().waiting();
    }

    private int reuse(Exchange exchange, ConnectOptions options) throws IOException {
        try (TcpSocket socket = exchange.sockets().connect("127.0.0.1", peer.port(), options)) {
            return talk(socket).reuseCount();
        }
    }

    @Test
    @Tag("068-T43")
    void aClientThatLeavesTakesItsHandlerOutOfTheQueue() throws Exception {
        ConnectOptions options = limited(1, 1);
        Handler handler = exchange -> exchange.sockets().connect("127.0.0.1", peer.port(), options);
        try (HttpServer server = serve("access", handler);
                SocketScope holder = server.cosockets().openScope("holder")) {
            TcpSocket held = holder.connect("127.0.0.1", peer.port(), options);
            try (Socket client = request(server)) {
                await().until(() -> stats(server).waiting() == 1);
                assertTrue(client.isConnected());
            }

            await().until(() -> stats(server).waiting() == 0);
            assertEquals(1, stats(server).open());
            held.close();
        }
    }

    @Test
    @Tag("068-T48")
    void endingARequestFreesTheSlotOfItsLookUp() throws Exception {
        ConnectOptions options = limited(1, 1);
        CountDownLatch queued = new CountDownLatch(1);
        Handler handler =
                exchange -> {
                    exchange.sockets()
                            .fork(
                                    () -> {
                                        queued.await();
                                        exchange.end();
                                        return "ended";
                                    });
                    exchange.sockets().connect("stuck.test", 80, options);
                };
        try (HttpServer server = serve("access", handler);
                Socket client = request(server);
                SocketScope other = server.cosockets().openScope("timer")) {
            await().until(() -> !server.cosockets().pools().isEmpty() && stats(server).open() == 1);
            Fork<TcpSocket> second =
                    other.fork(() -> other.connect("127.0.0.1", peer.port(), options));
            await().until(() -> stats(server).waiting() == 1);

            queued.countDown();

            assertTrue(talk(second.join(LONG)).isOpen());
            assertTrue(client.getInputStream().read() >= 0);
        }
    }
}
