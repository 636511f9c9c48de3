package io.cosocket.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.StreamSocket;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** The client's request and its checks of the answer, RFC 6455 section 4.1. */
class ClientHandshakeTest extends OnSocketPair {
    private static final String GOOD =
            "HTTP/1.1 101 Switching Protocols|upgrade: WebSocket|CONNECTION: x, upgrade|"
                    + "Sec-WebSocket-Accept: KEY|";

    private final List<String> request = new ArrayList<>();

    @Test
    void sendsWhatTheRfcAsksFor() throws Exception {
        WebSocketOptions options =
                WebSocketOptions.defaults()
                        .withSubprotocols("chat", "echo")
                        .withHeader("Origin", "http://here");

        WebSocket webSocket =
                connect("ws://host:81/a%20b?q=1", options, GOOD + "Sec-WebSocket-Protocol: echo|");

        assertEquals("echo", webSocket.subprotocol());
        assertFalse(webSocket.isCompressed());
        assertEquals("GET /a%20b?q=1 HTTP/1.1", request.getFirst());
        assertTrue(request.contains("Host: host:81"));
        assertTrue(request.contains("Upgrade: websocket"));
        assertTrue(request.contains("Connection: Upgrade"));
        assertTrue(request.contains("Sec-WebSocket-Version: 13"));
        assertTrue(request.contains("Sec-WebSocket-Protocol: chat, echo"));
        assertTrue(request.contains("Origin: http://here"));
    }

    @Test
    void framesMayFollowTheHeadInOnePacket() throws Exception {
        WebSocket webSocket =
                connect("ws://h/", WebSocketOptions.defaults(), GOOD + "|\u0081\u0001x");

        assertEquals(new Message.Text("x"), webSocket.receive());
    }

