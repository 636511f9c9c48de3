package io.cosocket;

import java.io.IOException;

/** Puts what the JDK says about TLS into the words of the original. */
final class TlsWords {
    private static final String ALERT = "Received fatal alert: ";

    private TlsWords() {}

    /** Says why a handshake failed. */
    static String handshake(IOException error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof TlsTrust.Refused refused) {
                return refused.getMessage();
            }
        }
        String words = words(error);
        return words.startsWith("certificate host mismatch") ? words : "handshake failed: " + words;
    }

    /** Says what broke a connection, with the peer's alert by its name. */
    static String words(IOException error) {
        String message = error.getMessage();
        if (message == null) {
            return Failures.words(error);
        }
        int alert = message.indexOf(ALERT);
        if (alert >= 0) {
            return "closed by the peer with alert " + message.substring(alert + ALERT.length());
        }
        if (message.startsWith("(")) {
            // the JDK puts the alert it sends in front
            int end = message.indexOf(") ");
            message = end < 0 ? message : message.substring(end + 2);
        }
        return message;
    }
}
