package io.cosocket.http;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

import javax.net.ssl.SSLContext;

/** Where a server listens. */
public sealed interface Listener {
    /** Listens on a TCP port; port 0 takes a free one. */
    static Listener tcp(String host, int port) {
        return new Tcp(host, port);
    }

    /** Listens on a TCP port for TLS; offers HTTP/2 by ALPN. */
    static Listener tls(String host, int port, SSLContext context) {
        return new Tls(host, port, ServerTls.of(context));
    }

    /** Listens on a TCP port for TLS. */
    static Listener tls(String host, int port, ServerTls tls) {
        return new Tls(host, port, tls);
    }

    /** Listens on a Unix-domain socket, which is made at the start and removed at the end. */
    static Listener unix(Path path) {
        return new Unix(path);
    }

    /**
     * Cleartext HTTP/1.1, and HTTP/2 by prior knowledge or upgrade.
     *
     * @param host a name or literal address of this machine; an IPv6 one may have brackets, which
     *     are taken off
     * @param port 0 to 65535
     */
    record Tcp(String host, int port) implements Listener {
        /** Checks host and port. */
        public Tcp {
            checkAddress(host, port);
            host = bare(host);
        }
    }

    /**
     * HTTP/1.1 and HTTP/2 over TLS.
     *
     * @param host a name or literal address of this machine; an IPv6 one may have brackets, which
     *     are taken off
     * @param port 0 to 65535
     * @param tls certificate, protocols and client certificates
     */
    record Tls(String host, int port, ServerTls tls) implements Listener {
        /** Checks host and port. */
        public Tls {
            checkAddress(host, port);
            host = bare(host);
        }
    }

    /**
     * As {@link Tcp}, on a Unix-domain socket.
     *
     * @param path at most 107 bytes
     */
    record Unix(Path path) implements Listener {
        private static final int MOST_PATH_BYTES = 107;

        /** Checks the length. */
        public Unix {
            int bytes = path.toString().getBytes(StandardCharsets.UTF_8).length;
            if (bytes < 1 || bytes > MOST_PATH_BYTES) {
                throw new IllegalArgumentException(
                        "bad socket path: "
                                + path
                                + " of "
                                + bytes
                                + " bytes (allowed: 1 to "
                                + MOST_PATH_BYTES
                                + ")");
            }
        }
    }

    private static void checkAddress(String host, int port) {
        if (host.isBlank()) {
            throw new IllegalArgumentException("bad host: it is empty");
        }
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException(
                    "bad port number: " + port + " (allowed: 0 to 65535)");
        }
    }

    private static String bare(String host) {
        boolean bracketed = host.startsWith("[") && host.endsWith("]") && host.indexOf(':') > 0;
        return bracketed ? host.substring(1, host.length() - 1) : host;
    }
}