    @Test
    void interimAnswersMayComeBefore() throws Exception {
        WebSocket webSocket =
                connect(
                        "ws://h/",
                        WebSocketOptions.defaults(),
                        "HTTP/1.1 103 Early Hints|Link: </a>||HTTP/1.1 100 Continue||"
                                + GOOD
                                + "|");

        assertTrue(webSocket.isOpen());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK|Content-Length: 0|",
                "HTTP/1.1 404 Not Found|",
                "HTTP/1.0 101 Switching Protocols|Upgrade: websocket|Connection: Upgrade|",
                "SSH-2.0-OpenSSH|",
                "HTTP/1.1 101 Switching Protocols|Connection: Upgrade|Sec-WebSocket-Accept: KEY|",
                "HTTP/1.1 101 Switching Protocols|Upgrade: websocket|Sec-WebSocket-Accept: KEY|",
                "HTTP/1.1 101 Switching Protocols|Upgrade: websocket|Connection: Upgrade|",
                "HTTP/1.1 101 S|Upgrade: websocket|Connection: Upgrade|"
                        + "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=|",
                GOOD + "Sec-WebSocket-Accept: KEY|",
                GOOD + "Sec-WebSocket-Protocol: other|",
                GOOD + "Sec-WebSocket-Protocol: chat|Sec-WebSocket-Protocol: chat|",
                GOOD + "Upgrade: h2c|",
                "HTTP/1.1 101 S|Upgrade: websocket, h2c|Connection: Upgrade|"
                        + "Sec-WebSocket-Accept: KEY|",
                GOOD + "Sec-WebSocket-Extensions: permessage-foo|",
                GOOD
                        + "Sec-WebSocket-Extensions: permessage-deflate;"
                        + " server_max_window_bits=9; server_max_window_bits=9|",
                GOOD + "Sec-WebSocket-Extensions: permessage-deflate; what|",
                GOOD + "Sec-WebSocket-Extensions: permessage-deflate, permessage-deflate|",
                GOOD + " folded|",
                GOOD + "no colon|"
            })
    void refusesOtherAnswers(String answer) {
        WebSocketOptions options = WebSocketOptions.defaults().withSubprotocols("chat");

        assertThrows(WebSocketHandshakeException.class, () -> connect("ws://h/", options, answer));
        assertFalse(pair.left().isOpen());
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1", "HTTP/1.0"})
    void tellsTheStatusOfARefusal(String version) {
        WebSocketHandshakeException error =
                assertThrows(
                        WebSocketHandshakeException.class,
                        () ->
                                connect(
                                        "ws://h/",
                                        WebSocketOptions.defaults(),
                                        version + " 403 Forbidden|"));
        assertEquals(403, error.status());
    }

    @Test
    void agreesOnCompression() throws Exception {
        WebSocket webSocket =
                connect(
                        "ws://h",
                        WebSocketOptions.defaults(),
                        GOOD + "Sec-WebSocket-Extensions: permessage-deflate|");

        assertTrue(webSocket.isCompressed());
        assertEquals("GET / HTTP/1.1", request.getFirst());
    }

    @ParameterizedTest
    @CsvSource({
        "ws://host, host, 80, host, /",
        "WS://host:80/x?y, host, 80, host, /x?y",
        "wss://host/x, host, 443, host, /x",
        "wss://host:80/, host, 80, host:80, /",
        "ws://[::1]:8080/p, [::1], 8080, [::1]:8080, /p",
        "ws+unix:/run/a.sock:/chat?x=1, localhost, 0, localhost, /chat?x=1",
        "ws+unix:///run/a.sock, localhost, 0, localhost, /"
    })
    void readsUris(String uri, String host, int port, String header, String resource) {
        WebSocketTarget target = WebSocketTarget.of(URI.create(uri));

        assertEquals(host, target.host());
        assertEquals(port, target.port());
        assertEquals(header, target.hostHeader());
        assertEquals(resource, target.resource());
        assertEquals(uri.startsWith("wss"), target.tls());
        assertEquals(
                uri.startsWith("ws+unix") ? "/run/a.sock" : "null", String.valueOf(target.path()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://h/", "ws://h/#part", "ws:h", "ws+unix:h", "h", "ws:///p"})
    void refusesOtherUris(String uri) {
        assertThrows(IllegalArgumentException.class, () -> WebSocketTarget.of(URI.create(uri)));
    }

    @Test
    void refusesHeadersThatWouldBreakTheRequest() {
        WebSocketOptions options = WebSocketOptions.defaults();
        assertThrows(IllegalArgumentException.class, () -> options.withHeader("Host", "x"));
        assertThrows(IllegalArgumentException.class, () -> options.withHeader("a b", "x"));
        assertThrows(IllegalArgumentException.class, () -> options.withHeader("A", "x\r\nB: y"));
        assertThrows(IllegalArgumentException.class, () -> options.withSubprotocols("a", "a"));
        assertThrows(IllegalArgumentException.class, () -> options.withSubprotocols("a,b"));
    }

    private WebSocket connect(String uri, WebSocketOptions options, String answer)
            throws Exception {
        FutureTask<?> server =
                new FutureTask<>(
                        () -> {
                            answer(pair.right(), answer);
                            return null;
                        });
        Thread.startVirtualThread(server);
        try {
            return WebSocket.connect(pair.left(), URI.create(uri), options);
        } finally {
            server.get(10, TimeUnit.SECONDS);
        }
    }

    private void answer(StreamSocket socket, String answer) throws IOException {
        String key = "";
        for (String line; !(line = String.valueOf(socket.receiveLine())).isEmpty(); ) {
            request.add(line);
            if (line.startsWith("Sec-WebSocket-Key: ")) {
                key = line.substring(19);
            }
        }
        String text = answer.replace("|", "\r\n").replace("KEY", HandshakeKey.accept(key));
        String end = text.contains("\r\n\r\n") ? "" : "\r\n";
        socket.send((text + end).getBytes(StandardCharsets.ISO_8859_1));
    }
}
