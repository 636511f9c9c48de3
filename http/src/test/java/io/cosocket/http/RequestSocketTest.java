package io.cosocket.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cosocket.OperationTimeoutException;
import io.cosocket.Receiver;
import io.cosocket.UnexpectedEndException;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

class RequestSocketTest {
    @Test
    @Tag("067-T1")
    void readsInPiecesUpToTheEndOfTheBody() throws Exception {
        Handler pieces =
                exchange -> {
                    Receiver body = exchange.requestSocket();
                    exchange.say(new String(body.receive(5), UTF_8));
                    exchange.say(new String(body.receive(5), UTF_8));
                    UnexpectedEndException end =
                            assertThrows(UnexpectedEndException.class, () -> body.receive(5));
                    exchange.say("closed " + new String(end.partial(), UTF_8));
                };
        try (HttpServer server = Servers.serving(pieces);
                Client client = Client.of(server)) {
            assertEquals("hello\n worl\nclosed d\n", client.post("/", "hello world").body());
        }
    }

    @Test
    @Tag("067-T9")
    void readsAChunkedBodyDecoded() throws Exception {
        try (HttpServer server = Servers.serving(x -> x.print(x.requestSocket().receiveAll(1000)));
                Client client = Client.of(server)) {
            client.send(
                    "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
                            + "5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: ignored\r\n\r\n");

            assertEquals("hello world", client.answer().body());
            assertEquals("again", client.post("/", "again").body());
        }
    }

    @Test
    @Tag("067-T6")
    @Tag("044-T39")
    @Tag("044-T40")
    void neverSeesAByteOfThePipelinedRequest() throws Exception {
        Handler handler =
                exchange -> {
                    Receiver body = exchange.requestSocket();
                    StringBuilder seen = new StringBuilder();
                    for (byte[] piece; (piece = body.receiveAny(4)) != null; ) {
                        seen.append(new String(piece, UTF_8));
                    }
                    exchange.print(seen.toString());
                };
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            client.send(
                    "POST / HTTP/1.1\r\n"
                            + "Host: t\r\n"
                            + "Content-Length: 12\r\n\r\n"
                            + "hello, worldPOST / HTTP/1.1\r\n"
                            + "Host: t\r\n"
                            + "Content-Length: 11\r\n\r\n"
                            + "hiya, world");

            assertEquals("hello, world", client.answer().body());
            assertEquals("hiya, world", client.answer().body());
        }
    }

    @Test
    void isAtItsEndWithoutABody() throws Exception {
        Handler handler =
                exchange -> {
                    Receiver body = exchange.requestSocket();
                    assertArrayEquals(new byte[0], body.receiveAll(10));
                    assertNull(exchange.header("Content-Length"));
                    exchange.say("ok");
                };
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            assertEquals("ok\n", client.get("/").body());
        }
    }

    @Test
    @Tag("067-T7")
    void answersExpectContinueAtTheFirstRead() throws Exception {
        try (HttpServer server = Servers.serving(x -> x.print(x.requestSocket().receiveAll(1000)));
                Client client = Client.of(server)) {
            client.send(
                    "POST / HTTP/1.1\r\nHost: t\r\nExpect: 100-Continue\r\n"
                            + "Content-Length: 5\r\n\r\n");

            assertEquals(100, client.answer().status());
            assertEquals("hello", client.send("hello").answer().body());
        }
    }

    @Test
    void ignoresTheExpectationOfHttp10() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        Handler handler =
                x -> {
                    Receiver body = x.requestSocket();
                    body.receiveTimeout(Duration.ofMillis(100));
                    assertThrows(OperationTimeoutException.class, () -> body.receive(5));
                    asked.countDown();
                    body.receiveTimeout(Duration.ofSeconds(10));
                    x.print(body.receive(5));
                };
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            client.send("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
            asked.await();

            assertEquals("hello", client.send("hello").answer().body());
        }
    }

    @Test
    @Tag("067-T14")
    void keepsItsPlaceAfterATimeout() throws Exception {
        CompletableFuture<Void> timedOut = new CompletableFuture<>();
        Handler handler =
                exchange -> {
                    Receiver body = exchange.requestSocket();
                    body.receiveTimeout(Duration.ofMillis(100));
                    OperationTimeoutException error =
                            assertThrows(OperationTimeoutException.class, () -> body.receive(4096));
                    exchange.print(new String(error.partial(), UTF_8) + ",");
                    timedOut.complete(null);
                    body.receiveTimeout(Duration.ofSeconds(10));
                    exchange.print(body.receive(11));
                };
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 14\r\n\r\nabc");
            timedOut.get(10, TimeUnit.SECONDS);

            assertEquals("abc,hello world", client.send("hello world").answer().body());
            assertEquals(500, client.post("/", "ab").status());
        }
    }

    @Test
    void failsWithClientAbortedWhenTheClientLeaves() throws Exception {
        CompletableFuture<UnexpectedEndException> seen = new CompletableFuture<>();
        Handler handler =
                exchange -> {
                    Receiver body = exchange.requestSocket();
                    seen.complete(
                            assertThrows(
                                    UnexpectedEndException.class, () -> body.receiveAll(1000)));
                };
        try (HttpServer server = Servers.serving(handler)) {
            try (Client client = Client.of(server)) {
                client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 100\r\n\r\nhello");
            }
            UnexpectedEndException error = seen.get(10, TimeUnit.SECONDS);

            assertTrue(error.getMessage().contains(": client aborted"), error.getMessage());
            assertEquals("hello", new String(error.partial(), UTF_8));
        }
    }

    @Test
    void anUpgradeToHttp2DoesNotLoseAChunkedBody() throws Exception {
        try (HttpServer server = Servers.serving(x -> x.print(x.requestSocket().receiveAll(100)));
                Client client = Client.of(server)) {
            client.send(
                    "POST / HTTP/1.1\r\nHost: t\r\nConnection: Upgrade, HTTP2-Settings\r\n"
                            + "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAA\r\n"
                            + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");

            assertEquals("hello", client.answer().body());
        }
    }
}
