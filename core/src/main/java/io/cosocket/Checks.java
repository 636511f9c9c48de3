package io.cosocket;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/** Argument checks whose messages name the value and the range it may have. */
final class Checks {
    /** The longest time-out: 100 years in nanoseconds fit a long with room to add a clock. */
    private static final Duration LONGEST = Duration.ofDays(36_500);

    private Checks() {}

    static Duration positive(String what, Duration value) {
        notNull(what, value);
        if (value.isZero() || value.isNegative() || value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "bad " + what + ": " + value + " (allowed: above zero, at most 36500 days)");
        }
        return value;
    }

    static <T> T notNull(String what, @Nullable T value) {
        if (value == null) {
            throw new IllegalArgumentException("bad " + what + ": null (allowed: a value)");
        }
        return value;
    }

    static int range(String what, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "bad " + what + ": " + value + " (allowed: " + least + " to " + most + ")");
        }
        return value;
    }

    static int port(int port) {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException(
                    "bad port number: " + port + " (allowed: 0 to 65535)");
        }
        return port;
    }
}
