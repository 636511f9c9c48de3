package io.cosocket.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.SocketClosedException;

import org.junit.jupiter.api.Test;

import java.io.DataInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

class Http2Test {
    private static HttpServer serving(Handler handler) throws Exception {
        return HttpServer.start(
                Servers.config().withListeners(Listener.tls("localhost", 0, TestKeys.context())),
                routes -> routes.content("/*", handler));
    }

    private static HttpClient client() {
        return HttpClient.newBuilder()
                .sslContext(TestKeys.context())
                .version(HttpClient.Version.HTTP_2)
                .build();
    }

    private static HttpRequest get(HttpServer server) {
        return HttpRequest.newBuilder(uri(server)).build();
    }

    private static URI uri(HttpServer server) {
        return URI.create("https://localhost:" + server.uri().getPort() + "/");
    }

    @Test
    void refusesTheRawSocketAndSaysWhatToUse() throws Exception {
        Handler handler =
                x ->
                        x.print(
                                assertThrows(UnsupportedOperationException.class, x::rawSocket)
                                        .getMessage());
        try (HttpServer server = serving(handler);
                HttpClient client = client()) {
            String words = client.send(get(server), BodyHandlers.ofString()).body();

            assertTrue(words.contains("requestSocket()"), words);
        }
    }

    @Test
    void tellsProtocolSchemeAndTls() throws Exception {
        Handler handler =
                x -> {
                    var tls = x.tls();
                    x.print(
                            x.protocol()
                                    + " "
                                    + x.scheme()
                                    + " "
                                    + (tls == null ? null : tls.protocol() + " " + tls.alpn()));
                };
        try (HttpServer server = serving(handler);
                HttpClient client = client()) {
            assertEquals(
                    "HTTP/2.0 https TLSv1.3 h2",
                    client.send(get(server), BodyHandlers.ofString()).body());
        }
    }

    @Test
    void cancelsTheRunOfAResetStream() throws Exception {
        CountDownLatch parked = new CountDownLatch(1);
        LinkedBlockingQueue<String> events = new LinkedBlockingQueue<>();
        Handler handler =
                x -> {
                    if (x.path().equals("/other")) {
                        x.print("other");
                        return;
                    }
                    x.onAbort(scope -> events.add("callback"));
                    parked.countDown();
                    try {
                        x.sockets().sleep(Duration.ofSeconds(60));
                    } catch (SocketClosedException e) {
                        events.add("cancelled " + x.aborted());
                        throw e;
                    }
                };
        try (HttpServer server = serving(handler);
                HttpClient client = client()) {
            CompletableFuture<HttpResponse<String>> pending =
                    client.sendAsync(get(server), BodyHandlers.ofString());
            parked.await();
            pending.cancel(true);

            assertEquals("callback", events.poll(10, TimeUnit.SECONDS));
            assertEquals("cancelled true", events.poll(10, TimeUnit.SECONDS));
            HttpRequest other = HttpRequest.newBuilder(uri(server).resolve("/other")).build();
            assertEquals("other", client.send(other, BodyHandlers.ofString()).body());
        }
    }

    @Test
    void answersALargeUnreadBodyAndServesOn() throws Exception {
        try (HttpServer server = serving(x -> x.print("unread"));
                HttpClient client = client()) {
            HttpRequest request =
                    HttpRequest.newBuilder(uri(server))
                            .POST(BodyPublishers.ofByteArray(new byte[300_000]))
                            .build();

            assertEquals("unread", client.send(request, BodyHandlers.ofString()).body());
            assertEquals("unread", client.send(get(server), BodyHandlers.ofString()).body());
        }
    }

    @Test
    void answers500AndServesOn() throws Exception {
        Handler handler =
                x -> {
                    throw new IllegalStateException("provoked by the test");
                };
        try (HttpServer server = serving(handler);
                HttpClient client = client()) {
            assertEquals(500, client.send(get(server), BodyHandlers.ofString()).statusCode());
            assertEquals(500, client.send(get(server), BodyHandlers.ofString()).statusCode());
        }
    }

    @Test
    void aClientThatHasItsAnswerIsToldWithoutErrorToSendNoMore() throws Exception {
        HttpConfig config =
                Servers.config()
                        .withTimeouts(HttpTimeouts.defaults().withDrain(Duration.ofMillis(100)));
        try (HttpServer server =
                        HttpServer.start(config, routes -> routes.content("/*", x -> x.end()));
                Client client = Client.of(server)) {
            client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
            client.send(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0});
            // POST / over http at t, headers complete, body to come
            client.send(new byte[] {0, 0, 6, 1, 4, 0, 0, 0, 1});
            client.send(new byte[] {(byte) 0x83, (byte) 0x86, (byte) 0x84, 0x41, 1, 't'});
            DataInputStream in = new DataInputStream(client.socket().getInputStream());
            int type;
            byte[] payload;
            do {
                int length = in.readUnsignedShort() << 8 | in.readUnsignedByte();
                type = in.readUnsignedByte();
                in.skipNBytes(5);
                payload = in.readNBytes(length);
            } while (type != 3);

            assertArrayEquals(new byte[4], payload, "RST_STREAM with NO_ERROR");
        }
    }

    @Test
    void theAuthorityStandsForTheHostHeader() throws Exception {
        try (HttpServer server = serving(x -> x.print(x.header("host") + x.headers("Host")));
                HttpClient client = client()) {
            String authority = uri(server).getAuthority();

            assertEquals(
                    authority + "[" + authority + "]",
                    client.send(get(server), BodyHandlers.ofString()).body());
        }
    }

    @Test
    void knowsNoUpgrade() throws Exception {
        Handler handler =
                x -> x.status(101).setHeader("Connection", "Upgrade").setHeader("Upgrade", "echo");
        try (HttpServer server = serving(handler);
                HttpClient client = client()) {
            assertEquals(500, client.send(get(server), BodyHandlers.ofString()).statusCode());
        }
    }
}
