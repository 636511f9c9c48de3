package io.cosocket;

import java.net.SocketException;

/** The socket, or the side of it that the operation needs, is closed. */
public final class SocketClosedException extends SocketException implements PartialResult {
    private static final long serialVersionUID = 1;

    /** Who or what ended the socket. */
    public enum ClosedBy {
        /** The program: close, release, or never connected. */
        CALLER,
        /** The end of the scope that owned it. */
        SCOPE,
        /** The peer closed the connection, or this side ended with an earlier error. */
        PEER,
        /** The peer reset the connection. */
        RESET,
        /** The fork or run that used it was cancelled. */
        CANCELLED,
        /** The thread that used it was interrupted. */
        INTERRUPTED
    }

    private final ClosedBy closedBy;
    private final byte[] partial;

    /** Makes the error of an operation that had taken no bytes. */
    public SocketClosedException(String message, ClosedBy closedBy) {
        this(message, closedBy, new byte[0]);
    }

    /** Makes the error; {@code partial} is copied. */
    public SocketClosedException(String message, ClosedBy closedBy, byte[] partial) {
        super(message);
        this.closedBy = closedBy;
        this.partial = partial.clone();
    }

    /** Tells who or what ended the socket. */
    public ClosedBy closedBy() {
        return closedBy;
    }

    @Override
    public byte[] partial() {
        return partial.clone();
    }
}
