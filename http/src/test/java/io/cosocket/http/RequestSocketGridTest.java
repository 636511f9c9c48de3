package io.cosocket.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;

/** The body as a socket on every version of HTTP, however it is framed and split. */
@TestInstance(Lifecycle.PER_CLASS)
class RequestSocketGridTest {
    private static final String TEXT = "hello world";

    enum Wire {
        CLEARTEXT,
        TLS
    }

    enum Body {
        NONE("HTTP/1.1", "", "", ""),
        LENGTH("HTTP/1.1", "Content-Length: 11\r\n", TEXT, TEXT),
        LENGTH_10("HTTP/1.0", "Content-Length: 11\r\nConnection: keep-alive\r\n", TEXT, TEXT),
        CHUNKED(
                "HTTP/1.1",
                "Transfer-Encoding: chunked\r\n",
                "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nTrailer: x\r\n\r\n",
                TEXT);

        final String version;
        final String header;
        final String bytes;
        final String decoded;

        Body(String version, String header, String bytes, String decoded) {
            this.version = version;
            this.header = header;
            this.bytes = bytes;
            this.decoded = decoded;
        }
    }

    enum Stage {
        FRESH,
        FLUSHED_HEAD,
        PARTIAL_RESPONSE
    }

    private HttpServer server;

    @BeforeAll
    void start() throws Exception {
        Handler handler =
                exchange -> {
                    switch (Stage.valueOf(exchange.path().substring(1))) {
                        case FRESH -> {}
                        case FLUSHED_HEAD -> exchange.sendHeaders();
                        case PARTIAL_RESPONSE -> {
                            exchange.print("part ");
                            exchange.flush();
                        }
                    }
                    exchange.print("got ");
                    exchange.print(exchange.requestSocket().receiveAll(1000));
                };
        server =
                HttpServer.start(
                        Servers.config()
                                .withListener(Listener.tls("localhost", 0, TestKeys.context())),
                        routes -> routes.content("/*", handler));
    }

    @AfterAll
    void stop() {
        server.close();
    }

    static List<Arguments> grid() {
        List<Arguments> all = new ArrayList<>();
        for (Wire wire : Wire.values()) {
            for (Body body : Body.values()) {
                for (Stage stage : Stage.values()) {
                    if (body != Body.LENGTH_10 || stage == Stage.FRESH) {
                        all.add(Arguments.of(wire, body, stage));
                    }
                }
            }
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource("grid")
    void readsTheBodyAndNotTheNextRequestWhereverTheyAreSplit(Wire wire, Body body, Stage stage)
            throws Exception {
        String request =
                "POST /" + stage + " " + body.version + "\r\nHost: t\r\n" + body.header + "\r\n";
        String next = "POST /FRESH HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\n\r\nnext";
        String after = body.bytes + next;
        String expected = (stage == Stage.PARTIAL_RESPONSE ? "part got " : "got ") + body.decoded;
        try (Client client = Client.of(Servers.uri(server, wire == Wire.CLEARTEXT ? 0 : 1))) {
            for (int split = 0; split <= after.length(); split++) {
                if (split == 0) {
                    client.send(request + after);
                } else {
                    client.send(request + after.substring(0, split)).send(after.substring(split));
                }
                assertEquals(expected, client.answer().body(), "split at " + split);
                assertEquals("got next", client.answer().body(), "split at " + split);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void readsBodiesOfHttp2OverTls(Stage stage) throws Exception {
        URI uri = URI.create("https://localhost:" + Servers.uri(server, 1).getPort());
        try (HttpClient client = http2()) {
            for (BodyPublisher body : bodies()) {
                HttpResponse<String> answer = send(client, uri.resolve("/" + stage), body);

                assertEquals(HttpClient.Version.HTTP_2, answer.version());
                String sent = body.contentLength() == 0 ? "" : TEXT;
                assertEquals(
                        (stage == Stage.PARTIAL_RESPONSE ? "part got " : "got ") + sent,
                        answer.body());
            }
        }
    }

    @Test
    void readsBodiesOfHttp2WithoutTls() throws Exception {
        try (HttpClient client = http2()) {
            URI uri = server.uri().resolve("/FRESH");
            // the first request asks for the upgrade, the others go over HTTP/2
            send(client, uri, BodyPublishers.noBody());
            for (BodyPublisher body : bodies()) {
                HttpResponse<String> answer = send(client, uri, body);

                assertEquals(HttpClient.Version.HTTP_2, answer.version());
                assertEquals("got " + (body.contentLength() == 0 ? "" : TEXT), answer.body());
            }
        }
    }

    private static HttpClient http2() {
        return HttpClient.newBuilder()
                .sslContext(TestKeys.context())
                .version(HttpClient.Version.HTTP_2)
                .build();
    }

    private static List<BodyPublisher> bodies() {
        return List.of(
                BodyPublishers.noBody(),
                BodyPublishers.ofString(TEXT),
                // of no known length, a byte at a time
                BodyPublishers.ofInputStream(RequestSocketGridTest::trickle));
    }

    private static InputStream trickle() {
        return new ByteArrayInputStream(TEXT.getBytes(UTF_8)) {
            @Override
            public int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(1, length));
            }
        };
    }

    private static HttpResponse<String> send(HttpClient client, URI uri, BodyPublisher body)
            throws Exception {
        return client.send(
                HttpRequest.newBuilder(uri).POST(body).build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
