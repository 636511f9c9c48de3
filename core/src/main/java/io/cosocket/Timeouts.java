package io.cosocket;

import java.time.Duration;

/**
 * The three time-outs of a socket ({@code settimeouts}). Send and receive bound inactivity:
 * progress starts them anew. Connect is one deadline for queue, name look-up, connect and
 * handshake.
 *
 * @param connect positive
 * @param send positive
 * @param receive positive
 */
public record Timeouts(Duration connect, Duration send, Duration receive) {
    private static final Timeouts DEFAULTS = of(Duration.ofSeconds(60));

    /** Checks that all are positive. */
    public Timeouts {
        Checks.positive("connect time-out", connect);
        Checks.positive("send time-out", send);
        Checks.positive("receive time-out", receive);
    }

    /** Gives 60 s for each, as the original does. */
    public static Timeouts defaults() {
        return DEFAULTS;
    }

    /** Sets all three to one value. */
    public static Timeouts of(Duration all) {
        return new Timeouts(all, all, all);
    }

    /** Gives a copy with another connect time-out. */
    public Timeouts withConnect(Duration limit) {
        return new Timeouts(limit, send, receive);
    }

    /** Gives a copy with another send time-out. */
    public Timeouts withSend(Duration limit) {
        return new Timeouts(connect, limit, receive);
    }

    /** Gives a copy with another receive time-out. */
    public Timeouts withReceive(Duration limit) {
        return new Timeouts(connect, send, limit);
    }
}
