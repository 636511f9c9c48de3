package io.cosocket;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Objects;

/**
 * Tells which connections may stand for one another.
 *
 * @param host as given to connect; {@link #ANY} in a shared pool
 * @param port as given to connect
 * @param address when it was given to connect, as a literal or resolved: a name may stand for many
 * @param name of the pool options
 * @param localAddress the connection is bound to
 * @param tls key of the TLS policy, null for cleartext
 */
record PoolKey(
        String host,
        int port,
        @Nullable InetAddress address,
        @Nullable String name,
        @Nullable InetSocketAddress localAddress,
        @Nullable Object tls) {
    private static final String ANY = "*";

    static PoolKey of(
            Target to,
            PoolOptions options,
            @Nullable InetSocketAddress local,
            @Nullable Object tls) {
        if (options.shared()) {
            return new PoolKey(ANY, 0, null, options.name(), local, tls);
        }
        PoolKey last = to.lastKey();
        if (last != null
                && Objects.equals(last.name, options.name())
                && Objects.equals(last.localAddress, local)
                && Objects.equals(last.tls, tls)) {
            return last;
        }
        InetAddress address =
                to.address() instanceof InetSocketAddress inet ? inet.getAddress() : null;
        PoolKey key = new PoolKey(to.host(), to.port(), address, options.name(), local, tls);
        to.lastKey(key);
        return key;
    }

    /** Names what the connections go to, as the caller did. */
    String endpoint() {
        InetAddress chosen = address;
        if (chosen != null && Target.literal(host) == null && !host.startsWith("[")) {
            return host + "/" + Failures.name(new InetSocketAddress(chosen, port));
        }
        return port == 0 ? host : Target.endpoint(host, port);
    }

    /** Names the pool: as its options do, or else after its endpoint. */
    String poolName() {
        String given = name;
        return given == null ? endpoint() : given;
    }
}
