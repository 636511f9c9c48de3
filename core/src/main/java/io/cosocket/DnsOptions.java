package io.cosocket;

import org.jspecify.annotations.Nullable;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * How {@link Resolver#dns} asks ({@code resolver}, {@code resolver_timeout}).
 *
 * @param servers asked in this order, the one that answered last first; resolved addresses, or
 *     empty for those of the machine
 * @param timeout how long one try waits for one server; 2 s
 * @param attempts how often each server is tried; 1 to 10, 2
 * @param valid how long answers, also that a name does not exist, are used in place of their own
 *     time to live; null for that
 * @param ipv6 whether addresses of IPv6 are asked for too; true
 * @param search domains tried for names with fewer than {@code ndots} dots; none
 * @param ndots 0 to 15, 1
 * @param hosts a hosts file looked at first, whose changes count from the next second on; null for
 *     none
 */
public record DnsOptions(
        List<InetSocketAddress> servers,
        Duration timeout,
        int attempts,
        @Nullable Duration valid,
        boolean ipv6,
        List<String> search,
        int ndots,
        @Nullable Path hosts) {
    private static final DnsOptions DEFAULTS =
            new DnsOptions(List.of(), Duration.ofSeconds(2), 2, null, true, List.of(), 1, null);

    /** Checks every value. */
    public DnsOptions {
        servers = List.copyOf(Checks.notNull("servers", servers));
        for (InetSocketAddress server : servers) {
            if (server.isUnresolved()) {
                throw new IllegalArgumentException(
                        "bad servers: " + server + " (allowed: resolved addresses)");
            }
        }
        Checks.positive("DNS time-out", timeout);
        Checks.range("attempts", attempts, 1, 10);
        if (valid != null) {
            Checks.positive("valid", valid);
        }
        search = List.copyOf(Checks.notNull("search", search));
        Checks.range("ndots", ndots, 0, 15);
    }

    /** Gives the defaults named above. */
    public static DnsOptions defaults() {
        return DEFAULTS;
    }

    /** Gives a copy with other servers. */
    public DnsOptions withServers(List<InetSocketAddress> value) {
        return new DnsOptions(value, timeout, attempts, valid, ipv6, search, ndots, hosts);
    }

    /** Gives a copy with one server. */
    public DnsOptions withServer(InetSocketAddress value) {
        return withServers(List.of(Checks.notNull("server", value)));
    }

    /** Gives a copy with another time-out of one try. */
    public DnsOptions withTimeout(Duration value) {
        return new DnsOptions(servers, value, attempts, valid, ipv6, search, ndots, hosts);
    }

    /** Gives a copy with another count of tries. */
    public DnsOptions withAttempts(int value) {
        return new DnsOptions(servers, timeout, value, valid, ipv6, search, ndots, hosts);
    }

    /** Gives a copy that keeps answers for a time of its own. */
    public DnsOptions withValid(Duration value) {
        return new DnsOptions(
                servers,
                timeout,
                attempts,
                Checks.notNull("valid", value),
                ipv6,
                search,
                ndots,
                hosts);
    }

    /** Gives a copy that asks for addresses of IPv6 or not. */
    public DnsOptions withIpv6(boolean value) {
        return new DnsOptions(servers, timeout, attempts, valid, value, search, ndots, hosts);
    }

    /** Gives a copy with other search domains. */
    public DnsOptions withSearch(List<String> value) {
        return new DnsOptions(servers, timeout, attempts, valid, ipv6, value, ndots, hosts);
    }

    /** Gives a copy with another count of dots from which a name is tried as it is first. */
    public DnsOptions withNdots(int value) {
        return new DnsOptions(servers, timeout, attempts, valid, ipv6, search, value, hosts);
    }

    /** Gives a copy with a hosts file. */
    public DnsOptions withHosts(Path value) {
        return new DnsOptions(
                servers,
                timeout,
                attempts,
                valid,
                ipv6,
                search,
                ndots,
                Checks.notNull("hosts", value));
    }
}
