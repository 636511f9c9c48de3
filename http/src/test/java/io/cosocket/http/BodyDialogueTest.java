package io.cosocket.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cosocket.Delimiter;
import io.cosocket.Fork;
import io.cosocket.OperationTimeoutException;
import io.cosocket.Receiver;
import io.cosocket.SocketClosedException;
import io.cosocket.UnexpectedEndException;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The original's dialogues over the request socket. */
class BodyDialogueTest {
    private static final String MULTIPART =
            "preamble\r\n--simple boundary\r\n\r\npart one\r\n--simple boundary\r\n"
                    + "Content-type: text/plain; charset=us-ascii\r\n\r\npart two\n\r\n"
                    + "--simple boundary--\r\nepilogue\n";

    private static HttpServer in(Phase phase, Handler handler) throws Exception {
        return Servers.start(
                routes -> {
                    if (phase == Phase.REWRITE) {
                        routes.rewrite(
                                "/*",
                                x -> {
                                    handler.handle(x);
                                    x.end();
                                });
                    } else {
                        routes.content("/*", handler);
                    }
                });
    }

    @ParameterizedTest
    @EnumSource(names = {"REWRITE", "CONTENT"})
    @Tag("067-T2")
    @Tag("rw-req-socket-T2")
    void parsesMultipartWithTwoDelimiters(Phase phase) throws Exception {
        Delimiter boundary = Delimiter.of("\r\n--simple boundary");
        Handler handler =
                x -> {
                    Receiver body = x.requestSocket();
                    x.say("[" + new String(body.receiveUntil(boundary), UTF_8) + "]");
                    while (!new String(body.receiveUntil("\r\n"), UTF_8).endsWith("--")) {
                        for (String header; !(header = next(body)).isEmpty(); ) {
                            x.say(header);
                        }
                        x.say("[" + new String(body.receiveUntil(boundary), UTF_8) + "]");
                    }
                };
        try (HttpServer server = in(phase, handler);
                Client client = Client.of(server)) {
            for (int i = 0; i < 2; i++) {
                assertEquals(
                        "[preamble]\n[part one]\nContent-type: text/plain; charset=us-ascii\n"
                                + "[part two\n]\n",
                        client.post("/", MULTIPART).body());
            }
        }
    }

    private static String next(Receiver body) throws Exception {
        return new String(body.receiveUntil("\r\n"), UTF_8);
    }

    @ParameterizedTest
    @EnumSource(names = {"REWRITE", "CONTENT"})
    @Tag("067-T8")
    @Tag("rw-req-socket-T6")
    void keepsPipelinedBodiesApart(Phase phase) throws Exception {
        Handler handler =
                x -> {
                    Receiver body = x.requestSocket();
                    StringBuilder seen = new StringBuilder();
                    try {
                        while (true) {
                            seen.append(new String(body.receive(4), UTF_8)).append(',');
                        }
                    } catch (UnexpectedEndException e) {
                        x.print(seen + "closed " + new String(e.partial(), UTF_8));
                    }
                };
        try (HttpServer server = in(phase, handler);
                Client client = Client.of(server)) {
            client.send(
                    "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 12\r\n\r\nhello, world"
                            + "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 11\r\n\r\n"
                            + "hiya, world");

            assertEquals("hell,o, w,orld,closed ", client.answer().body());
            assertEquals("hiya,, wo,closed rld", client.answer().body());
        }
    }

    @Test
    @Tag("rw-req-socket-T7")
    void answersExpectContinueInTheRewritePhase() throws Exception {
        try (HttpServer server =
                        in(Phase.REWRITE, x -> x.print(x.requestSocket().receiveAll(100)));
                Client client = Client.of(server)) {
            client.send(
                    "POST / HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\n"
                            + "Content-Length: 5\r\n\r\n");

            assertEquals(100, client.answer().status());
            assertEquals("hello", client.send("hello").answer().body());
        }
    }

