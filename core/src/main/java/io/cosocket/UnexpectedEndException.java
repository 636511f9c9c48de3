package io.cosocket;

import java.io.EOFException;

/**
 * The peer ended the stream before the operation had what it asked for. The receiving side has
 * ended; sending still works.
 */
public final class UnexpectedEndException extends EOFException implements PartialResult {
    private static final long serialVersionUID = 1;

    private final byte[] partial;

    /** Makes the error; {@code partial} is copied. */
    public UnexpectedEndException(String message, byte[] partial) {
        super(message);
        this.partial = partial.clone();
    }

    @Override
    public byte[] partial() {
        return partial.clone();
    }
}
