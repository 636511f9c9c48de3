package io.cosocket;

import java.io.IOException;

/**
 * The end, the line end or the delimiter was not seen within the allowed bytes. The socket stays
 * usable; the next read goes on after {@link #partial()}.
 */
public final class ReceiveLimitException extends IOException implements PartialResult {
    private static final long serialVersionUID = 1;

    private final byte[] partial;

    /** Makes the error; {@code partial} is copied. */
    public ReceiveLimitException(String message, byte[] partial) {
        super(message);
        this.partial = partial.clone();
    }

    @Override
    public byte[] partial() {
        return partial.clone();
    }
}
