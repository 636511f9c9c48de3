package io.cosocket.http;

import java.io.IOException;

/** The request body is longer, or comes more slowly, than allowed; says what to answer then. */
final class BodyLimitException extends IOException {
    private static final long serialVersionUID = 1;

    private final int status;

    private BodyLimitException(int status, String message) {
        super(message);
        this.status = status;
    }

    static BodyLimitException tooLong(long maxBytes) {
        return new BodyLimitException(413, "request body: more than " + maxBytes + " bytes");
    }

    static BodyLimitException tooSlow(int bytesPerSecond) {
        return new BodyLimitException(
                408, "request body: less than " + bytesPerSecond + " bytes a second");
    }

    int status() {
        return status;
    }
}
