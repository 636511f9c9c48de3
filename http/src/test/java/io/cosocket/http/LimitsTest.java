package io.cosocket.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.OperationTimeoutException;
import io.cosocket.Receiver;
import io.cosocket.SocketPair;
import io.cosocket.StreamSocket;

import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;

class LimitsTest {
    private static final Handler READ_ALL = x -> x.print(x.requestSocket().receiveAll(1 << 20));

    private static HttpServer limited(HttpLimits limits, Handler handler) throws IOException {
        return HttpServer.start(
                Servers.config().withLimits(limits), routes -> routes.content("/*", handler));
    }

    private static HttpServer timed(HttpTimeouts timeouts, Handler handler) throws IOException {
        return HttpServer.start(
                Servers.config().withTimeouts(timeouts), routes -> routes.content("/*", handler));
    }

    @Test
    void tooManyHeaderBytesAre431() throws Exception {
        HttpLimits limits = HttpLimits.defaults().withHeaderBytes(1024);
        try (HttpServer server = limited(limits, x -> x.say("ok"))) {
            try (Client client = Client.of(server)) {
                client.send("GET / HTTP/1.1\r\nHost: t\r\nX: " + "x".repeat(2000) + "\r\n\r\n");
                assertEquals(431, client.answer().status());
                assertTrue(client.closedByServer());
            }
            try (Client client = Client.of(server)) {
                assertEquals(200, client.get("/").status());
            }
        }
    }

    @Test
    void aTooLongTargetIs414() throws Exception {
        HttpLimits limits = HttpLimits.defaults().withUriBytes(100);
        try (HttpServer server = limited(limits, x -> x.say("ok"));
                Client client = Client.of(server)) {
            assertEquals(414, client.get("/" + "x".repeat(100)).status());
            assertEquals(414, client.get("/?" + "x".repeat(99)).status());
            assertEquals(200, client.get("/" + "x".repeat(99)).status());
            assertEquals(414, client.get("/" + "x".repeat(40_000)).status());
        }
    }

    @Test
    void anAnnouncedBodyAboveTheLimitIs413() throws Exception {
        HttpLimits limits = HttpLimits.defaults().withBodyBytes(10).withDrainBytes(100);
        try (HttpServer server = limited(limits, READ_ALL);
                Client client = Client.of(server)) {
            assertEquals(413, client.post("/", "hello world").status());
            assertEquals(200, client.post("/", "hello worl").status());
        }
    }

    @Test
    void aChunkedBodyAboveTheLimitIs413() throws Exception {
        HttpLimits limits = HttpLimits.defaults().withBodyBytes(10);
        try (HttpServer server = limited(limits, READ_ALL);
                Client client = Client.of(server)) {
            client.send(
                    "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
                            + "b\r\nhello world\r\n0\r\n\r\n");
            assertEquals(413, client.answer().status());
        }
    }

    @Test
    void aFailureOfTheHandlerAfterALimitIs500() throws Exception {
        Handler handler =
                x -> {
                    assertThrows(IOException.class, () -> READ_ALL.handle(x));
                    throw new IllegalStateException("provoked by the test");
                };
        try (HttpServer server = limited(HttpLimits.defaults().withBodyBytes(10), handler);
                Client client = Client.of(server)) {
            client.send(
                    "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
                            + "b\r\nhello world\r\n0\r\n\r\n");
            assertEquals(500, client.answer().status());
        }
    }

    @Test
    void aBodyAboveWhatIsBufferedOrReadIs413() throws Exception {
        Application app =
                routes ->
                        routes.bufferBody("/buffered", 5)
                                .content("/buffered", x -> x.print(x.readBody(5)))
                                .content("/read", x -> x.print(x.readBody(5)));
        try (HttpServer server = Servers.start(app);
                Client client = Client.of(server)) {
            for (String path : new String[] {"/buffered", "/read"}) {
                assertEquals("hello", client.post(path, "hello").body());
                assertEquals(413, client.post(path, "hello!").status());
                client.send(
                        "POST "
                                + path
                                + " HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
                                + "6\r\nhello!\r\n0\r\n\r\n");
                assertEquals(413, client.answer().status());
            }
        }
    }

    @Test
    void aSlowHeadIs408AndAnIdleConnectionIsNot() throws Exception {
        HttpTimeouts timeouts =
                HttpTimeouts.defaults()
                        .withHeader(Duration.ofMillis(300))
                        .withDrain(Duration.ofMillis(300));
        LinkedBlockingQueue<String> log = new LinkedBlockingQueue<>();
        HttpConfig config =
                Servers.config()
                        .withTimeouts(timeouts)
                        .withAccessLog(e -> log.add(e.status() + " " + e.end()));
        try (HttpServer server =
                        HttpServer.start(config, routes -> routes.content("/*", x -> x.say("ok")));
                Client idle = Client.of(server);
                Client slow = Client.of(server)) {
            assertEquals("ok\n", slow.get("/").body());
            slow.send("GET / HTTP/1.1\r\n");
            Thread trickle =
                    Thread.startVirtualThread(
                            () -> {
                                try {
                                    for (int i = 0; i < 1000; i++) {
                                        slow.send("X: y\r\n");
                                        TimeUnit.MILLISECONDS.sleep(50);
                                    }
                                } catch (IOException | InterruptedException e) {
                                    // the server has closed
                                }
                            });
            assertEquals(408, slow.answer().status());
            trickle.join();

            assertEquals("200 done", log.take());
            assertEquals("408 refused", log.poll(15, TimeUnit.SECONDS));
            assertEquals("ok\n", idle.get("/").body());
            assertEquals("200 done", log.poll(15, TimeUnit.SECONDS));
        }
    }

