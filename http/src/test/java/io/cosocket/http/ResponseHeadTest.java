package io.cosocket.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.concurrent.LinkedBlockingQueue;

/** Heads that a handler makes and that could break the connection for the requests behind. */
class ResponseHeadTest {
    private static final String NEXT = "GET /next HTTP/1.1\r\nHost: t\r\n\r\n";

    private static Handler unlessNext(Handler handler) {
        return x -> {
            if (x.path().equals("/next")) {
                x.print("next");
            } else {
                handler.handle(x);
            }
        };
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 304})
    void aLengthThatTheStatusForbidsHarmsNobody(int status) throws Exception {
        Handler handler = unlessNext(x -> x.status(status).setHeader("Content-Length", "5"));
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n" + NEXT);
            Client.Answer answer = client.answer();

            assertEquals(status, answer.status());
            assertEquals(status == 204 ? "" : "5", answer.header("Content-Length"));
            assertEquals("next", client.answer().body());
        }
    }

    @Test
    void anAddedLengthReplacesTheFirst() throws Exception {
        Handler handler =
                unlessNext(
                        x ->
                                x.addHeader("content-length", "3")
                                        .addHeader("Content-Length", "2")
                                        .print("hi"));
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n" + NEXT);

            assertEquals("hi", client.answer().body());
            assertEquals("next", client.answer().body());
        }
    }

    @Test
    void aWrongLengthThatTheHandlerOverlooksIsAnswered500() throws Exception {
        Handler handler =
                unlessNext(
                        x -> {
                            x.setHeader("Content-Length", "5").print("hi");
                            assertThrows(IllegalStateException.class, x::end);
                        });
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n" + NEXT);

            assertEquals(500, client.answer().status());
            assertEquals("next", client.answer().body());
        }
    }

    @Test
    void whatWasPrintedBeforeAWrongLengthWasToldIsKept() throws Exception {
        Handler handler =
                unlessNext(
                        x -> {
                            x.setHeader("Content-Length", "5").print("abc");
                            assertThrows(IllegalStateException.class, x::end);
                            x.print("de");
                            x.end();
                        });
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n" + NEXT);

            assertEquals("abcde", client.answer().body());
            assertEquals("next", client.answer().body());
        }
    }

    @Test
    void valuesBeyondLatin1AreRefusedAndOthersSentAsTheyAre() throws Exception {
        Handler handler =
                x -> {
                    assertThrows(
                            IllegalArgumentException.class, () -> x.setHeader("A", "5 \u20ac"));
                    // its low byte is a line feed
                    assertThrows(
                            IllegalArgumentException.class, () -> x.addHeader("A", "b\u010aC: d"));
                    x.setHeader("A", "\u00e4");
                };
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            client.send("GET / HTTP/1.0\r\n\r\n");
            byte[] all = client.socket().getInputStream().readAllBytes();
            String head = new String(all, ISO_8859_1);

            assertTrue(head.contains("A: \u00e4\r\n"), head);
        }
    }

    @Test
    void aLongHeadIsSent() throws Exception {
        Handler handler =
                x -> {
                    for (int i = 0; i < 20; i++) {
                        x.addHeader("Set-Cookie", "c" + i + "=" + "x".repeat(4000));
                    }
                    x.print("long");
                };
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            Client.Answer answer = client.get("/");

            assertEquals("long", answer.body());
            assertEquals(
                    20, answer.headers().stream().filter(h -> h.startsWith("Set-Cookie")).count());
        }
    }

    @Test
    void aHeadThatIsFarTooLongIsTheHandlersFault() throws Exception {
        LinkedBlockingQueue<AccessLog.Entry> log = new LinkedBlockingQueue<>();
        Handler handler = unlessNext(x -> x.setHeader("A", "x".repeat(1 << 20)).print("a"));
        try (HttpServer server =
                        HttpServer.start(
                                Servers.config().withAccessLog(log::add),
                                routes -> routes.content("/*", handler));
                Client client = Client.of(server)) {
            assertTrue(client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n").closedByServer());
            assertEquals("failed", log.take().end());
            try (Client other = Client.of(server)) {
                assertEquals("next", other.get("/next").body());
            }
        }
    }

    @Test
    void nothingIsReadAfterA101WithoutARawSocket() throws Exception {
        LinkedBlockingQueue<String> paths = new LinkedBlockingQueue<>();
        Handler handler =
                x -> {
                    paths.add(x.path());
                    x.status(101).setHeader("Connection", "Upgrade").setHeader("Upgrade", "echo");
                };
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n" + NEXT);

            assertEquals(101, client.answer().status());
            assertTrue(client.closedByServer());
        }
        assertEquals("/", paths.poll());
        assertFalse(paths.contains("/next"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "5"})
    void aWrongLengthIs500ForHeadAsForGet(String length) throws Exception {
        Handler handler = unlessNext(x -> x.setHeader("Content-Length", length).print("hi"));
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            client.send("HEAD / HTTP/1.1\r\nHost: t\r\n\r\n" + NEXT);

            assertEquals(500, client.answer(false).status());
            assertEquals("next", client.answer().body());
        }
    }

    @Test
    void aHeadMayAnnounceALengthWithoutABody() throws Exception {
        Handler handler = unlessNext(x -> x.setHeader("Content-Length", "5"));
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            client.send("HEAD / HTTP/1.1\r\nHost: t\r\n\r\n" + NEXT);

            assertEquals("5", client.answer(false).header("Content-Length"));
            assertEquals("next", client.answer().body());
        }
    }
}
