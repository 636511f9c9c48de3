package io.cosocket.cli;

import static io.cosocket.cli.Setting.*;

import io.cosocket.http.HttpConfig;
import io.cosocket.http.HttpLimits;
import io.cosocket.http.HttpTimeouts;

/** Turns settings into the configuration of the server, all but the access log. */
final class HttpSettings {
    private HttpSettings() {}

    static HttpConfig of(Settings settings) {
        HttpConfig listening = ListenSettings.of(settings);
        return new Fill<>(settings, listening)
                .time(SHUTDOWN_TIMEOUT, HttpConfig::withShutdownTimeout)
                .isOn(ABORT_WATCH, HttpConfig::withWatchAborts)
                .text(SERVER_HEADER, HttpSettings::withServerHeader)
                .isOn(DATE_HEADER, HttpConfig::withDateHeader)
                .done()
                .withLimits(limits(settings))
                .withTimeouts(timeouts(settings))
                .withSockets(SocketSettings.of(settings));
    }

    private static HttpConfig withServerHeader(HttpConfig config, String value) {
        return config.withServerHeader(value.equals(Settings.NONE) ? null : value);
    }

    private static HttpLimits limits(Settings settings) {
        return new Fill<>(settings, HttpLimits.defaults())
                .number(CONNECTIONS, HttpLimits::withConnections)
                .size(HEADER_SIZE, HttpLimits::withHeaderBytes)
                .size(URI_SIZE, HttpLimits::withUriBytes)
                .bytes(BODY_SIZE, HttpLimits::withBodyBytes)
                .size(BODY_RATE, HttpLimits::withBodyBytesPerSecond)
                .size(DRAIN_SIZE, HttpLimits::withDrainBytes)
                .number(STREAMS, HttpLimits::withStreams)
                .done();
    }

    private static HttpTimeouts timeouts(Settings settings) {
        return new Fill<>(settings, HttpTimeouts.defaults())
                .time(HEADER_TIMEOUT, HttpTimeouts::withHeader)
                .time(IDLE_TIMEOUT, HttpTimeouts::withIdle)
                .time(RESPONSE_TIMEOUT, HttpTimeouts::withSend)
                .time(DRAIN_TIMEOUT, HttpTimeouts::withDrain)
                .done();
    }
}
