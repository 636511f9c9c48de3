package io.cosocket;

import org.jspecify.annotations.Nullable;

import java.net.InetSocketAddress;

/**
 * Tells which connections may stand for one another.
 *
 * @param host as given to connect; {@link #ANY} in a shared pool
 * @param port as given to connect
 * @param name of the pool options
 * @param localAddress the connection is bound to
 * @param tls key of the TLS policy, null for cleartext
 */
record PoolKey(
        String host,
        int port,
        @Nullable String name,
        @Nullable InetSocketAddress localAddress,
        @Nullable Object tls) {
    private static final String ANY = "*";

    static PoolKey of(
            Target to,
            PoolOptions options,
            @Nullable InetSocketAddress local,
            @Nullable Object tls) {
        return options.shared()
                ? new PoolKey(ANY, 0, options.name(), local, tls)
                : new PoolKey(to.host(), to.port(), options.name(), local, tls);
    }

    /** Names what the connections go to, as the caller did. */
    String endpoint() {
        return port == 0 ? host : host + ":" + port;
    }

    /** Names the pool: as its options do, or else after its endpoint. */
    String poolName() {
        String given = name;
        return given == null ? endpoint() : given;
    }
}