    @Test
    void aClientMaySendOnAfterA408() throws Exception {
        HttpTimeouts timeouts =
                HttpTimeouts.defaults()
                        .withHeader(Duration.ofMillis(300))
                        .withDrain(Duration.ofSeconds(60));
        try (HttpServer server = timed(timeouts, x -> x.say("ok"));
                Client slow = Client.of(server)) {
            slow.send("GET / HTTP/1.1\r\n");
            assertEquals(408, slow.answer().status());
            assertTrue(slow.closedByServer());
            for (int i = 0; i < 20; i++) {
                slow.send("X: y\r\n");
                Awaitility.await().pollDelay(Duration.ofMillis(20)).until(() -> true);
            }
        }
    }

    @Test
    void aSlowHandshakeIsCutAndADoneOneIsNot() throws Exception {
        HttpConfig config =
                Servers.config()
                        .withListeners(Listener.tls("localhost", 0, TestKeys.context()))
                        .withTimeouts(HttpTimeouts.defaults().withHeader(Duration.ofSeconds(2)));
        try (HttpServer server =
                        HttpServer.start(config, routes -> routes.content("/*", x -> x.say("ok")));
                Client good = Client.of(server);
                Client slow = new Client(new Socket("localhost", server.uri().getPort()))) {
            assertEquals("ok\n", good.get("/").body());
            assertTrue(slow.send(new byte[] {22, 3, 1}).closedByServer());
            assertEquals("ok\n", good.get("/").body());
        }
    }

    @Test
    void aHandshakeThatComputesLongHoldsUpNoTimeOut() throws Exception {
        Duration header = Duration.ofSeconds(2);
        SlowKeys slow = new SlowKeys();
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(new KeyManager[] {slow}, null, null);
        HttpConfig config =
                Servers.config()
                        .withListeners(Listener.tls("localhost", 0, context))
                        .withTimeouts(HttpTimeouts.defaults().withHeader(header));
        try (HttpServer server = HttpServer.start(config, routes -> {});
                Client client = Client.of(server)) {
            Thread handshake =
                    Thread.startVirtualThread(
                            () -> assertThrows(IOException.class, () -> client.get("/")));
            assertTrue(slow.asked.await(20, TimeUnit.SECONDS));
            SocketPair pair = StreamSocket.inMemory(server.cosockets());
            pair.left().receiveTimeout(header.dividedBy(10));

            assertTimeoutPreemptively(
                    Duration.ofSeconds(20),
                    () -> {
                        for (int i = 0; i < 20; i++) {
                            assertThrows(
                                    OperationTimeoutException.class, () -> pair.left().receive(1));
                        }
                    });

            slow.answered.countDown();
            handshake.join();
        } finally {
            slow.answered.countDown();
        }
    }

    /** Says only after a while that it has no key. */
    private static final class SlowKeys extends X509ExtendedKeyManager {
        private final CountDownLatch asked = new CountDownLatch(1);
        private final CountDownLatch answered = new CountDownLatch(1);

        @Override
        public @Nullable String chooseEngineServerAlias(
                String type, Principal[] issuers, SSLEngine engine) {
            asked.countDown();
            try {
                answered.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return null;
        }

        @Override
        public String[] getServerAliases(String type, Principal[] issuers) {
            return new String[0];
        }

        @Override
        public @Nullable String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
            return null;
        }

        @Override
        public String[] getClientAliases(String type, Principal[] issuers) {
            return new String[0];
        }

        @Override
        public @Nullable String chooseClientAlias(
                String[] types, Principal[] issuers, Socket socket) {
            return null;
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return new X509Certificate[0];
        }

        @Override
        public @Nullable PrivateKey getPrivateKey(String alias) {
            return null;
        }
    }

    @Test
    void aBodyBelowTheLeastRateIs408() throws Exception {
        HttpLimits limits = HttpLimits.defaults().withBodyBytesPerSecond(1000);
        try (HttpServer server = limited(limits, READ_ALL);
                Client client = Client.of(server)) {
            client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 100000\r\n\r\n");
            Thread trickle =
                    Thread.startVirtualThread(
                            () -> {
                                try {
                                    for (int i = 0; i < 1000; i++) {
                                        client.send("x");
                                        TimeUnit.MILLISECONDS.sleep(20);
                                    }
                                } catch (IOException | InterruptedException e) {
                                    // the server has closed
                                }
                            });
            assertEquals(408, client.answer().status());
            trickle.join();
        }
    }

