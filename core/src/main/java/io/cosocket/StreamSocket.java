package io.cosocket;

import java.io.Closeable;
import java.net.SocketAddress;

/**
 * A connected byte stream: an upstream connection, or the raw downstream one.
 *
 * <p>Threads: one reader and one writer at a time; {@link #close()}, the time-outs and the
 * addresses from any thread. Lifetime: until closed, or until the scope that owns it ends.
 */
public sealed interface StreamSocket extends Receiver, Sender, Closeable
        permits TcpSocket, BufferedSocket {
    /**
     * Gives the local address.
     *
     * @throws IllegalStateException when not connected
     */
    SocketAddress localAddress();

    /**
     * Gives the peer's address.
     *
     * @throws IllegalStateException when not connected
     */
    SocketAddress remoteAddress();

    /** Tells whether the socket is connected and not closed; an ended side leaves it open. */
    boolean isOpen();

    /** Sets all three time-outs ({@code settimeouts}). */
    void timeouts(Timeouts timeouts);

    /**
     * Closes the socket and wakes threads that wait on it, which fail with {@link
     * SocketClosedException}. Never blocks; a second call does nothing. Allowed from any thread of
     * any run.
     */
    @Override
    void close();

    /**
     * Makes two sockets joined in memory, so that protocol code can be tested without a network.
     * Each direction holds at most 64 KiB; a send beyond that waits for the reader. A pair made
     * within a run belongs to that run; one made outside serves every thread.
     *
     * @param runtime whose time-outs and limits apply; closing it closes both
     */
    static SocketPair inMemory(Cosockets runtime) {
        return Checks.notNull("runtime", runtime).inMemory();
    }
}
