package io.cosocket;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;

/** Where a connect goes. Threads: any. */
final class Target {
    private static final String UNIX = "unix:";

    private final String host;
    private final int port;
    private final @Nullable SocketAddress address;

    /** Not shared safely on purpose: keys are immutable, and one that is missed is made again. */
    private @Nullable PoolKey lastKey;

    private Target(String host, int port, @Nullable SocketAddress address) {
        this.host = host;
        this.port = port;
        this.address = address;
    }

    static Target of(String host, int port) {
        Checks.notNull("host", host);
        if (isUnix(host)) {
            return unix(host);
        }
        Checks.port(port);
        if (host.isBlank()) {
            throw badHost(host, "no host");
        }
        if (!host.chars().allMatch(c -> c > ' ' && c != 0x7F)) {
            throw badHost(host, "a blank or control character"); // it would reach logs, too
        }
        String bare = host;
        if (host.startsWith("[")) {
            if (!host.endsWith("]")) {
                throw badHost(host, "missing ]");
            }
            bare = host.substring(1, host.length() - 1);
            if (bare.indexOf(':') < 0) {
                throw badHost(host, "not an IPv6 address");
            }
        }
        InetAddress literal = literal(bare);
        if (literal == null && bare.indexOf(':') >= 0) {
            throw badHost(host, "invalid port or address");
        }
        return new Target(
                host, port, literal == null ? null : new InetSocketAddress(literal, port));
    }

    static Target of(SocketAddress address) {
        return switch (Checks.notNull("address", address)) {
            case InetSocketAddress inet when inet.isUnresolved() ->
                    of(inet.getHostString(), inet.getPort());
            case InetSocketAddress inet -> new Target(inet.getHostString(), inet.getPort(), inet);
            case UnixDomainSocketAddress path -> new Target(UNIX + path, 0, path);
            default ->
                    throw new IllegalArgumentException(
                            "bad address: "
                                    + address
                                    + " (allowed: InetSocketAddress, UnixDomainSocketAddress)");
        };
    }

    /** Understands {@code host:port}, {@code [::1]:80} and {@code unix:/path}. */
    static Target parse(String endpoint) {
        if (isUnix(endpoint)) {
            return unix(endpoint);
        }
        int colon = endpoint.lastIndexOf(':');
        if (colon <= 0 || colon == endpoint.length() - 1 || endpoint.endsWith("]")) {
            throw new IllegalArgumentException(
                    "missing the port number: \""
                            + endpoint
                            + "\" (allowed: host:port, [address]:port, unix:/path)");
        }
        String host = endpoint.substring(0, colon);
        if (host.indexOf(':') >= 0 && !host.startsWith("[")) {
            throw badHost(endpoint, "an IPv6 address needs brackets");
        }
        return of(host, parsePort(endpoint.substring(colon + 1)));
    }

    private static int parsePort(String digits) {
        // parseInt would take a sign, and digits of other scripts
        if (!digits.chars().allMatch(c -> c >= '0' && c <= '9') || digits.length() > 9) {
            throw new IllegalArgumentException(
                    "bad port number: " + digits + " (allowed: 0 to 65535)");
        }
        return Integer.parseInt(digits);
    }

    /** Reads an IP literal without brackets; null when the text is none. */
    static @Nullable InetAddress literal(String text) {
        boolean six = text.indexOf(':') >= 0;
        if (six ? text.startsWith("[") : !isDottedQuad(text)) {
            return null;
        }
        try {
            return InetAddress.ofLiteral(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static boolean isDottedQuad(String text) {
        int dots = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '.') {
                dots++;
            } else if (c < '0' || c > '9') {
                return false;
            }
        }
        return dots == 3;
    }

    private static boolean isUnix(String host) {
        return host.regionMatches(true, 0, UNIX, 0, UNIX.length());
    }

    private static Target unix(String host) {
        String path = host.substring(UNIX.length());
        if (path.isEmpty()) {
            throw badHost(host, "no path");
        }
        return new Target(host, 0, UnixDomainSocketAddress.of(path));
    }

    private static IllegalArgumentException badHost(String host, String why) {
        String shown = host.replaceAll("\\p{Cntrl}", "?");
        return new IllegalArgumentException("failed to parse host name \"" + shown + "\": " + why);
    }

    /** Gives the host as the caller gave it, for messages, names and the pool's key. */
    String host() {
        return host;
    }

    /** Gives the port, 0 for a path. */
    int port() {
        return port;
    }

    /** Gives the address when it is known without a look-up. */
    @Nullable SocketAddress address() {
        return address;
    }

    /** Gives the key that the last connect to here has used. */
    @Nullable PoolKey lastKey() {
        return lastKey;
    }

    void lastKey(PoolKey key) {
        lastKey = key;
    }

    /** Names the kind of transport that leads there. */
    String kind() {
        return address instanceof UnixDomainSocketAddress ? "unix" : "tcp";
    }

    /** Names the target as the caller did. */
    String endpoint() {
        return address instanceof UnixDomainSocketAddress ? host : endpoint(host, port);
    }

    /** Joins host and port so that {@link #parse} understands them. */
    static String endpoint(String host, int port) {
        boolean bare = host.indexOf(':') >= 0 && !host.startsWith("[");
        return (bare ? "[" + host + "]" : host) + ":" + port;
    }
}
