package io.cosocket.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The server's checks of RFC 6455 section 4.2. */
class ServerHandshakeTest {
    private final Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private WebSocketOptions options = WebSocketOptions.defaults();

    @BeforeEach
    void goodRequest() {
        set("Host", "server.example.com");
        set("Upgrade", "websocket");
        set("Connection", "Upgrade");
        set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        set("Sec-WebSocket-Version", "13");
    }

    @Test
    void answersTheExampleOfTheRfc() {
        ServerHandshake judged = judge();

        assertEquals(101, judged.status());
        assertEquals(
                Map.of(
                        "Upgrade", "websocket",
                        "Connection", "Upgrade",
                        "Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
                judged.headers());
    }

    @Test
    void takesTokensInAnyCaseWithinLists() {
        set("Upgrade", "WebSocket");
        set("Connection", "keep-alive, UPGRADE");
        assertEquals(101, judge().status());
    }

    @Test
    void refusesOtherMethodsAndVersions() {
        assertEquals(405, judge("POST", "HTTP/1.1").status());
        assertEquals("GET", judge("HEAD", "HTTP/1.1").headers().get("Allow"));
        assertEquals(505, judge("GET", "HTTP/1.0").status());
        assertEquals(505, judge("GET", "HTTP/2.0").status());
    }

    @Test
    void asksForTheUpgrade() {
        headers.remove("Upgrade");
        assertEquals(426, judge().status());
        assertEquals("websocket", judge().headers().get("Upgrade"));
        assertEquals("13", judge().headers().get("Sec-WebSocket-Version"));
        set("Upgrade", "h2c");
        assertEquals(426, judge().status());
        set("Upgrade", "websocket");
        set("Connection", "close");
        assertEquals(400, judge().status());
        headers.remove("Connection");
        assertEquals(400, judge().status());
    }

    @Test
    void asksForVersion13() {
        for (String version : new String[] {"8", "14", "", "13, 8", "thirteen"}) {
            set("Sec-WebSocket-Version", version);
            assertEquals(426, judge().status());
            assertEquals("13", judge().headers().get("Sec-WebSocket-Version"));
            assertEquals("websocket", judge().headers().get("Upgrade"));
        }
        headers.remove("Sec-WebSocket-Version");
        assertEquals(426, judge().status());
    }

    @Test
    void refusesBadKeys() {
        for (String key : new String[] {"", "short", "dGhlIHNhbXBsZSBub25jZQ=", "*".repeat(24)}) {
            set("Sec-WebSocket-Key", key);
            assertEquals(400, judge().status());
        }
        set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        headers.get("Sec-WebSocket-Key").add("dGhlIHNhbXBsZSBub25jZQ==");
        assertEquals(400, judge().status());
        headers.remove("Sec-WebSocket-Key");
        assertEquals(400, judge().status());
    }

    @Test
    void refusesABodyWhoseBytesWouldBeTakenForFrames() {
        set("Content-Length", "5");
        assertEquals(400, judge().status());
        set("Content-Length", "0");
        assertEquals(101, judge().status());
        set("Transfer-Encoding", "chunked");
        assertEquals(400, judge().status());
    }

    @Test
    void asksTheHookAboutTheOrigin() {
        options = options.withOrigins("https://good.example"::equals);
        assertEquals(403, judge().status());
        set("Origin", "https://evil.example");
        assertEquals(403, judge().status());
        set("Origin", "https://good.example");
        assertEquals(101, judge().status());
    }

    @Test
    void choosesItsFirstSubprotocolThatTheClientKnows() {
        set("Sec-WebSocket-Protocol", "a, b");
        headers.get("Sec-WebSocket-Protocol").add("c");
        assertNull(judge().subprotocol());
        assertNull(judge().headers().get("Sec-WebSocket-Protocol"));

        options = options.withSubprotocols("x", "c", "a");
        assertEquals("c", judge().subprotocol());
        assertEquals("c", judge().headers().get("Sec-WebSocket-Protocol"));

        options = options.withSubprotocols("x");
        assertEquals(101, judge().status());
        assertNull(judge().subprotocol());

        set("Sec-WebSocket-Protocol", "not a token");
        assertEquals(400, judge().status());
    }

    @Test
    void agreesOnCompressionUnlessItIsOff() {
        set("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits");
        assertNotNull(judge().deflate());
        assertEquals("permessage-deflate", judge().headers().get("Sec-WebSocket-Extensions"));

        options = options.withoutDeflate();
        assertNull(judge().deflate());
        assertNull(judge().headers().get("Sec-WebSocket-Extensions"));

        set("Sec-WebSocket-Extensions", "broken;;");
        assertEquals(400, judge().status());
    }

    private void set(String name, String value) {
        headers.put(name, new ArrayList<>(List.of(value)));
    }

    private ServerHandshake judge() {
        return judge("GET", "HTTP/1.1");
    }

    private ServerHandshake judge(String method, String protocol) {
        return ServerHandshake.judge(
                method, protocol, name -> headers.getOrDefault(name, List.of()), options);
    }
}
