package io.cosocket.websocket;

import org.jspecify.annotations.Nullable;

import java.net.SocketAddress;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.util.Locale;

/**
 * Where a WebSocket URI leads (RFC 6455 section 3).
 *
 * @param tls whether the connection is encrypted
 * @param host name or address, IPv6 in brackets
 * @param port 1 to 65535, or 0 with a path
 * @param path the socket of {@code ws+unix}, else null
 * @param hostHeader value of the Host header
 * @param resource path and query to ask for
 */
record WebSocketTarget(
        boolean tls,
        String host,
        int port,
        @Nullable SocketAddress path,
        String hostHeader,
        String resource) {
    /**
     * Reads a URI.
     *
     * @throws IllegalArgumentException when it is not for WebSocket
     */
    static WebSocketTarget of(URI uri) {
        URI ascii = URI.create(uri.toASCIIString());
        String scheme = ascii.getScheme() == null ? "" : ascii.getScheme().toLowerCase(Locale.ROOT);
        if (ascii.getRawFragment() != null) {
            throw bad(uri, "no fragment");
        }
        return switch (scheme) {
            case "ws" -> internet(ascii, false, 80);
            case "wss" -> internet(ascii, true, 443);
            case "ws+unix" -> unix(ascii);
            default -> throw bad(uri, "ws, wss or ws+unix");
        };
    }

    private static WebSocketTarget internet(URI uri, boolean tls, int usualPort) {
        String host = uri.getHost();
        if (host == null) {
            throw bad(uri, "with a host");
        }
        int port = uri.getPort() < 0 ? usualPort : uri.getPort();
        String header = port == usualPort ? host : host + ":" + port;
        return new WebSocketTarget(
                tls, host, port, null, header, resource(uri.getRawPath(), uri.getRawQuery()));
    }

    private static WebSocketTarget unix(URI uri) {
        String both = uri.getPath();
        if (both == null || !both.startsWith("/")) {
            throw bad(uri, "ws+unix:/path/of/socket:/path");
        }
        int colon = both.indexOf(':');
        String file = colon < 0 ? both : both.substring(0, colon);
        int rawColon = uri.getRawPath().indexOf(':');
        String path = rawColon < 0 ? "" : uri.getRawPath().substring(rawColon + 1);
        return new WebSocketTarget(
                false,
                "localhost",
                0,
                UnixDomainSocketAddress.of(file),
                "localhost",
                resource(path, uri.getRawQuery()));
    }

    private static String resource(@Nullable String path, @Nullable String query) {
        String found = path == null || path.isEmpty() ? "/" : path;
        return query == null ? found : found + "?" + query;
    }

    private static IllegalArgumentException bad(URI uri, String allowed) {
        return new IllegalArgumentException("bad URI: " + uri + " (allowed: " + allowed + ")");
    }
}
