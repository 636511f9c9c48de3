package io.cosocket;

/** The words of {@link PoolStats#misses()}: why a connect could not reuse a connection. */
final class Miss {
    /** All connections were in use, or there was none yet. */
    static final String NONE_IDLE = "none idle";

    /** The peer closed the connection. */
    static final String PEER_CLOSED = "peer closed";

    /** Release refused it; the words of the reason and the call follow. */
    static final String DIRTY = "dirty";

    /** The peer sent something while the connection was idle. */
    static final String UNASKED = DIRTY + ": bytes nobody asked for while idle";

    /** It was closed without release, by the program or by an error. */
    static final String NOT_RELEASED = "not released";

    /** It stayed idle up to its idle time-out. */
    static final String IDLE_EXPIRED = "idle time-out";

    /** It reached its maximum age. */
    static final String AGED = "aged";

    /** There was no room for another idle connection. */
    static final String EVICTED = "evicted";

    /** {@link Cosockets#clear} or the end of the runtime closed it. */
    static final String CLEARED = "cleared";

    private Miss() {}
}
