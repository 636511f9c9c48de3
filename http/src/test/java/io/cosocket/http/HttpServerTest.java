package io.cosocket.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.BindException;

class HttpServerTest {
    @Test
    void answersWithContentLengthWhenAllFitsTheBuffer() throws Exception {
        try (HttpServer server = Servers.serving(exchange -> exchange.say("hello"));
                Client client = Client.of(server)) {
            Client.Answer answer = client.get("/");

            assertEquals(200, answer.status());
            assertEquals("hello\n", answer.body());
            assertEquals("6", answer.header("Content-Length"));
            assertEquals("hello\n", client.get("/again").body());
        }
    }

    @Test
    void answersInChunksWhenMoreThanTheBufferIsPrinted() throws Exception {
        String line = "x".repeat(99);
        try (HttpServer server =
                        Servers.serving(
                                exchange -> {
                                    for (int i = 0; i < 1000; i++) {
                                        exchange.say(line);
                                    }
                                });
                Client client = Client.of(server)) {
            Client.Answer answer = client.get("/");

            assertEquals("chunked", answer.header("Transfer-Encoding"));
            assertEquals((line + "\n").repeat(1000), answer.body());
            assertEquals(100_000, client.get("/").body().length());
        }
    }

    @Test
    void answersHeadWithTheLengthAndNoBody() throws Exception {
        try (HttpServer server = Servers.serving(exchange -> exchange.say("hello"));
                Client client = Client.of(server)) {
            client.send("HEAD / HTTP/1.1\r\nHost: test\r\n\r\n");
            Client.Answer answer = client.answer(false);

            assertEquals("6", answer.header("Content-Length"));
            assertEquals("hello\n", client.get("/").body());
        }
    }

    @Test
    void dropsWhatIsPrintedWithStatus204And304() throws Exception {
        try (HttpServer server =
                        Servers.serving(
                                exchange -> {
                                    exchange.status(Integer.parseInt(exchange.query()));
                                    exchange.say("not sent");
                                });
                Client client = Client.of(server)) {
            for (int status : new int[] {204, 304}) {
                Client.Answer answer = client.get("/?" + status);

                assertEquals(status, answer.status());
                assertEquals("", answer.header("Content-Length"));
                assertEquals("not sent\n", client.get("/?200").body());
            }
        }
    }

    @Test
    void everyHeaderAndParameterCanBeListed() throws Exception {
        try (HttpServer server =
                        Servers.serving(
                                x ->
                                        x.print(
                                                x.headerNames()
                                                        + " "
                                                        + x.headers("x-a")
                                                        + " "
                                                        + x.parameters("a b")
                                                        + x.parameters("none")
                                                        + x.parameter("a b")));
                Client client = Client.of(server)) {
            client.send("GET /?a+b=1&c&a%20b=%32 HTTP/1.0\r\nHost: t\r\nX-A: 1\r\nx-a: 2\r\n\r\n");

            String all = client.rest();
            assertTrue(all.endsWith("\r\n\r\n[Host, X-A] [1, 2] [1, 2][]1"), all);
        }
    }

    @Test
    void answers500WhenAHandlerThrowsBeforeOutputAndKeepsTheConnection() throws Exception {
        try (HttpServer server =
                        Servers.serving(
                                exchange -> {
                                    exchange.setHeader("X-Lost", "1").print("lost");
                                    throw new IllegalStateException("provoked by the test");
                                });
                Client client = Client.of(server)) {
            Client.Answer answer = client.get("/");

            assertEquals(500, answer.status());
            assertEquals("", answer.header("X-Lost"));
            assertEquals(500, client.get("/").status());
        }
    }

    @Test
    void closesTheConnectionWhenAHandlerThrowsAfterOutput() throws Exception {
        try (HttpServer server =
                        Servers.serving(
                                exchange -> {
                                    exchange.print("part");
                                    exchange.flush();
                                    throw new IllegalStateException("provoked by the test");
                                });
                Client client = Client.of(server)) {
            client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");

            String all = client.rest();
            assertTrue(all.endsWith("\r\n\r\n4\r\npart"), all);
        }
    }

    @Test
    void answers404ForAPathWithoutContentHandler() throws Exception {
        try (HttpServer server =
                        Servers.start(routes -> routes.content("/here", x -> x.say("yes")));
                Client client = Client.of(server)) {
            assertEquals(404, client.get("/there").status());
            assertEquals("yes\n", client.get("/here").body());
        }
    }

    @Test
    void refusesToListenOnAPortInUse() throws Exception {
        try (HttpServer server = Servers.serving(exchange -> exchange.say("hello"))) {
            HttpConfig taken = Servers.config().withPort(server.uri().getPort());

            IOException error =
                    assertThrows(BindException.class, () -> HttpServer.start(taken, routes -> {}));
            assertTrue(error.getMessage().contains("" + server.uri().getPort()), error.toString());
        }
    }

    @Test
    void servesPipelinedRequestsInOrder() throws Exception {
        try (HttpServer server = Servers.serving(exchange -> exchange.print(exchange.path()));
                Client client = Client.of(server)) {
            client.send(
                    "GET /1 HTTP/1.1\r\nHost: t\r\n\r\nGET /2 HTTP/1.1\r\nHost: t\r\n\r\n"
                            + "GET /3 HTTP/1.1\r\nHost: t\r\n\r\n");

            assertEquals("/1", client.answer().body());
            assertEquals("/2", client.answer().body());
            assertEquals("/3", client.answer().body());
        }
    }

    @Test
    void answers500WhenTheBodyIsNotAsLongAsAnnounced() throws Exception {
        Handler handler =
                x -> {
                    x.setHeader("Content-Length", x.query());
                    x.print("abc");
                };
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            assertEquals(500, client.get("/?5").status());
            assertEquals(500, client.get("/?2").status());
            assertEquals(500, client.get("/?x").status());
            assertEquals("abc", client.get("/?3").body());
        }
    }

    @Test
    void theSchemeIsThatOfTheConnectionWhateverTheTargetSays() throws Exception {
        try (HttpServer server = Servers.serving(x -> x.print(x.scheme()));
                Client client = Client.of(server)) {
            assertEquals("http", client.get("https://test/").body());
        }
    }
}
