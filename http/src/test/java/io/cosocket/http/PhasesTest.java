package io.cosocket.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cosocket.Receiver;
import io.cosocket.SocketScope;
import io.cosocket.StreamSocket;
import io.cosocket.TcpSocket;
import io.cosocket.UnexpectedEndException;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

class PhasesTest {
    @Test
    void runInOrderWithSharedAttributes() throws Exception {
        Queue<String> trail = new ConcurrentLinkedQueue<>();
        Application app =
                routes -> {
                    for (String phase : List.of("rewrite", "access", "content", "log")) {
                        Handler handler =
                                exchange -> {
                                    trail.add(phase + exchange.attributes().get("last"));
                                    exchange.attributes().put("last", phase);
                                    if (phase.equals("content")) {
                                        exchange.say("done");
                                    }
                                };
                        switch (phase) {
                            case "rewrite" -> routes.rewrite("/*", handler);
                            case "access" -> routes.access("/*", handler);
                            case "content" -> routes.content("/*", handler);
                            default -> routes.log("/*", handler);
                        }
                    }
                };
        try (HttpServer server = Servers.start(app);
                Client client = Client.of(server)) {
            assertEquals("done\n", client.get("/").body());
            Awaitility.await().until(() -> trail.size() == 4);

            assertEquals(
                    List.of("rewritenull", "accessrewrite", "contentaccess", "logcontent"),
                    List.copyOf(trail));
        }
    }

    @Test
    void rewriteChangesPathAndQueryAndMatchesAgain() throws Exception {
        try (HttpServer server =
                        Servers.start(
                                routes ->
                                        routes.rewrite("/old", x -> x.rewrite("/mid?a=1"))
                                                .rewrite("/mid", x -> x.rewrite("/n%65w/../new"))
                                                .content(
                                                        "/new",
                                                        x ->
                                                                x.say(
                                                                        x.path()
                                                                                + " "
                                                                                + x.rawPath()
                                                                                + " "
                                                                                + x.parameter(
                                                                                        "a"))));
                Client client = Client.of(server)) {
            assertEquals("/new /n%65w/../new 1\n", client.get("/old").body());
        }
    }

    @Test
    void rewritingWithoutEndIsAnswered500() throws Exception {
        Queue<String> rounds = new ConcurrentLinkedQueue<>();
        try (HttpServer server =
                        Servers.start(
                                routes ->
                                        routes.rewrite(
                                                "/*",
                                                x -> {
                                                    rounds.add(x.path());
                                                    x.rewrite(x.path() + "x");
                                                }));
                Client client = Client.of(server)) {
            assertEquals(500, client.get("/").status());
            assertEquals(11, rounds.size());
        }
    }

    @Test
    void rewriteIsRefusedElsewhereAndForBadPaths() throws Exception {
        try (HttpServer server =
                        Servers.start(
                                routes ->
                                        routes.rewrite(
                                                        "/*",
                                                        x ->
                                                                assertThrows(
                                                                        IllegalArgumentException
                                                                                .class,
                                                                        () -> x.rewrite("no")))
                                                .content(
                                                        "/*",
                                                        x ->
                                                                x.say(
                                                                        assertThrows(
                                                                                        IllegalStateException
                                                                                                .class,
                                                                                        () ->
                                                                                                x
                                                                                                        .rewrite(
                                                                                                                "/"))
                                                                                .getMessage())));
                Client client = Client.of(server)) {
            assertEquals("API disabled in the context of content\n", client.get("/").body());
        }
    }

    @Test
    void accessThatFailsOrEndsKeepsContentFromRunning() throws Exception {
        Queue<String> logged = new ConcurrentLinkedQueue<>();
        Handler access =
                x -> {
                    if (x.path().equals("/fail")) {
                        x.print("replaced");
                        x.fail(403, "no entry\n");
                    } else {
                        x.say("early");
                        x.end();
                    }
                };
        try (HttpServer server =
                        Servers.start(
                                routes ->
                                        routes.access("/*", access)
                                                .content("/*", x -> x.say("never"))
                                                .log("/*", x -> logged.add("" + x.status())));
                Client client = Client.of(server)) {
            Client.Answer failed = client.get("/fail");
            assertEquals(403, failed.status());
            assertEquals("no entry\n", failed.body());
            assertEquals("early\n", client.get("/end").body());
            Awaitility.await().until(() -> List.copyOf(logged).equals(List.of("403", "200")));
        }
    }

    @Test
    void accessMayTakeTheRawSocket() throws Exception {
        Queue<String> trail = new ConcurrentLinkedQueue<>();
        Handler access =
                x -> {
                    StreamSocket client = x.rawSocket();
                    client.send("raw " + client.receiveLine());
                };
        try (HttpServer server =
                        Servers.start(
                                routes ->
                                        routes.access("/*", access)
                                                .content("/*", x -> trail.add("content"))
                                                .log("/*", x -> trail.add("log")));
                Client client = Client.of(server)) {
            client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\nline\n");

            assertEquals("raw line", client.rest());
            Awaitility.await().until(() -> !trail.isEmpty());
            assertEquals(List.of("log"), List.copyOf(trail));
        }
    }

    @Test
    @Tag("rw-req-socket-T1")
    void rewriteMayReadTheBody() throws Exception {
        Handler rewrite =
                x -> {
                    Receiver body = x.requestSocket();
                    String first = new String(body.receive(5), UTF_8);
                    String second = new String(body.receive(5), UTF_8);
                    UnexpectedEndException end =
                            assertThrows(UnexpectedEndException.class, () -> body.receive(5));
                    x.say(first + second + "/" + new String(end.partial(), UTF_8));
                    x.end();
                };
        try (HttpServer server = Servers.start(routes -> routes.rewrite("/*", rewrite));
                Client client = Client.of(server)) {
            assertEquals("hello worl/d\n", client.post("/", "hello world").body());
            assertEquals("again worl/d\n", client.post("/", "again world").body());
        }
    }

