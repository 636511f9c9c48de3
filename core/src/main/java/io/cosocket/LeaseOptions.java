package io.cosocket;

import io.cosocket.transport.ChannelTransport;

import java.io.IOException;
import java.net.SocketOption;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The socket options of an upstream socket: those set before a connect hold for each connection it
 * gets, and what they replaced is put back before a connection is pooled.
 */
final class LeaseOptions {
    private Map<SocketOption<?>, Object> presets = Map.of();
    private Map<SocketOption<?>, Object> originals = Map.of();

    /** Keeps an option for the connects to come. */
    <T> void preset(SocketOption<T> name, T value) {
        if (presets.isEmpty()) {
            presets = new LinkedHashMap<>();
        }
        presets.put(name, value);
    }

    /** Sets an option of the present connection, and remembers what it was before the lease. */
    <T> void set(ChannelTransport channel, SocketOption<T> name, T value) throws IOException {
        T before = channel.option(name);
        channel.option(name, value);
        if (originals.isEmpty()) {
            originals = new LinkedHashMap<>();
        }
        originals.putIfAbsent(name, before);
    }

    void applyPresets(ChannelTransport channel) throws IOException {
        if (presets.isEmpty()) {
            return;
        }
        for (Map.Entry<SocketOption<?>, Object> preset : presets.entrySet()) {
            apply(channel, preset.getKey(), preset.getValue());
        }
    }

    private <T> void apply(ChannelTransport channel, SocketOption<T> name, Object value)
            throws IOException {
        set(channel, name, name.type().cast(value));
    }

    void restore(ChannelTransport channel) throws IOException {
        if (originals.isEmpty()) {
            return;
        }
        for (Map.Entry<SocketOption<?>, Object> original : originals.entrySet()) {
            putBack(channel, original.getKey(), original.getValue());
        }
        originals = Map.of();
    }

    private static <T> void putBack(ChannelTransport channel, SocketOption<T> name, Object value)
            throws IOException {
        channel.option(name, name.type().cast(value));
    }

    /** Forgets what an earlier connection had. */
    void forgetOriginals() {
        originals = Map.of();
    }
}
