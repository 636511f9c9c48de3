package io.cosocket.websocket;

import io.cosocket.ReceiveLimitException;
import io.cosocket.Receiver;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The client's opening handshake (RFC 6455 section 4.1). */
final class ClientHandshake {
    private static final int MAX_LINE_BYTES = 8192;
    private static final int MAX_HEADERS = 100;

    /** Interim answers (RFC 9110 section 15.2) that may come before the one that counts. */
    private static final int MAX_INTERIM = 10;

    private final WebSocketOptions options;
    private final String key = HandshakeKey.fresh();
    private @Nullable String subprotocol;
    private @Nullable DeflateTerms deflate;

    ClientHandshake(WebSocketOptions options) {
        this.options = options;
    }

    /** Gives the subprotocol that the server chose. */
    @Nullable String subprotocol() {
        return subprotocol;
    }

    /** Gives the compression that was agreed on. */
    @Nullable DeflateTerms deflate() {
        return deflate;
    }

    /** Writes the request for a resource such as {@code /chat?room=1}. */
    String request(String host, String resource) {
        StringBuilder head = new StringBuilder(512);
        head.append("GET ").append(resource).append(" HTTP/1.1\r\n");
        field(head, "Host", host);
        field(head, "Upgrade", "websocket");
        field(head, "Connection", "Upgrade");
        field(head, "Sec-WebSocket-Key", key);
        field(head, "Sec-WebSocket-Version", "13");
        if (!options.subprotocols().isEmpty()) {
            field(head, "Sec-WebSocket-Protocol", String.join(", ", options.subprotocols()));
        }
        DeflateOptions deflate = options.deflate();
        if (deflate != null) {
            field(head, "Sec-WebSocket-Extensions", DeflateTerms.offer(deflate));
        }
        options.headers().forEach((name, value) -> field(head, name, value));
        return head.append("\r\n").toString();
    }

    /**
     * Reads and judges the server's answer.
     *
     * @throws WebSocketHandshakeException when it is not the one that was asked for
     */
    void receive(Receiver socket) throws IOException {
        int status = 0;
        try {
            String line = line(socket);
            status = status(line);
            for (int i = 0; i < MAX_INTERIM && status < 200 && status != 101; i++) {
                headers(socket);
                line = line(socket);
                status = status(line);
            }
            if (status != 101) {
                throw new WebSocketHandshakeException(status, "the server answered " + line);
            }
            judge(headers(socket));
        } catch (IllegalArgumentException e) {
            throw new WebSocketHandshakeException(status, String.valueOf(e.getMessage()));
        } catch (ReceiveLimitException e) {
            throw new WebSocketHandshakeException(status, "header too long");
        }
    }

    private void judge(Map<String, List<String>> headers) {
        List<String> upgrade = all(headers, "Upgrade");
        if (upgrade.size() != 1 || !upgrade.getFirst().equalsIgnoreCase("websocket")) {
            throw new IllegalArgumentException("the Upgrade header is not websocket");
        }
        if (!HeaderList.contains(all(headers, "Connection"), "upgrade")) {
            throw new IllegalArgumentException("the Connection header does not say Upgrade");
        }
        if (!all(headers, "Sec-WebSocket-Accept").equals(List.of(HandshakeKey.accept(key)))) {
            throw new IllegalArgumentException("Sec-WebSocket-Accept does not fit the key");
        }
        List<String> chosen = all(headers, "Sec-WebSocket-Protocol");
        if (!chosen.isEmpty()) {
            subprotocol = chosen.getFirst();
            if (chosen.size() > 1 || !options.subprotocols().contains(subprotocol)) {
                throw new IllegalArgumentException("subprotocol not asked for: " + chosen);
            }
        }
        deflate =
                DeflateTerms.agree(
                        HeaderList.extensions(all(headers, "Sec-WebSocket-Extensions")),
                        options.deflate());
    }

    private static Map<String, List<String>> headers(Receiver socket) throws IOException {
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        int count = 0;
        for (String line; !(line = line(socket)).isEmpty(); ) {
            int colon = line.indexOf(':');
            if (++count > MAX_HEADERS || colon < 0) {
                throw new IllegalArgumentException("bad or too many headers");
            }
            String name = HeaderList.checkToken(line.substring(0, colon));
            headers.computeIfAbsent(name, n -> new ArrayList<>())
                    .add(line.substring(colon + 1).strip());
        }
        return headers;
    }

    private static String line(Receiver socket) throws IOException {
        byte[] line = socket.receiveLineBytes(MAX_LINE_BYTES);
        if (line == null) {
            throw new IllegalArgumentException("the server closed the connection");
        }
        return new String(line, StandardCharsets.ISO_8859_1);
    }

    private static int status(String line) {
        int status =
                line.matches("HTTP/1\\.[0-9] [1-9][0-9][0-9]( .*)?")
                        ? Integer.parseInt(line.substring(9, 12))
                        : 0;
        // Old proxies may refuse in their own version, but cannot switch protocols.
        if (status == 0 || status == 101 && line.startsWith("HTTP/1.0")) {
            throw new IllegalArgumentException("the answer is not HTTP/1.1");
        }
        return status;
    }

    private static List<String> all(Map<String, List<String>> headers, String name) {
        return headers.getOrDefault(name, List.of());
    }

    private static void field(StringBuilder head, String name, String value) {
        head.append(name).append(": ").append(value).append("\r\n");
    }
}
