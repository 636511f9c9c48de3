package io.cosocket.http;

import io.cosocket.CosocketConfig;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import javax.net.ssl.SSLContext;

/**
 * How a server listens and what it allows. Immutable.
 *
 * @param listeners at least one; {@link HttpServer#uri()} tells the first
 * @param limits what is taken from clients at most
 * @param timeouts how long clients are waited for
 * @param shutdownTimeout how long {@link HttpServer#close()} lets exchanges finish
 * @param watchAborts cancel the run of a client that left ({@code lua_check_client_abort})
 * @param serverHeader the {@code Server} header of responses, null for none
 * @param dateHeader send {@code Date}
 * @param accessLog told of every exchange, null for nobody
 * @param sockets time-outs, pool, resolver and limits of the sockets of handlers
 */
public record HttpConfig(
        List<Listener> listeners,
        HttpLimits limits,
        HttpTimeouts timeouts,
        Duration shutdownTimeout,
        boolean watchAborts,
        @Nullable String serverHeader,
        boolean dateHeader,
        @Nullable AccessLog accessLog,
        CosocketConfig sockets) {

    /** Checks that there is a listener and that the shutdown time-out is above zero. */
    public HttpConfig {
        listeners = List.copyOf(listeners);
        if (listeners.isEmpty()) {
            throw new IllegalArgumentException("bad listeners: none (allowed: at least one)");
        }
        HttpTimeouts.check("shutdown time-out", shutdownTimeout);
        if (serverHeader != null) {
            Headers.checkValue("Server", serverHeader);
        }
    }

    /**
     * Gives 127.0.0.1:8080, the default limits and time-outs, 10 s to shut down, aborts watched,
     * {@code Server: cosocket} and {@code Date}, no access log.
     */
    public static HttpConfig defaults() {
        return new HttpConfig(
                List.of(Listener.tcp("127.0.0.1", 8080)),
                HttpLimits.defaults(),
                HttpTimeouts.defaults(),
                Duration.ofSeconds(10),
                true,
                "cosocket",
                true,
                null,
                CosocketConfig.defaults());
    }

    /** Gives a copy whose first listener is on {@code host}. */
    public HttpConfig withHost(String host) {
        return withFirst(
                switch (listeners.getFirst()) {
                    case Listener.Tcp tcp -> new Listener.Tcp(host, tcp.port());
                    case Listener.Tls tls -> new Listener.Tls(host, tls.port(), tls.tls());
                    case Listener.Unix unix -> new Listener.Tcp(host, 8080);
                });
    }

    /** Gives a copy whose first listener is on {@code port}; 0 takes a free one. */
    public HttpConfig withPort(int port) {
        return withFirst(
                switch (listeners.getFirst()) {
                    case Listener.Tcp tcp -> new Listener.Tcp(tcp.host(), port);
                    case Listener.Tls tls -> new Listener.Tls(tls.host(), port, tls.tls());
                    case Listener.Unix unix -> new Listener.Tcp("127.0.0.1", port);
                });
    }

    /** Gives a copy whose first listener speaks TLS with the key and certificates of a context. */
    public HttpConfig withTls(SSLContext context) {
        return withTls(ServerTls.of(context));
    }

    /** Gives a copy whose first listener speaks TLS. */
    public HttpConfig withTls(ServerTls tls) {
        return withFirst(
                switch (listeners.getFirst()) {
                    case Listener.Tcp tcp -> new Listener.Tls(tcp.host(), tcp.port(), tls);
                    case Listener.Tls there -> new Listener.Tls(there.host(), there.port(), tls);
                    case Listener.Unix unix -> new Listener.Tls("127.0.0.1", 8443, tls);
                });
    }

    /** Gives a copy with these listeners only. */
    public HttpConfig withListeners(Listener... all) {
        return withListeners(List.of(all));
    }

    /** Gives a copy with one listener more. */
    public HttpConfig withListener(Listener more) {
        List<Listener> all = new ArrayList<>(listeners);
        all.add(more);
        return withListeners(all);
    }

    /** Gives a copy with other limits. */
    public HttpConfig withLimits(HttpLimits limits) {
        return new HttpConfig(
                listeners,
                limits,
                timeouts,
                shutdownTimeout,
                watchAborts,
                serverHeader,
                dateHeader,
                accessLog,
                sockets);
    }

    /** Gives a copy with other time-outs. */
    public HttpConfig withTimeouts(HttpTimeouts timeouts) {
        return new HttpConfig(
                listeners,
                limits,
                timeouts,
                shutdownTimeout,
                watchAborts,
                serverHeader,
                dateHeader,
                accessLog,
                sockets);
    }

    /** Gives a copy with another time to let exchanges finish at the end. */
    public HttpConfig withShutdownTimeout(Duration limit) {
        return new HttpConfig(
                listeners,
                limits,
                timeouts,
                limit,
                watchAborts,
                serverHeader,
                dateHeader,
                accessLog,
                sockets);
    }

    /** Gives a copy that cancels the runs of clients that left, or does not. */
    public HttpConfig withWatchAborts(boolean watch) {
        return new HttpConfig(
                listeners,
                limits,
                timeouts,
                shutdownTimeout,
                watch,
                serverHeader,
                dateHeader,
                accessLog,
                sockets);
    }

    /** Gives a copy with another {@code Server} header; null sends none. */
    public HttpConfig withServerHeader(@Nullable String value) {
        return new HttpConfig(
                listeners,
                limits,
                timeouts,
                shutdownTimeout,
                watchAborts,
                value,
                dateHeader,
                accessLog,
                sockets);
    }

    /** Gives a copy that sends {@code Date}, or does not. */
    public HttpConfig withDateHeader(boolean send) {
        return new HttpConfig(
                listeners,
                limits,
                timeouts,
                shutdownTimeout,
                watchAborts,
                serverHeader,
                send,
                accessLog,
                sockets);
    }

    /** Gives a copy with another access log; null for none. */
    public HttpConfig withAccessLog(@Nullable AccessLog log) {
        return new HttpConfig(
                listeners,
                limits,
                timeouts,
                shutdownTimeout,
                watchAborts,
                serverHeader,
                dateHeader,
                log,
                sockets);
    }

    /** Gives a copy with other settings of the handlers' sockets. */
    public HttpConfig withSockets(CosocketConfig sockets) {
        return new HttpConfig(
                listeners,
                limits,
                timeouts,
                shutdownTimeout,
                watchAborts,
                serverHeader,
                dateHeader,
                accessLog,
                sockets);
    }

    private HttpConfig withFirst(Listener first) {
        List<Listener> all = new ArrayList<>(listeners);
        all.set(0, first);
        return withListeners(all);
    }

    private HttpConfig withListeners(List<Listener> all) {
        return new HttpConfig(
                all,
                limits,
                timeouts,
                shutdownTimeout,
                watchAborts,
                serverHeader,
                dateHeader,
                accessLog,
                sockets);
    }
}
