package io.cosocket;

import java.nio.charset.MalformedInputException;

/** A line that is not UTF-8. It is consumed; its bytes are here for whoever can read them. */
final class MalformedLineException extends MalformedInputException implements PartialResult {
    private static final long serialVersionUID = 1;

    private final String message;
    private final byte[] line;

    MalformedLineException(String where, int at, int length, byte[] line) {
        super(length);
        this.message =
                "receive"
                        + where
                        + ": line is not UTF-8 (malformed at byte "
                        + at
                        + " of "
                        + line.length
                        + ")";
        this.line = line;
    }

    @Override
    public String getMessage() {
        return message;
    }

    @Override
    public byte[] partial() {
        return line.clone();
    }
}
