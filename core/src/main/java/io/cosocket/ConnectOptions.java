package io.cosocket;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Objects;

/**
 * How a socket connects. What is not set comes from the socket or the runtime.
 *
 * <p>Threads: immutable. Keep options in a static field: what of them belongs to the pool's key is
 * computed once.
 */
public final class ConnectOptions {
    private static final ConnectOptions DEFAULTS =
            new ConnectOptions(null, null, AddressPolicy.RANDOM, null, null);

    private final @Nullable Timeouts timeouts;
    private final @Nullable InetSocketAddress localAddress;
    private final AddressPolicy addressPolicy;
    private final @Nullable PoolOptions pool;
    private final @Nullable TlsOptions tls;

    private ConnectOptions(
            @Nullable Timeouts timeouts,
            @Nullable InetSocketAddress localAddress,
            AddressPolicy addressPolicy,
            @Nullable PoolOptions pool,
            @Nullable TlsOptions tls) {
        this.timeouts = timeouts;
        this.localAddress = localAddress;
        this.addressPolicy = addressPolicy;
        this.pool = pool;
        this.tls = tls;
    }

    /** Gives options that set nothing: cleartext, the runtime's time-outs and pool. */
    public static ConnectOptions defaults() {
        return DEFAULTS;
    }

    /** Gives a copy that sets the socket's three time-outs when it connects. */
    public ConnectOptions withTimeouts(Timeouts value) {
        return new ConnectOptions(
                Checks.notNull("timeouts", value), localAddress, addressPolicy, pool, tls);
    }

    /** Gives a copy that connects from this address, which is resolved; port 0 for any. */
    public ConnectOptions withLocalAddress(InetSocketAddress value) {
        if (Checks.notNull("local address", value).isUnresolved()) {
            throw new IllegalArgumentException(
                    "bad local address: " + value + " (allowed: a resolved address)");
        }
        return new ConnectOptions(timeouts, value, addressPolicy, pool, tls);
    }

    /** Gives a copy that connects from this address and any port. */
    public ConnectOptions withLocalAddress(InetAddress value) {
        return withLocalAddress(new InetSocketAddress(Checks.notNull("local address", value), 0));
    }

    /** Gives a copy with another order of addresses. */
    public ConnectOptions withAddressPolicy(AddressPolicy value) {
        return new ConnectOptions(
                timeouts, localAddress, Checks.notNull("address policy", value), pool, tls);
    }

    /** Gives a copy with other pool options. */
    public ConnectOptions withPool(PoolOptions value) {
        return new ConnectOptions(
                timeouts, localAddress, addressPolicy, Checks.notNull("pool", value), tls);
    }

    /** Gives a copy that encrypts the connection as part of connect. */
    public ConnectOptions withTls(TlsOptions value) {
        return new ConnectOptions(
                timeouts, localAddress, addressPolicy, pool, Checks.notNull("tls", value));
    }

    /** Gives the time-outs, or null for those of the socket. */
    public @Nullable Timeouts timeouts() {
        return timeouts;
    }

    /** Gives the local address, or null for what the socket was bound to, or any. */
    public @Nullable InetSocketAddress localAddress() {
        return localAddress;
    }

    /** Gives the order in which the addresses of a name are tried. */
    public AddressPolicy addressPolicy() {
        return addressPolicy;
    }

    /** Gives the pool options, or null for those of the runtime. */
    public @Nullable PoolOptions pool() {
        return pool;
    }

    /** Gives the TLS options, or null for cleartext. */
    public @Nullable TlsOptions tls() {
        return tls;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ConnectOptions that
                && Objects.equals(timeouts, that.timeouts)
                && Objects.equals(localAddress, that.localAddress)
                && addressPolicy == that.addressPolicy
                && Objects.equals(pool, that.pool)
                && Objects.equals(tls, that.tls);
    }

    @Override
    public int hashCode() {
        return Objects.hash(timeouts, localAddress, addressPolicy, pool, tls);
    }

    @Override
    public String toString() {
        return "ConnectOptions[timeouts="
                + timeouts
                + ", localAddress="
                + localAddress
                + ", addressPolicy="
                + addressPolicy
                + ", pool="
                + pool
                + ", tls="
                + tls
                + "]";
    }
}
