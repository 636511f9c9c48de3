package io.cosocket.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.List;
import java.util.Map;

/** What must never reach a handler as a request, or as a body. */
@TestInstance(Lifecycle.PER_CLASS)
class MalformedInputTest {
    private HttpServer server;

    @BeforeAll
    void start() throws Exception {
        server = Servers.serving(x -> x.print(x.requestSocket().receiveAll(1 << 20)));
    }

    @AfterAll
    void stop() {
        server.close();
    }

    static List<Arguments> requests() {
        String post = "POST / HTTP/1.1\r\nHost: t\r\n";
        return List.of(
                Arguments.of("no method", " / HTTP/1.1\r\nHost: t\r\n\r\n", 400),
                Arguments.of("no version", "GET /\r\n\r\n", 505),
                Arguments.of("unknown version", "GET / HTTP/9.9\r\nHost: t\r\n\r\n", 505),
                Arguments.of("binary", "\u0001\u0002\u0003\r\n\r\n", 400),
                Arguments.of("no host", "GET / HTTP/1.1\r\n\r\n", 400),
                Arguments.of("two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
                Arguments.of("blank before colon", "GET / HTTP/1.1\r\nHost : t\r\n\r\n", 400),
                Arguments.of("no colon", "GET / HTTP/1.1\r\nHost: t\r\nbad\r\n\r\n", 400),
                Arguments.of("folded", "GET / HTTP/1.1\r\nHost: t\r\nA: b\r\n c\r\n\r\n", 400),
                Arguments.of("NUL in value", "GET / HTTP/1.1\r\nHost: t\r\nA: \0\r\n\r\n", 400),
                Arguments.of("relative path", "GET x HTTP/1.1\r\nHost: t\r\n\r\n", 400),
                Arguments.of("encoded slash", "GET /a%2fb HTTP/1.1\r\nHost: t\r\n\r\n", 400),
                Arguments.of("encoded dots", "GET /a/%2e%2e/b HTTP/1.1\r\nHost: t\r\n\r\n", 400),
                Arguments.of("above root", "GET /../b HTTP/1.1\r\nHost: t\r\n\r\n", 400),
                Arguments.of("bad escape", "GET /%zz HTTP/1.1\r\nHost: t\r\n\r\n", 400),
                Arguments.of("not UTF-8", "GET /%ff HTTP/1.1\r\nHost: t\r\n\r\n", 400),
                Arguments.of("negative length", post + "Content-Length: -1\r\n\r\n", 400),
                Arguments.of("no number", post + "Content-Length: x\r\n\r\n", 400),
                Arguments.of("plus sign", post + "Content-Length: +5\r\n\r\nhello", 400),
                Arguments.of(
                        "two lengths",
                        post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
                        400),
                Arguments.of(
                        "length and chunked",
                        post
                                + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
                                + "0\r\n\r\n",
                        400),
                Arguments.of("unknown coding", post + "Transfer-Encoding: gzip\r\n\r\nhello", 400),
                Arguments.of(
                        "chunked not last",
                        post + "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
                        400),
                Arguments.of(
                        "coding that nobody decodes",
                        post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                        501),
                Arguments.of(
                        "coding in HTTP/1.0",
                        "POST / HTTP/1.0\r\nConnection: keep-alive\r\n"
                                + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                        400),
                Arguments.of(
                        "bad chunk size", post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
                Arguments.of(
                        "negative chunk size",
                        post + "Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n",
                        400),
                Arguments.of(
                        "chunk longer than said",
                        post + "Transfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n",
                        400),
                Arguments.of(
                        "huge chunk size",
                        post + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffffff\r\n",
                        400),
                Arguments.of("unknown expectation", post + "Expect: more\r\n\r\n", 417));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("requests")
    void isRefusedAndHarmsNobody(String what, String request, int status) throws Exception {
        try (Client other = Client.of(server);
                Client client = Client.of(server)) {
            client.send(request);
            int answered = client.answer().status();
            assertEquals(status, answered, what);
            if (!request.startsWith("GET /%") && !request.startsWith("GET /a")) {
                assertTrue(client.closedByServer(), "what follows cannot be told from it");
            }

            assertEquals("fine", other.post("/", "fine").body());
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("paths")
    void pathsAreDecodedAndNormalised(Map.Entry<String, String> path) throws Exception {
        try (HttpServer echo = Servers.serving(x -> x.print(x.path()));
                Client client = Client.of(echo)) {
            assertEquals(path.getValue(), client.get(path.getKey()).body());
        }
    }

    static List<Map.Entry<String, String>> paths() {
        return List.of(
                Map.entry("/a%20b", "/a b"),
                Map.entry("/%c3%a4", "/ä"),
                Map.entry("/a/./b/../c", "/a/c"),
                Map.entry("/a?b=/../c", "/a"),
                Map.entry("http://test/abs?x", "/abs"));
    }
}
