package io.cosocket.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cosocket.Receiver;
import io.cosocket.SocketClosedException;
import io.cosocket.StreamSocket;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** Who may use the sockets of a request, and what ends them: forks, other requests, end. */
class DownstreamOwnershipTest {
    private static final String LEFT = "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1024\r\n\r\n";
    private static final int GUARD_SECONDS = 15;

    /** Where a handler is put. */
    enum Place {
        REWRITE,
        ACCESS,
        CONTENT
    }

    private static HttpServer serving(Place place, Handler handler) throws IOException {
        Handler ending =
                exchange -> {
                    handler.handle(exchange);
                    exchange.end();
                };
        return Servers.start(
                routes -> {
                    switch (place) {
                        case REWRITE -> routes.rewrite("/*", ending);
                        case ACCESS -> routes.access("/*", ending);
                        case CONTENT -> routes.content("/*", handler);
                    }
                });
    }

    @ParameterizedTest
    @EnumSource(names = {"REWRITE", "CONTENT"})
    @Tag("067-T4")
    @Tag("rw-req-socket-T4")
    void neverLendsABodySocketToAnotherRequest(Place place) throws Exception {
        AtomicReference<Receiver> kept = new AtomicReference<>();
        Handler handler =
                exchange -> {
                    Receiver earlier = kept.get();
                    if (earlier == null) {
                        kept.set(exchange.requestSocket());
                        exchange.say("kept");
                    } else {
                        exchange.say(
                                assertThrows(SocketClosedException.class, () -> earlier.receive(5))
                                        .closedBy()
                                        .name());
                    }
                };
        try (HttpServer server = serving(place, handler);
                Client client = Client.of(server)) {
            assertEquals("kept\n", client.post("/", "hello").body());
            assertEquals("SCOPE\n", client.post("/", "other").body());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Tag("093-T23")
    @Tag("rw-uthread-spawn-T23")
    @Tag("ac-uthread-spawn-T23")
    void awaitsAForkThatReadsTheBody(Place place) throws Exception {
        Handler handler =
                exchange -> {
                    exchange.say("before");
                    exchange.sockets()
                            .fork(
                                    () -> {
                                        byte[] body = exchange.requestSocket().receive(11);
                                        exchange.say("body: " + text(body));
                                        return null;
                                    })
                            .join();
                    exchange.say("after");
                };
        try (HttpServer server = serving(place, handler);
                Client client = Client.of(server)) {
            assertEquals(
                    "before\nbody: hello world\nafter\n", client.post("/", "hello world").body());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Tag("094-T11")
    @Tag("rw-uthread-exit-T11")
    @Tag("ac-uthread-exit-T11")
    void endInAForkCancelsAReadOfTheBody(Place place) throws Exception {
        Handler handler =
                exchange -> {
                    exchange.say("before");
                    CountDownLatch reads = new CountDownLatch(1);
                    exchange.sockets()
                            .fork(
                                    () -> {
                                        reads.await();
                                        exchange.say("hello in thread");
                                        exchange.end();
                                        return null;
                                    });
                    Receiver body = exchange.requestSocket();
                    reads.countDown();
                    body.receive(1024);
                    exchange.say("end");
                };
        try (HttpServer server = serving(place, handler);
                Client client = Client.of(server)) {
            client.send(LEFT);

            assertEquals("before\nhello in thread\n", client.answer().body());
        }
    }

    @Test
    @Tag("065-T20")
    void endInAForkCancelsARawSendThatBlocks() throws Exception {
        CompletableFuture<Exception> thrown = new CompletableFuture<>();
        Handler handler =
                exchange -> {
                    exchange.status(101).setHeader("Upgrade", "x").flush();
                    StreamSocket raw = exchange.rawSocket();
                    CountDownLatch sends = new CountDownLatch(1);
                    exchange.sockets()
                            .fork(
                                    () -> {
                                        sends.await();
                                        exchange.end();
                                        return null;
                                    });
                    byte[] block = new byte[1 << 20];
                    try {
                        for (int i = 0; i < 64; i++) {
                            raw.send(block);
                            sends.countDown();
                        }
                    } catch (IOException e) {
                        thrown.complete(e);
                        throw e;
                    } finally {
                        sends.countDown();
                    }
                };
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            client.send("GET / HTTP/1.1\r\nHost: t\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n");

            Exception e = thrown.get(GUARD_SECONDS, TimeUnit.SECONDS);
            assertTrue(e instanceof SocketClosedException, e.toString());
        }
    }

    /** A raw exchange after a flushed 101, as the original begins its own. */
    private static String text(byte[] bytes) {
        return new String(bytes, UTF_8);
    }
}
