package io.cosocket.http;

/**
 * What a server takes from its clients at most.
 *
 * @param connections open connections, at least 1; further ones wait in the system's queue until
 *     one closes
 * @param headerBytes request line and headers together, 256 to 1,048,576; more is answered 431
 * @param uriBytes the request target, 16 to {@code headerBytes}; more is answered 414
 * @param bodyBytes the request body, 0 and more; more is answered 413
 * @param drainBytes how much of a body that no handler read is thrown away to keep the connection,
 *     0 and more
 * @param bodyBytesPerSecond the least average rate of a request body while a handler waits for it,
 *     0 for none; less is answered 408
 * @param streams requests at once on one HTTP/2 connection, 1 to 10,000
 */
public record HttpLimits(
        int connections,
        int headerBytes,
        int uriBytes,
        long bodyBytes,
        int drainBytes,
        int bodyBytesPerSecond,
        int streams) {
    private static final HttpLimits DEFAULTS =
            new HttpLimits(20_000, 16 << 10, 8 << 10, Long.MAX_VALUE, 1 << 20, 0, 128);

    /** Checks each range. */
    public HttpLimits {
        check("connections", connections, 1, Integer.MAX_VALUE);
        check("headerBytes", headerBytes, 256, 1 << 20);
        check("uriBytes", uriBytes, 16, headerBytes);
        check("bodyBytes", bodyBytes, 0, Long.MAX_VALUE);
        check("drainBytes", drainBytes, 0, Integer.MAX_VALUE);
        check("bodyBytesPerSecond", bodyBytesPerSecond, 0, Integer.MAX_VALUE);
        check("streams", streams, 1, 10_000);
    }

    /**
     * Gives 20,000 connections, 16 KiB of headers, 8 KiB of target, bodies of any length, 1 MiB
     * drained, no least rate, 128 streams.
     */
    public static HttpLimits defaults() {
        return DEFAULTS;
    }

    /** Gives a copy with another limit of connections. */
    public HttpLimits withConnections(int count) {
        return new HttpLimits(
                count, headerBytes, uriBytes, bodyBytes, drainBytes, bodyBytesPerSecond, streams);
    }

    /** Gives a copy with another limit of request line and headers. */
    public HttpLimits withHeaderBytes(int bytes) {
        return new HttpLimits(
                connections,
                bytes,
                Math.min(uriBytes, bytes),
                bodyBytes,
                drainBytes,
                bodyBytesPerSecond,
                streams);
    }

    /** Gives a copy with another limit of the request target. */
    public HttpLimits withUriBytes(int bytes) {
        return new HttpLimits(
                connections,
                headerBytes,
                bytes,
                bodyBytes,
                drainBytes,
                bodyBytesPerSecond,
                streams);
    }

    /** Gives a copy with another limit of the request body. */
    public HttpLimits withBodyBytes(long bytes) {
        return new HttpLimits(
                connections, headerBytes, uriBytes, bytes, drainBytes, bodyBytesPerSecond, streams);
    }

    /** Gives a copy with another limit of what is drained. */
    public HttpLimits withDrainBytes(int bytes) {
        return new HttpLimits(
                connections, headerBytes, uriBytes, bodyBytes, bytes, bodyBytesPerSecond, streams);
    }

    /** Gives a copy with another least rate of request bodies, 0 for none. */
    public HttpLimits withBodyBytesPerSecond(int bytes) {
        return new HttpLimits(
                connections, headerBytes, uriBytes, bodyBytes, drainBytes, bytes, streams);
    }

    /** Gives a copy with another limit of HTTP/2 streams. */
    public HttpLimits withStreams(int count) {
        return new HttpLimits(
                connections,
                headerBytes,
                uriBytes,
                bodyBytes,
                drainBytes,
                bodyBytesPerSecond,
                count);
    }

    private static void check(String what, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "bad " + what + ": " + value + " (allowed: " + least + " to " + most + ")");
        }
    }
}