    @Test
    @Tag("189-T15")
    @Tag("075-T26")
    void accessAndLogMayUseSockets() throws Exception {
        LinkedBlockingQueue<String> logged = new LinkedBlockingQueue<>();
        try (HttpServer peer = Servers.serving(x -> x.print("peer"))) {
            Handler ask =
                    x -> {
                        TcpSocket socket = x.sockets().connect("127.0.0.1", peer.uri().getPort());
                        socket.send("GET / HTTP/1.0\r\n\r\n");
                        String answer = new String(socket.receiveAll(1000), UTF_8);
                        logged.add(answer.substring(answer.length() - 4));
                    };
            try (HttpServer server =
                            Servers.start(
                                    routes ->
                                            routes.access("/*", ask)
                                                    .content("/*", x -> x.say("ok"))
                                                    .log("/*", ask));
                    Client client = Client.of(server)) {
                assertEquals("ok\n", client.get("/").body());
                assertEquals("peer", logged.poll(10, TimeUnit.SECONDS));
                assertEquals("peer", logged.poll(10, TimeUnit.SECONDS));
            }
        }
    }

    @Test
    @Tag("075-T25")
    void logHasNoRequestBody() throws Exception {
        LinkedBlockingQueue<String> logged = new LinkedBlockingQueue<>();
        Handler log =
                x ->
                        logged.add(
                                assertThrows(IllegalStateException.class, x::requestSocket)
                                        .getMessage());
        try (HttpServer server =
                        Servers.start(
                                routes -> routes.content("/*", x -> x.say("ok")).log("/*", log));
                Client client = Client.of(server)) {
            assertEquals("ok\n", client.get("/").body());
            assertEquals(
                    "requestSocket: API disabled in the context of log",
                    logged.poll(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void aFailingLogHandlerHarmsNothing() throws Exception {
        try (HttpServer server =
                        Servers.start(
                                routes ->
                                        routes.content("/*", x -> x.say("ok"))
                                                .log(
                                                        "/*",
                                                        x -> {
                                                            throw new IllegalStateException(
                                                                    "provoked by the test");
                                                        }));
                Client client = Client.of(server)) {
            assertEquals("ok\n", client.get("/").body());
            assertEquals("ok\n", client.get("/").body());
        }
    }

    @Test
    void eachPhaseHasAScopeThatEndsWithIt() throws Exception {
        Handler access = x -> x.attributes().put("scope", x.sockets());
        Handler content =
                x -> {
                    SocketScope earlier = (SocketScope) x.attributes().get("scope");
                    x.say(earlier.isClosed() + " " + x.sockets().isClosed());
                };
        try (HttpServer server =
                        Servers.start(
                                routes -> routes.access("/*", access).content("/*", content));
                Client client = Client.of(server)) {
            assertEquals("true false\n", client.get("/").body());
        }
    }

    @Test
    void forksWriteAndAreAwaited() throws Exception {
        CountDownLatch returned = new CountDownLatch(1);
        Handler handler =
                x -> {
                    for (int i = 0; i < 4; i++) {
                        x.sockets()
                                .fork(
                                        () -> {
                                            returned.await();
                                            x.sockets().sleep(Duration.ofMillis(5));
                                            x.say("fork");
                                            x.flush();
                                            return null;
                                        });
                    }
                    x.say("handler");
                    returned.countDown();
                };
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            assertEquals("handler\n" + "fork\n".repeat(4), client.get("/").body());
        }
    }

    @Test
    void endInAForkCancelsTheHandler() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        Handler handler =
                x -> {
                    x.say("all");
                    x.sockets()
                            .fork(
                                    () -> {
                                        x.end();
                                        return null;
                                    });
                    never.await();
                };
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            assertEquals("all\n", client.get("/").body());
            assertEquals("all\n", client.get("/").body());
        }
    }

    @Test
    void anExceptionCancelsForks() throws Exception {
        LinkedBlockingQueue<String> ended = new LinkedBlockingQueue<>();
        Handler handler =
                x -> {
                    CountDownLatch running = new CountDownLatch(1);
                    x.sockets()
                            .fork(
                                    () -> {
                                        running.countDown();
                                        try {
                                            x.sockets().sleep(Duration.ofSeconds(60));
                                        } finally {
                                            ended.add("cancelled");
                                        }
                                        return null;
                                    });
                    running.await();
                    throw new IllegalStateException("provoked by the test");
                };
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            assertEquals(500, client.get("/").status());
            assertEquals("cancelled", ended.poll(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void timersOfRoutesRun() throws Exception {
        CountDownLatch once = new CountDownLatch(1);
        CountDownLatch often = new CountDownLatch(3);
        try (HttpServer server =
                Servers.start(
                        routes ->
                                routes.after(Duration.ofMillis(1), scope -> once.countDown())
                                        .every(Duration.ofMillis(5), scope -> often.countDown()))) {
            assertTrue(once.await(10, TimeUnit.SECONDS), server.toString());
            assertTrue(often.await(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void timersOutOfRangeAreRefusedBeforeTheServerListens() {
        Duration tooLong = Duration.ofDays(36_501);
        for (Application wrong :
                List.<Application>of(
                        routes -> routes.after(Duration.ofNanos(-1), scope -> {}),
                        routes -> routes.after(tooLong, scope -> {}),
                        routes -> routes.every(Duration.ZERO, scope -> {}),
                        routes -> routes.every(tooLong, scope -> {}))) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> HttpServer.check(Servers.config(), wrong));
        }
    }
}
