package io.cosocket.http;

import java.net.SocketAddress;
import java.time.Duration;
import java.time.Instant;

/**
 * Told of every exchange at its end, raw ones included.
 *
 * <p>Threads: called on the threads of the exchanges, many at once; must not block for long.
 */
@FunctionalInterface
public interface AccessLog {
    /** Takes one line. An exception is logged and harms nothing. */
    void log(Entry entry);

    /**
     * One exchange.
     *
     * @param start when its head had been received
     * @param client the peer's address
     * @param method as sent; {@code BAD} for a request that could not be parsed
     * @param target path and query as sent
     * @param protocol {@code HTTP/1.0}, {@code HTTP/1.1}, {@code HTTP/2.0}
     * @param status of the response; 499 when the client left before it, 101 or 0 for a raw
     *     exchange whose handler sent a head through the exchange or none
     * @param bytesIn of the request body, or received by the raw socket
     * @param bytesOut of the response body, or sent by the raw socket
     * @param duration to the end of the exchange
     * @param end how it ended: {@code done}, {@code failed}, {@code client aborted}, {@code
     *     refused} before any handler, {@code raw closed}, {@code raw closed by client}
     */
    record Entry(
            Instant start,
            SocketAddress client,
            String method,
            String target,
            String protocol,
            int status,
            long bytesIn,
            long bytesOut,
            Duration duration,
            String end) {}
}
