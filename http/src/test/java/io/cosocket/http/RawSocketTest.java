package io.cosocket.http;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cosocket.StreamSocket;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.lang.ref.WeakReference;

class RawSocketTest {
    @Test
    @Tag("116-T1")
    void echoesLinesAfterAFlushed101() throws Exception {
        Handler echo =
                exchange -> {
                    exchange.status(101)
                            .setHeader("Connection", "Upgrade")
                            .setHeader("Upgrade", "echo")
                            .flush();
                    StreamSocket client = exchange.rawSocket();
                    for (String line; (line = client.receiveLine()) != null; ) {
                        client.send(line + "\n");
                    }
                };
        try (HttpServer server = Servers.serving(echo);
                Client client = Client.of(server)) {
            client.send(
                    "GET / HTTP/1.1\r\nHost: t\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"
                            + "early\n");
            Client.Answer head = client.answer();

            assertEquals(101, head.status());
            assertEquals("echo", head.header("Upgrade"));
            assertEquals("early", client.line());
            assertEquals("late", client.send("late\n").line());
            assertEquals("", client.shutdownOutput().rest());
        }
    }

    @Test
    @Tag("116-T1")
    void needsNoConnectionHeaderThatNamesTheUpgrade() throws Exception {
        Handler handler =
                exchange -> {
                    exchange.status(101).flush();
                    exchange.readBody(10);
                    StreamSocket client = exchange.rawSocket();
                    String seen = new String(client.receive(5), UTF_8);
                    client.send(exchange.header("upgrade") + " received: " + seen + "\n");
                };
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            client.send(
                    "GET /mysock HTTP/1.1\r\nUpgrade: mysock\r\nHost: localhost\r\n"
                            + "Connection: close\r\n\r\nhello");

            assertEquals(101, client.answer().status());
            assertEquals("mysock received: hello", client.line());
            assertTrue(client.closedByServer());
        }
    }

    @Test
    void requestsFollowAnUpgradeThatIsDeclined() throws Exception {
        String head = " HTTP/1.1\r\nHost: t\r\n";
        String upgrade = "Upgrade: x\r\nConnection: upgrade\r\n";
        try (HttpServer server = Servers.serving(exchange -> exchange.print(exchange.path()));
                Client client = Client.of(server)) {
            client.send("GET /1" + head + upgrade + "\r\nGET /2" + head + upgrade + "\r\n");
            assertEquals("/1", client.answer().body());
            assertEquals("/2", client.answer().body());

            client.send("POST /3" + head + upgrade + "Content-Length: 2\r\n\r\nab");
            assertEquals("/3", client.answer().body());
            assertEquals("/4", client.get("/4").body());
        }
    }

    @Test
    void anUpgradedConnectionHoldsNothingOfTheEnginesExchange() throws Exception {
        Handler handler =
                exchange -> {
                    WeakReference<Object> engines =
                            new WeakReference<>(
                                    exchange.downstream().request().getConnectionMetaData());
                    StreamSocket client = exchange.rawSocket();
                    await().until(
                                    () -> {
                                        System.gc();
                                        return engines.refersTo(null);
                                    });
                    client.send(
                            exchange.method()
                                    + exchange.path()
                                    + exchange.header("Upgrade")
                                    + exchange.scheme()
                                    + exchange.localAddress().equals(client.localAddress())
                                    + exchange.remoteAddress().equals(client.remoteAddress()));
                };
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            client.send("GET /a HTTP/1.1\r\nHost: t\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n");

            assertEquals("GET/axhttptruetrue", client.rest());
        }
    }

    @Test
    @Tag("116-T15")
    void seesBodyFramingAndPipelinedBytes() throws Exception {
        String after = "5\r\nhello\r\n0\r\n\r\nGET /next HTTP/1.1\r\n\r\n";
        Handler handler =
                exchange -> {
                    StreamSocket client = exchange.rawSocket();
                    String seen = new String(client.receive(after.length()), UTF_8);
                    client.send("seen: " + seen.equals(after));
                };
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            client.send("POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n" + after);

            assertEquals("seen: true", client.rest());
        }
    }

    @Test
    void beginsWithTheLineEndOfAnOpenChunk() throws Exception {
        Handler handler =
                exchange -> {
                    exchange.print("hello");
                    exchange.flush();
                    exchange.rawSocket().send("5\r\nworld\r\n0\r\n\r\n");
                };
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            assertEquals("helloworld", client.get("/").body());
            assertTrue(client.closedByServer());
        }
    }

    @Test
    @Tag("116-T4")
    @Tag("116-T5")
    @Tag("116-T6")
    @Tag("116-T7")
    @Tag("116-T8")
    void refusesASecondCallAndAllOutput() throws Exception {
        Handler handler =
                exchange -> {
                    StreamSocket client = exchange.rawSocket();
                    StringBuilder refused = new StringBuilder();
                    refused.append(refusal(exchange::rawSocket)).append('\n');
                    refused.append(refusal(() -> exchange.print("x"))).append('\n');
                    refused.append(refusal(() -> exchange.say("x"))).append('\n');
                    refused.append(refusal(exchange::flush)).append('\n');
                    refused.append(refusal(() -> exchange.status(200))).append('\n');
                    refused.append(refusal(() -> exchange.setHeader("A", "b"))).append('\n');
                    client.send(refused.toString());
                };
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");

            assertEquals(
                    "duplicate call\n" + "raw request socket acquired\n".repeat(5), client.rest());
        }
    }

    @Test
    void refusesWithPendingOutputAndGoesOn() throws Exception {
        Handler handler =
                exchange -> {
                    exchange.print("pending ");
                    exchange.print(refusal(exchange::rawSocket));
                };
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            assertEquals("pending pending data to write", client.get("/").body());
            assertEquals("pending pending data to write", client.get("/").body());
        }
    }

    @Test
    void refusesWithAHalfReadBodyAndAllowsAReadOne() throws Exception {
        Handler handler =
                exchange -> {
                    var body = exchange.requestSocket();
                    body.receive(2);
                    String refused = refusal(exchange::rawSocket);
                    body.receive(3);
                    StreamSocket client = exchange.rawSocket();
                    client.send(refused + ", then " + client.receiveLine());
                };
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\nhellonext\n");

            assertEquals("pending request body reading, then next", client.rest());
        }
    }

    @Test
    void writesNothingWhenTheHandlerThrowsAfterwards() throws Exception {
        Handler handler =
                exchange -> {
                    exchange.rawSocket().send("mine");
                    throw new IllegalStateException("provoked by the test");
                };
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");

            assertEquals("mine", client.rest());
        }
    }

    /** Gives the words of a refusal. */
    private static String refusal(Call call) {
        return assertThrows(IllegalStateException.class, call::run).getMessage();
    }

    private interface Call {
        void run() throws Exception;
    }

    @Test
    void refusesWhenAnEarlierPhaseLeftPartOfTheBodyUnread() throws Exception {
        Application app =
                routes ->
                        routes.access("/*", x -> x.requestSocket().receive(2))
                                .content("/*", x -> x.print(refusal(x::rawSocket)));
        try (HttpServer server = Servers.start(app);
                Client client = Client.of(server)) {
            assertEquals("pending request body reading", client.post("/", "hello").body());
            assertEquals("pending request body reading", client.post("/", "again").body());
        }
    }
}
