package io.cosocket.websocket;

import io.cosocket.ConnectOptions;
import io.cosocket.Timeouts;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Options of a {@link WebSocket}, immutable. Some concern only one role, as told at each.
 *
 * <p>Threads: any.
 */
public final class WebSocketOptions {
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration LONGEST = Duration.ofDays(36_500);
    private static final Set<String> OWN_HEADERS =
            Set.of(
                    "host",
                    "upgrade",
                    "connection",
                    "sec-websocket-key",
                    "sec-websocket-version",
                    "sec-websocket-protocol",
                    "sec-websocket-extensions");
    private static final WebSocketOptions DEFAULTS = new WebSocketOptions();

    private List<String> subprotocols = List.of();
    private Map<String, String> headers = Map.of();
    private @Nullable Predicate<@Nullable String> origins;
    private Limits limits = Limits.defaults();
    private @Nullable DeflateOptions deflate = DeflateOptions.defaults();
    private @Nullable Timeouts timeouts;
    private Duration closeTimeout = CLOSE_TIMEOUT;
    private @Nullable Duration pingInterval;
    private ConnectOptions connect = ConnectOptions.defaults();

    private WebSocketOptions() {}

    private WebSocketOptions(WebSocketOptions other) {
        subprotocols = other.subprotocols;
        headers = other.headers;
        origins = other.origins;
        limits = other.limits;
        deflate = other.deflate;
        timeouts = other.timeouts;
        closeTimeout = other.closeTimeout;
        pingInterval = other.pingInterval;
        connect = other.connect;
    }

    /** Gives no subprotocol, any origin, compression when the peer wants it, 16 MiB messages. */
    public static WebSocketOptions defaults() {
        return DEFAULTS;
    }

    /** Gives the subprotocols, the preferred one first. */
    public List<String> subprotocols() {
        return subprotocols;
    }

    /** Gives the additional request headers of a client. */
    public Map<String, String> headers() {
        return headers;
    }

    /** Tells whether a server takes requests from the origin, which is null when there was none. */
    public boolean allowsOrigin(@Nullable String origin) {
        return origins == null || origins.test(origin);
    }

    /** Gives the limits for what is received. */
    public Limits limits() {
        return limits;
    }

    /** Gives the options of permessage-deflate, or null when it is off. */
    public @Nullable DeflateOptions deflate() {
        return deflate;
    }

    /** Gives the time-outs, or null to keep those of the socket. */
    public @Nullable Timeouts timeouts() {
        return timeouts;
    }

    /** Gives how long the close handshake may take. */
    public Duration closeTimeout() {
        return closeTimeout;
    }

    /** Gives after how much silence a ping is sent, or null for never. */
    public @Nullable Duration pingInterval() {
        return pingInterval;
    }

    /** Gives the options of a client's connection. */
    public ConnectOptions connect() {
        return connect;
    }

    /**
     * Gives a copy with subprotocols, the preferred one first. A client asks for them; a server
     * chooses its first one that the client asks for, or none.
     */
    public WebSocketOptions withSubprotocols(String... names) {
        for (String name : names) {
            HeaderList.checkToken(name);
        }
        if (Set.copyOf(List.of(names)).size() < names.length) {
            throw new IllegalArgumentException("duplicate subprotocol in " + List.of(names));
        }
        WebSocketOptions copy = new WebSocketOptions(this);
        copy.subprotocols = List.of(names);
        return copy;
    }

    /**
     * Gives a copy with one more request header of a client, such as {@code Origin}.
     *
     * @throws IllegalArgumentException when the handshake itself sets the header, or a character is
     *     not allowed in a header
     */
    public WebSocketOptions withHeader(String name, String value) {
        HeaderList.checkToken(name);
        if (OWN_HEADERS.contains(name.toLowerCase(Locale.ROOT))
                || value.chars().anyMatch(c -> c < ' ' && c != '\t' || c >= 0x7F)) {
            throw new IllegalArgumentException("bad header: " + name);
        }
        WebSocketOptions copy = new WebSocketOptions(this);
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.put(name, value);
        copy.headers = Collections.unmodifiableMap(all);
        return copy;
    }

    /**
     * Gives a copy with a check of the {@code Origin} header on a server; what it refuses is
     * answered with 403. The argument is null when there is no such header, as with most clients
     * that are not browsers.
     */
    public WebSocketOptions withOrigins(Predicate<@Nullable String> allowed) {
        WebSocketOptions copy = new WebSocketOptions(this);
        copy.origins = allowed;
        return copy;
    }

    /** Gives a copy with other limits. */
    public WebSocketOptions withLimits(Limits limits) {
        WebSocketOptions copy = new WebSocketOptions(this);
        copy.limits = limits;
        return copy;
    }

    /** Gives a copy whose messages, received and inflated, may have this many bytes; 1 or more. */
    public WebSocketOptions withMaxMessageBytes(long bytes) {
        // What does not compress grows by a trifle.
        long frameBytes = bytes > Long.MAX_VALUE / 2 ? bytes : bytes + bytes / 256 + 125;
        return withLimits(limits.withMessageBytes(bytes).withFrameBytes(frameBytes));
    }

    /** Gives a copy with other options of permessage-deflate. */
    public WebSocketOptions withDeflate(DeflateOptions deflate) {
        WebSocketOptions copy = new WebSocketOptions(this);
        copy.deflate = deflate;
        return copy;
    }

    /** Gives a copy that neither offers nor accepts permessage-deflate. */
    public WebSocketOptions withoutDeflate() {
        WebSocketOptions copy = new WebSocketOptions(this);
        copy.deflate = null;
        return copy;
    }

    /** Gives a copy with time-outs for sends and receives. */
    public WebSocketOptions withTimeouts(Timeouts timeouts) {
        WebSocketOptions copy = new WebSocketOptions(this);
        copy.timeouts = timeouts;
        return copy;
    }

    /** Gives a copy with another limit for the close handshake; positive, 5 s by default. */
    public WebSocketOptions withCloseTimeout(Duration limit) {
        WebSocketOptions copy = new WebSocketOptions(this);
        copy.closeTimeout = positive("close time-out", limit);
        return copy;
    }

    /**
     * Gives a copy that sends a ping after each such time of silence while a thread is receiving.
     * It has to be below the receive time-out to have an effect; any answer starts that anew, so
     * that {@link WebSocket#receive()} waits as long as the peer is alive. On a client each such
     * silence is logged as a time-out of its socket, unless {@link
     * io.cosocket.CosocketConfig#logSocketErrors()} is off.
     */
    public WebSocketOptions withPingInterval(Duration interval) {
        WebSocketOptions copy = new WebSocketOptions(this);
        copy.pingInterval = positive("ping interval", interval);
        return copy;
    }

    /** Gives a copy with other options of a client's connection: time-outs, address, TLS. */
    public WebSocketOptions withConnect(ConnectOptions connect) {
        WebSocketOptions copy = new WebSocketOptions(this);
        copy.connect = connect;
        return copy;
    }

    private static Duration positive(String what, Duration value) {
        if (value.isZero() || value.isNegative() || value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "bad " + what + ": " + value + " (allowed: above zero, at most 36500 days)");
        }
        return value;
    }
}
