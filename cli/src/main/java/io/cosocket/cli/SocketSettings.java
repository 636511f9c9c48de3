package io.cosocket.cli;

import static io.cosocket.cli.Setting.*;

import io.cosocket.CosocketConfig;
import io.cosocket.DnsOptions;
import io.cosocket.PoolOptions;
import io.cosocket.Resolver;
import io.cosocket.Timeouts;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Turns settings into the defaults of the sockets of handlers. */
final class SocketSettings {
    private static final int DNS_PORT = 53;

    private static final List<Setting> DNS_ONLY =
            List.of(
                    RESOLVER_SERVERS,
                    RESOLVER_TIMEOUT,
                    RESOLVER_ATTEMPTS,
                    RESOLVER_VALID,
                    RESOLVER_IPV6,
                    RESOLVER_SEARCH,
                    RESOLVER_NDOTS,
                    RESOLVER_HOSTS);

    private enum ResolverKind {
        SYSTEM,
        DNS
    }

    private SocketSettings() {}

    static CosocketConfig of(Settings settings) {
        return new Fill<>(settings, CosocketConfig.defaults())
                .size(RECEIVE_LIMIT, CosocketConfig::withMaxReceiveBytes)
                .number(TIMERS, CosocketConfig::withMaxTimers)
                .isOn(ERROR_LOG, CosocketConfig::withLogSocketErrors)
                .done()
                .withTimeouts(timeouts(settings))
                .withPool(pool(settings))
                .withResolver(resolver(settings));
    }

    private static Timeouts timeouts(Settings settings) {
        return new Fill<>(settings, Timeouts.defaults())
                .time(CONNECT_TIMEOUT, Timeouts::withConnect)
                .time(SEND_TIMEOUT, Timeouts::withSend)
                .time(RECEIVE_TIMEOUT, Timeouts::withReceive)
                .done();
    }

    private static PoolOptions pool(Settings settings) {
        return new Fill<>(settings, PoolOptions.defaults())
                .number(POOL_CONNECTIONS, PoolOptions::withMaxIdle)
                .time(POOL_IDLE_TIMEOUT, PoolOptions::withIdleTimeout)
                .number(POOL_OPEN, PoolOptions::withMaxOpen)
                .number(POOL_WAITING, PoolOptions::withMaxWaiting)
                .timeOrNone(POOL_ACQUIRE_TIMEOUT, PoolOptions::withAcquireTimeout)
                .timeOrNone(POOL_MAX_AGE, PoolOptions::withMaxAge)
                .done();
    }

    private static Resolver resolver(Settings settings) {
        DnsOptions options =
                new Fill<>(settings, DnsOptions.defaults())
                        .list(RESOLVER_SERVERS, (dns, list) -> dns.withServers(servers(list)))
                        .time(RESOLVER_TIMEOUT, DnsOptions::withTimeout)
                        .number(RESOLVER_ATTEMPTS, DnsOptions::withAttempts)
                        .timeOrNone(RESOLVER_VALID, DnsOptions::withValid)
                        .isOn(RESOLVER_IPV6, DnsOptions::withIpv6)
                        .list(RESOLVER_SEARCH, DnsOptions::withSearch)
                        .number(RESOLVER_NDOTS, DnsOptions::withNdots)
                        .text(RESOLVER_HOSTS, SocketSettings::withHosts)
                        .done();
        ResolverKind kind = options.servers().isEmpty() ? ResolverKind.SYSTEM : ResolverKind.DNS;
        kind = settings.word(RESOLVER_KIND, kind);
        if (kind == ResolverKind.DNS) {
            return Resolver.dns(options);
        }
        for (Setting setting : DNS_ONLY) {
            if (settings.has(setting)) {
                throw settings.refused(setting, "only with resolver.kind = dns");
            }
        }
        return Resolver.system();
    }

    private static DnsOptions withHosts(DnsOptions options, String file) {
        if (file.equals(Settings.NONE)) {
            return options;
        }
        Path path = Path.of(file);
        if (!Files.isReadable(path)) {
            throw new IllegalArgumentException("no such file: " + file);
        }
        return options.withHosts(path);
    }

    private static List<InetSocketAddress> servers(List<String> texts) {
        return texts.stream().map(SocketSettings::server).toList();
    }

    /** Takes an address with or without a port; only with one does IPv6 need brackets. */
    private static InetSocketAddress server(String text) {
        boolean bare = text.indexOf(':') != text.lastIndexOf(':') && !text.startsWith("[");
        try {
            URI uri = new URI("dns://" + (bare ? "[" + text + "]" : text));
            if (uri.getHost() != null && uri.getUserInfo() == null && uri.getPath().isEmpty()) {
                int port = uri.getPort() < 0 ? DNS_PORT : uri.getPort();
                return new InetSocketAddress(InetAddress.ofLiteral(uri.getHost()), port);
            }
        } catch (URISyntaxException | IllegalArgumentException e) {
            // said below
        }
        throw new IllegalArgumentException(
                "bad server: " + text + " (allowed: an IP address, also with a port)");
    }
}
