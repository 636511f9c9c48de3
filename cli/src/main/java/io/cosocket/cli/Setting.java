package io.cosocket.cli;

import org.jspecify.annotations.Nullable;

import java.io.File;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** A knob; its key is its path in the file, its name that of the variable and the flag. */
enum Setting {
    HOST("host"),
    PORT("port"),
    LISTEN("listen", ","),
    TLS_CERTIFICATE("tls.certificate"),
    TLS_KEY("tls.key"),
    TLS_CLIENT_AUTH("tls.client-auth"),
    TLS_CLIENT_TRUST("tls.client-trust"),
    TLS_PROTOCOLS("tls.protocols", ","),
    TLS_CIPHER_SUITES("tls.cipher-suites", ","),
    TLS_HTTP2("tls.http2"),
    HANDLERS("handlers", ","),
    CLASS_PATH("class-path", File.pathSeparator),
    ACCESS_LOG("access-log"),
    SHUTDOWN_TIMEOUT("shutdown-timeout"),
    CONNECTIONS("http.connections"),
    HEADER_SIZE("http.header-size"),
    URI_SIZE("http.uri-size"),
    BODY_SIZE("http.body-size"),
    BODY_RATE("http.body-rate"),
    DRAIN_SIZE("http.drain-size"),
    STREAMS("http.streams"),
    HEADER_TIMEOUT("http.header-timeout"),
    IDLE_TIMEOUT("http.idle-timeout"),
    RESPONSE_TIMEOUT("http.response-timeout"),
    DRAIN_TIMEOUT("http.drain-timeout"),
    ABORT_WATCH("http.abort-watch"),
    SERVER_HEADER("http.server-header"),
    DATE_HEADER("http.date-header"),
    CONNECT_TIMEOUT("sockets.connect-timeout"),
    SEND_TIMEOUT("sockets.send-timeout"),
    RECEIVE_TIMEOUT("sockets.receive-timeout"),
    RECEIVE_LIMIT("sockets.receive-limit"),
    POOL_CONNECTIONS("sockets.pool-connections"),
    POOL_IDLE_TIMEOUT("sockets.pool-idle-timeout"),
    POOL_OPEN("sockets.pool-open"),
    POOL_WAITING("sockets.pool-waiting"),
    POOL_ACQUIRE_TIMEOUT("sockets.pool-acquire-timeout"),
    POOL_MAX_AGE("sockets.pool-max-age"),
    TIMERS("sockets.timers"),
    ERROR_LOG("sockets.error-log"),
    RESOLVER_KIND("resolver.kind"),
    RESOLVER_SERVERS("resolver.servers", ","),
    RESOLVER_TIMEOUT("resolver.timeout"),
    RESOLVER_ATTEMPTS("resolver.attempts"),
    RESOLVER_VALID("resolver.valid"),
    RESOLVER_IPV6("resolver.ipv6"),
    RESOLVER_SEARCH("resolver.search", ","),
    RESOLVER_NDOTS("resolver.ndots"),
    RESOLVER_HOSTS("resolver.hosts");

    private final String key;
    private final @Nullable String separator;

    Setting(String key) {
        this(key, null);
    }

    Setting(String key, @Nullable String separator) {
        this.key = key;
        this.separator = separator;
    }

    String key() {
        return key;
    }

    /** Gives what a flag or variable says as the file would: a list, if the setting is one. */
    Object value(String text) {
        if (separator == null) {
            return text;
        }
        return Arrays.stream(text.split(separator))
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .toList();
    }

    /** The environment variable: the key without the sections {@code http} and {@code sockets}. */
    String variable() {
        return "COSOCKET_" + name();
    }

    /** The flag, for those that have one. */
    String flag() {
        return "--" + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static List<String> keys() {
        return Arrays.stream(values()).map(Setting::key).toList();
    }
}