    @Test
    void anIdleConnectionIsClosedAndALongRunIsNot() throws Exception {
        HttpTimeouts timeouts = HttpTimeouts.defaults().withIdle(Duration.ofMillis(500));
        Handler handler =
                x -> {
                    x.sockets().sleep(Duration.ofMillis(1500));
                    x.print(x.requestSocket().receiveAll(10));
                };
        try (HttpServer server = timed(timeouts, handler);
                Client client = Client.of(server)) {
            client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\nhel");
            client.send("lo");
            assertEquals("hello", client.answer().body());
            assertTrue(client.closedByServer());
        }
    }

    @Test
    void anIdleTimeBelowAMillisecondIsNotForEver() throws Exception {
        HttpTimeouts timeouts = HttpTimeouts.defaults().withIdle(Duration.ofNanos(1));
        try (HttpServer server = timed(timeouts, x -> x.say("ok"));
                Client client = Client.of(server)) {
            assertTrue(client.closedByServer());
        }
    }

    @Test
    void furtherConnectionsWaitUntilOneCloses() throws Exception {
        HttpLimits limits = HttpLimits.defaults().withConnections(2);
        try (HttpServer server = limited(limits, x -> x.say("ok"));
                Client first = Client.of(server);
                Client second = Client.of(server)) {
            assertEquals(200, first.get("/").status());
            assertEquals(200, second.get("/").status());
            try (Client third = Client.of(server)) {
                third.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
                assertEquals(200, first.get("/").status());
                first.reset();
                assertEquals(200, third.answer().status());
            }
        }
    }

    @Test
    @Tag("067-T17")
    void anUnreadBodyIsDrainedAndTheConnectionKept() throws Exception {
        Handler handler =
                x -> {
                    if (x.path().equals("/part")) {
                        x.requestSocket().receive(1);
                    }
                    x.print(x.path());
                };
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            assertEquals("/none", client.post("/none", "GET /smuggled HTTP/1.1\r\n\r\n").body());
            assertEquals("/part", client.post("/part", "GET /smuggled HTTP/1.1\r\n\r\n").body());
            client.send("POST /none HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\n");
            assertEquals("/none", client.answer().body());
            client.send("hello");
            assertEquals("/last", client.get("/last").body());
        }
    }

    @Test
    void anUnreadBodyAboveTheLimitClosesTheConnection() throws Exception {
        HttpLimits limits = HttpLimits.defaults().withDrainBytes(1000);
        try (HttpServer server = limited(limits, x -> x.say("answer"));
                Client client = Client.of(server)) {
            assertEquals("answer\n", client.post("/", "x".repeat(100_000)).body());
            assertTrue(client.closedByServer());
        }
    }

    @Test
    void anUnreadBodyThatDoesNotComeClosesTheConnection() throws Exception {
        HttpTimeouts timeouts = HttpTimeouts.defaults().withDrain(Duration.ofMillis(200));
        try (HttpServer server = timed(timeouts, x -> x.say("answer"));
                Client client = Client.of(server)) {
            client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\nhel");
            assertEquals("answer\n", client.answer().body());
            assertTrue(client.closedByServer());
        }
    }

    @Test
    void aBodyNotAskedForGetsNoContinue() throws Exception {
        try (HttpServer server = Servers.serving(x -> x.say("answer"));
                Client client = Client.of(server)) {
            client.send(
                    "POST / HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\n"
                            + "Content-Length: 5\r\n\r\n");
            assertEquals(200, client.answer().status());
            assertTrue(client.closedByServer());
        }
    }

    @Test
    void aStalledReaderEndsTheResponseAfterTheSendTimeout() throws Exception {
        CountDownLatch failed = new CountDownLatch(1);
        HttpTimeouts timeouts = HttpTimeouts.defaults().withSend(Duration.ofMillis(300));
        Handler handler =
                x -> {
                    try {
                        byte[] piece = new byte[1 << 20];
                        for (int i = 0; i < 100; i++) {
                            x.print(piece);
                        }
                    } catch (io.cosocket.OperationTimeoutException e) {
                        assertEquals("send", e.operation());
                        failed.countDown();
                        throw e;
                    }
                };
        try (HttpServer server = timed(timeouts, handler);
                Client client = Client.of(server)) {
            client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
            assertTrue(failed.await(15, TimeUnit.SECONDS));
        }
    }

    @Test
    void aBodyThatStopsIs408UnderALeastRate() throws Exception {
        HttpLimits limits = HttpLimits.defaults().withBodyBytesPerSecond(1000);
        try (HttpServer server = limited(limits, READ_ALL);
                Client client = Client.of(server)) {
            client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 100000\r\n\r\nx");

            assertEquals(408, client.answer().status());
        }
    }

    @Test
    void aTimeoutOfTheBodyThatNoHandlerDealsWithIs408() throws Exception {
        Handler handler =
                x -> {
                    Receiver body = x.requestSocket();
                    body.receiveTimeout(Duration.ofMillis(100));
                    body.receive(10);
                };
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\nx");

            assertEquals(408, client.answer().status());
        }
    }
}
