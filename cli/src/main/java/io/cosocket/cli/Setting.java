package io.cosocket.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigValue;

import java.util.Locale;

/** A knob that can be set by a flag, a variable or the file; the key is its path in the file. */
enum Setting {
    HOST("host", Kind.TEXT),
    PORT("port", Kind.NUMBER),
    SHUTDOWN_TIMEOUT("shutdown-timeout", Kind.DURATION),
    CLASS_PATH("class-path", Kind.LIST),
    HANDLERS("handlers", Kind.LIST),
    CONNECTIONS("http.connections", Kind.NUMBER),
    HEADER_SIZE("http.header-size", Kind.SIZE),
    URI_SIZE("http.uri-size", Kind.SIZE),
    BODY_SIZE("http.body-size", Kind.SIZE),
    DRAIN_SIZE("http.drain-size", Kind.SIZE),
    HEADER_TIMEOUT("http.header-timeout", Kind.DURATION),
    IDLE_TIMEOUT("http.idle-timeout", Kind.DURATION),
    RESPONSE_TIMEOUT("http.response-timeout", Kind.DURATION),
    DRAIN_TIMEOUT("http.drain-timeout", Kind.DURATION),
    ABORT_WATCH("http.abort-watch", Kind.SWITCH),
    CONNECT_TIMEOUT("sockets.connect-timeout", Kind.DURATION),
    SEND_TIMEOUT("sockets.send-timeout", Kind.DURATION),
    RECEIVE_TIMEOUT("sockets.receive-timeout", Kind.DURATION),
    RECEIVE_LIMIT("sockets.receive-limit", Kind.SIZE),
    POOL_CONNECTIONS("sockets.pool-connections", Kind.NUMBER),
    POOL_IDLE_TIMEOUT("sockets.pool-idle-timeout", Kind.DURATION),
    TIMERS("sockets.timers", Kind.NUMBER),
    ERROR_LOG("sockets.error-log", Kind.SWITCH);

    private enum Kind {
        TEXT,
        NUMBER,
        DURATION,
        SIZE,
        SWITCH,
        LIST
    }

    private final String key;
    private final Kind kind;

    Setting(String key, Kind kind) {
        this.key = key;
        this.kind = kind;
    }

    String key() {
        return key;
    }

    boolean isList() {
        return kind == Kind.LIST;
    }

    /** The environment variable: {@code COSOCKET_} and the last part of the key. */
    String variable() {
        return "COSOCKET_" + name();
    }

    /** Throws the library's own exception when the value is not of this setting's kind. */
    void check(Config config) {
        switch (kind) {
            case TEXT -> config.getString(key);
            case NUMBER -> config.getInt(key);
            case DURATION -> checkDuration(config);
            case SIZE -> config.getBytes(key);
            case SWITCH -> config.getBoolean(key);
            case LIST -> config.getStringList(key);
        }
    }

    private void checkDuration(Config config) {
        config.getDuration(key);
        ConfigValue value = config.getValue(key);
        // The library would read a bare number as milliseconds.
        if (String.valueOf(value.unwrapped()).chars().allMatch(Character::isDigit)) {
            throw new ConfigException.BadValue(value.origin(), key, "needs a unit, as in 30s");
        }
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
