package io.cosocket.websocket;

import io.cosocket.websocket.HeaderList.Extension;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Judges a client's opening handshake (RFC 6455 section 4.2).
 *
 * @param status 101, or the error to answer with
 * @param problem empty with 101
 * @param headers of the answer
 * @param subprotocol the one chosen
 * @param deflate the compression agreed on
 */
record ServerHandshake(
        int status,
        String problem,
        Map<String, String> headers,
        @Nullable String subprotocol,
        @Nullable DeflateTerms deflate) {
    private static final String VERSION = "13";

    /** What a client has to ask for; 426 always names the protocol (RFC 9110 section 15.5.22). */
    private static final Map<String, String> UPGRADE =
            Map.of(
                    "Upgrade", "websocket",
                    "Connection", "Upgrade",
                    "Sec-WebSocket-Version", VERSION);

    /** Judges a request; {@code header} gives the fields of a name. */
    static ServerHandshake judge(
            String method,
            String protocol,
            Function<String, List<String>> header,
            WebSocketOptions options) {
        if (!method.equals("GET")) {
            return refuse(405, "the method has to be GET", Map.of("Allow", "GET"));
        }
        if (!protocol.equals("HTTP/1.1")) {
            return refuse(505, "WebSocket needs HTTP/1.1", Map.of());
        }
        if (!HeaderList.contains(header.apply("Upgrade"), "websocket")) {
            return refuse(426, "this resource speaks WebSocket", UPGRADE);
        }
        if (!HeaderList.contains(header.apply("Connection"), "upgrade")) {
            return refuse(400, "the Connection header does not say Upgrade", Map.of());
        }
        if (!only(header.apply("Sec-WebSocket-Version")).equals(VERSION)) {
            return refuse(426, "the WebSocket version has to be 13", UPGRADE);
        }
        String key = only(header.apply("Sec-WebSocket-Key"));
        if (!HandshakeKey.valid(key)) {
            return refuse(400, "Sec-WebSocket-Key is not 16 bytes in base64", Map.of());
        }
        if (hasBody(header)) {
            return refuse(400, "a WebSocket request has no body", Map.of());
        }
        List<String> origin = header.apply("Origin");
        if (!options.allowsOrigin(origin.isEmpty() ? null : only(origin))) {
            return refuse(403, "the origin is not allowed", Map.of());
        }
        try {
            List<String> asked = HeaderList.tokens(header.apply("Sec-WebSocket-Protocol"));
            List<Extension> offers =
                    HeaderList.extensions(header.apply("Sec-WebSocket-Extensions"));
            return accept(key, asked, offers, options);
        } catch (IllegalArgumentException e) {
            return refuse(400, "bad handshake: " + e.getMessage(), Map.of());
        }
    }

    private static ServerHandshake accept(
            String key, List<String> asked, List<Extension> offers, WebSocketOptions options) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Upgrade", "websocket");
        headers.put("Connection", "Upgrade");
        headers.put("Sec-WebSocket-Accept", HandshakeKey.accept(key));
        String chosen = null;
        for (String name : options.subprotocols()) {
            if (asked.contains(name)) {
                chosen = name;
                headers.put("Sec-WebSocket-Protocol", name);
                break;
            }
        }
        DeflateOptions deflate = options.deflate();
        DeflateTerms terms = deflate == null ? null : DeflateTerms.accept(offers, deflate);
        if (terms != null) {
            headers.put("Sec-WebSocket-Extensions", terms.answer());
        }
        return new ServerHandshake(101, "", headers, chosen, terms);
    }

    /** Bytes of a body would be taken for frames. */
    private static boolean hasBody(Function<String, List<String>> header) {
        List<String> length = header.apply("Content-Length");
        return !header.apply("Transfer-Encoding").isEmpty()
                || !length.isEmpty() && !only(length).equals("0");
    }

    /** Gives the only field of a name, or an empty text when there is none or more. */
    private static String only(List<String> fields) {
        return fields.size() == 1 ? fields.getFirst().strip() : "";
    }

    private static ServerHandshake refuse(int status, String problem, Map<String, String> headers) {
        return new ServerHandshake(status, problem, headers, null, null);
    }
}
