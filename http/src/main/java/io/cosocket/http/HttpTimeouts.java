package io.cosocket.http;

import java.time.Duration;

/**
 * How long a server waits for its clients. All are positive and at most a day.
 *
 * @param header from the first byte of a request to the end of its head; then, or up to a quarter
 *     of this time later, 408
 * @param idle without a byte, between requests and on a stalled connection; then it is closed
 * @param send without progress of a response
 * @param drain for a body that no handler read, and for the client to close after the server has
 */
public record HttpTimeouts(Duration header, Duration idle, Duration send, Duration drain) {
    private static final HttpTimeouts DEFAULTS =
            new HttpTimeouts(
                    Duration.ofSeconds(20),
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(5));

    /** Checks each range. */
    public HttpTimeouts {
        check("header time-out", header);
        check("idle time-out", idle);
        check("send time-out", send);
        check("drain time-out", drain);
    }

    /** Gives 20 s for a head, 60 s idle, 60 s for sends, 5 s to drain. */
    public static HttpTimeouts defaults() {
        return DEFAULTS;
    }

    /** Gives a copy with another time for a request head. */
    public HttpTimeouts withHeader(Duration limit) {
        return new HttpTimeouts(limit, idle, send, drain);
    }

    /** Gives a copy with another idle time. */
    public HttpTimeouts withIdle(Duration limit) {
        return new HttpTimeouts(header, limit, send, drain);
    }

    /** Gives a copy with another time-out of sends. */
    public HttpTimeouts withSend(Duration limit) {
        return new HttpTimeouts(header, idle, limit, drain);
    }

    /** Gives a copy with another time for bodies that no handler read. */
    public HttpTimeouts withDrain(Duration limit) {
        return new HttpTimeouts(header, idle, send, limit);
    }

    static void check(String what, Duration value) {
        if (value.isZero() || value.isNegative() || value.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException(
                    "bad " + what + ": " + value + " (allowed: above zero, at most a day)");
        }
    }
}
