package io.cosocket.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cosocket.StreamSocket;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.ArrayList;
import java.util.List;

/**
 * Every way a connection may look when it is taken: cleartext or TLS, kind of body, where the bytes
 * are split, and how far the response is.
 */
@TestInstance(Lifecycle.PER_CLASS)
class RawSocketGridTest {
    private static final String NEXT = "GET /next HTTP/1.1\r\nHost: t\r\n\r\n";

    enum Wire {
        CLEARTEXT,
        TLS
    }

    enum Body {
        NONE("", ""),
        LENGTH("Content-Length: 11\r\n", "hello world"),
        CHUNKED("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n");

        final String header;
        final String bytes;

        Body(String header, String bytes) {
            this.header = header;
            this.bytes = bytes;
        }
    }

    enum Stage {
        FRESH,
        FLUSHED_HEAD,
        PARTIAL_CHUNKED
    }

    private HttpServer server;

    @BeforeAll
    void start() throws Exception {
        Handler handler =
                exchange -> {
                    int expected = Integer.parseInt(String.valueOf(exchange.query()));
                    switch (Stage.valueOf(exchange.path().substring(1))) {
                        case FRESH -> {}
                        case FLUSHED_HEAD ->
                                exchange.status(101).setHeader("Upgrade", "test").flush();
                        case PARTIAL_CHUNKED -> {
                            exchange.print("part");
                            exchange.flush();
                        }
                    }
                    StreamSocket client = exchange.rawSocket();
                    String all = new String(client.receive(expected), UTF_8);
                    if (exchange.path().equals("/PARTIAL_CHUNKED")) {
                        client.send(Integer.toHexString(expected) + "\r\n" + all + "\r\n0\r\n\r\n");
                    } else {
                        client.send(all);
                    }
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
                    all.add(Arguments.of(wire, body, stage));
                }
            }
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource("grid")
    void seesEveryByteAfterTheHeadWhereverTheyAreSplit(Wire wire, Body body, Stage stage)
            throws Exception {
        String after = body.bytes + NEXT;
        String head =
                "POST /"
                        + stage
                        + "?"
                        + after.length()
                        + " HTTP/1.1\r\nHost: t\r\n"
                        + body.header
                        + "\r\n";
        // 0: all in one packet; else the split is so far behind the head
        for (int split = 0; split <= after.length(); split++) {
            check(wire, stage, head, after, split);
        }
    }

    private void check(Wire wire, Stage stage, String head, String after, int split)
            throws Exception {
        try (Client client = Client.of(Servers.uri(server, wire == Wire.CLEARTEXT ? 0 : 1))) {
            if (split == 0) {
                client.send(head + after);
            } else {
                client.send(head + after.substring(0, split)).send(after.substring(split));
            }
            String expected = after;
            String seen;
            switch (stage) {
                case FRESH -> seen = client.rest();
                case FLUSHED_HEAD -> {
                    assertEquals(101, client.answer().status());
                    seen = client.rest();
                }
                default -> {
                    expected = "part" + after;
                    seen = client.answer().body();
                    assertTrue(client.closedByServer());
                }
            }
            assertEquals(expected, seen, "split at " + split);
        }
    }
}
