package io.cosocket;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;

/**
 * What a look-up brought.
 *
 * @param addresses none when it failed
 * @param failure the words after {@code could not be resolved}; empty when it did not fail
 * @param keep how long the answer may be used again; zero for not at all
 */
record Answer(List<InetAddress> addresses, String failure, Duration keep) {
    static final int FORMAT_ERROR = 1;
    static final int SERVER_FAILURE = 2;
    static final int NOT_FOUND = 3;
    static final int TIMED_OUT = 110;

    static Answer of(List<InetAddress> addresses, Duration keep) {
        return new Answer(List.copyOf(addresses), "", keep);
    }

    /** Makes an answer that says what went wrong and who said so. */
    static Answer failed(int code, String asked, Duration keep) {
        return new Answer(List.of(), failure(code, asked), keep);
    }

    static String failure(int code, String asked) {
        return "(" + code + ": " + words(code) + "), asked " + asked;
    }

    boolean found() {
        return !addresses.isEmpty();
    }

    /** Of two failures gives the one that may pass, so that it is not remembered as final. */
    Answer orLessSure(Answer other) {
        return keep.isZero() ? this : other;
    }

    private static String words(int code) {
        return switch (code) {
            case FORMAT_ERROR -> "Format error";
            case SERVER_FAILURE -> "Server failure";
            case NOT_FOUND -> "Host not found";
            case 4 -> "Unimplemented";
            case 5 -> "Operation refused";
            case TIMED_OUT -> "Operation timed out";
            default -> "Unknown error";
        };
    }
}