    @Test
    @Tag("044-T41")
    void existsAlreadyAfterAnyOtherUse() throws Exception {
        Handler handler =
                x -> {
                    switch (x.path()) {
                        case "/read" -> x.readBody(100);
                        case "/discard" -> x.discardBody();
                        default -> x.requestSocket();
                    }
                    x.say(refusal(x::requestSocket));
                    if (!x.path().equals("/discard")) {
                        x.say(refusal(x::discardBody));
                    }
                    if (!x.path().equals("/read")) {
                        x.say(refusal(() -> x.readBody(100)));
                    }
                };
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            for (String path : new String[] {"/read", "/discard", "/socket"}) {
                int lines = path.equals("/socket") ? 3 : 2;
                assertEquals(
                        "request body already exists\n".repeat(lines),
                        client.post(path, "hello").body(),
                        path);
            }
        }
    }

    private interface Call {
        void run() throws Exception;
    }

    private static String refusal(Call call) {
        return assertThrows(IllegalStateException.class, call::run).getMessage();
    }

    @Test
    @Tag("067-T10")
    void aChunkedBodyIsReadWhole() throws Exception {
        Handler handler =
                x -> {
                    byte[] first = x.readBody(100);
                    assertArrayEquals(first, x.readBody(100));
                    x.print(first);
                };
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            client.send(
                    "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
                            + "b\r\nhello world\r\n0\r\n\r\n");

            assertEquals("hello world", client.answer().body());
        }
    }

    @Test
    void brokenFramingIsNotAClientThatLeft() throws Exception {
        Handler handler =
                x -> {
                    Receiver body = x.requestSocket();
                    SocketClosedException error =
                            assertThrows(SocketClosedException.class, () -> body.receiveAll(100));
                    x.print(new String(error.partial(), UTF_8) + ", " + error.getMessage());
                };
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            client.send(
                    "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
                            + "5\r\nhello no line end");
            String body = client.answer().body();

            assertTrue(body.startsWith("hello, "), body);
            assertTrue(body.endsWith(": malformed request body"), body);
        }
    }

    @Test
    void aBodyThatWasDiscardedMayBeDiscardedAgain() throws Exception {
        Handler handler =
                x -> {
                    x.discardBody();
                    x.discardBody();
                    x.print(refusal(() -> x.readBody(10)));
                };
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            assertEquals("request body already exists", client.post("/", "hello").body());
        }
    }

    @Test
    @Tag("067-T11")
    void aRequestWithoutBodyGivesASocketAtItsEnd() throws Exception {
        Handler handler =
                x -> {
                    Receiver body = x.requestSocket();
                    x.print(body.receiveLine() + " " + body.receiveAll(10).length);
                };
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            assertEquals("null 0", client.get("/").body());
        }
    }

    @Test
    @Tag("067-T15")
    @Tag("067-T16")
    void aDelimiterSearchKeepsItsPlaceAfterATimeout() throws Exception {
        CountDownLatch timedOut = new CountDownLatch(2);
        Handler handler =
                x -> {
                    x.sendHeaders();
                    Receiver body = x.requestSocket();
                    body.receiveTimeout(Duration.ofMillis(100));
                    OperationTimeoutException error =
                            assertThrows(
                                    OperationTimeoutException.class,
                                    () -> {
                                        if (x.path().equals("/until")) {
                                            body.receiveUntil("never");
                                        } else {
                                            body.receive(4096);
                                        }
                                    });
                    timedOut.countDown();
                    body.receiveTimeout(Duration.ofSeconds(10));
                    String rest = new String(body.receiveUntil("\n"), UTF_8);
                    x.print(new String(error.partial(), UTF_8) + "," + rest);
                };
        try (HttpServer server = Servers.serving(handler)) {
            for (String path : new String[] {"/until", "/size"}) {
                try (Client client = Client.of(server)) {
                    client.send(
                            "POST "
                                    + path
                                    + " HTTP/1.1\r\nHost: t\r\nContent-Length: 15\r\n\r\nabc");
                    timedOut.await(1, TimeUnit.SECONDS);
                    client.send("hello world\n");
                    assertEquals("abc,hello world", client.answer().body());
                }
            }
        }
    }

    @Test
    @Tag("067-T18")
    void receiveAnyGivesWhatIsThere() throws Exception {
        CountDownLatch seen = new CountDownLatch(1);
        Handler handler =
                x -> {
                    byte[] some = x.requestSocket().receiveAny(4096);
                    assertNotNull(some);
                    seen.countDown();
                    x.print(some);
                };
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 15\r\n\r\nabc");
            assertTrue(seen.await(10, TimeUnit.SECONDS));
            client.send("hello world\n");

            assertEquals("abc", client.answer().body());
        }
    }

    @Test
    @Tag("067-T20")
    void aSelfOverlappingDelimiterEndsWithClientAborted() throws Exception {
        LinkedBlockingQueue<String> events = new LinkedBlockingQueue<>();
        Handler handler =
                x -> {
                    Receiver body = x.requestSocket();
                    try (InputStream pieces =
                            body.streamUntil(Delimiter.of("-----------------------------820127"))) {
                        byte[] one = new byte[1];
                        StringBuilder seen = new StringBuilder();
                        try {
                            while (pieces.read(one) > 0) {
                                seen.append((char) one[0]);
                            }
                            events.add("no error");
                        } catch (UnexpectedEndException e) {
                            boolean aborted = e.getMessage().contains("client aborted");
                            events.add(aborted + " " + (seen.length() + e.partial().length));
                        }
                    }
                };
        try (HttpServer server = Servers.serving(handler)) {
            try (Client client = Client.of(server)) {
                client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1048576\r\n\r\n------");
            }
            String event = events.poll(10, TimeUnit.SECONDS);
            assertNotNull(event);
            assertTrue(event.startsWith("true"), event);
        }
    }

    @Test
    @Tag("131-T2")
    void aReaderThatTimesOutDoesNotDisturbAWriter() throws Exception {
        byte[] piece = "x".repeat(10_000).getBytes(UTF_8);
        Handler handler =
                x -> {
                    Fork<Integer> reader =
                            x.sockets()
                                    .fork(
                                            () -> {
                                                Receiver body = x.requestSocket();
                                                body.receiveTimeout(Duration.ofMillis(1));
                                                int timeouts = 0;
                                                for (int i = 0; i < 20; i++) {
                                                    try {
                                                        body.receive(1000);
                                                    } catch (OperationTimeoutException e) {
                                                        timeouts++;
                                                        x.sockets().sleep(Duration.ofMillis(2));
                                                    }
                                                }
                                                return timeouts;
                                            });
                    for (int i = 0; i < 100; i++) {
                        x.print(piece);
                        x.flush();
                    }
                    x.print("end " + reader.join());
                };
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1000\r\n\r\nabc");
            String all = client.answer().body();

            assertEquals(1_000_006, all.length());
            assertTrue(all.endsWith("xend 20"), all.substring(1_000_000));
            assertFalse(all.contains("abc"));
        }
    }
}
