package io.cosocket;

/** What {@link TcpSocket#release()} did with the connection, and why. */
public enum Release {
    /** The connection is idle in its pool and will serve a later connect. */
    KEPT,
    /**
     * Closed, or there was nothing to keep: the socket was not connected, one side had ended (the
     * peer's end counts even if nobody has read it yet), or the connection had reached its maximum
     * age.
     */
    CLOSED,
    /** Closed: bytes that nobody read were waiting in the socket's buffer. */
    UNREAD_DATA,
    /** Closed: the peer had sent bytes nobody asked for. */
    DUBIOUS_STATE,
    /** Closed: an operation failed or timed out half done, or is still running. */
    OPERATION_FAILED,
    /** Closed: the pool keeps no idle connections, or more are open than it may have now. */
    POOL_FULL,
    /** Closed: the runtime is shutting down. */
    SHUTTING_DOWN;

    /** Tells whether the connection went to the pool. */
    public boolean kept() {
        return this == KEPT;
    }
}
