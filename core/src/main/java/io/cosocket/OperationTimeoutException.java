package io.cosocket;

import java.net.SocketTimeoutException;
import java.time.Duration;

/**
 * An operation made no progress within its time-out. After a receive the socket stays usable, after
 * a send its sending side has ended, after connect and TLS handshake it is closed.
 */
public final class OperationTimeoutException extends SocketTimeoutException
        implements PartialResult {
    private static final long serialVersionUID = 1;

    private final String operation;
    private final Duration limit;
    private final byte[] partial;

    /** Makes the error; {@code partial} is copied. */
    public OperationTimeoutException(
            String message, String operation, Duration limit, byte[] partial) {
        super(message);
        this.operation = operation;
        this.limit = limit;
        this.partial = partial.clone();
    }

    /**
     * Names what timed out: {@code connect}, {@code connect (queued)}, {@code tls}, {@code send},
     * {@code receive} or {@code join}.
     */
    public String operation() {
        return operation;
    }

    /** Gives the time-out that ran out. */
    public Duration limit() {
        return limit;
    }

    @Override
    public byte[] partial() {
        return partial.clone();
    }
}
