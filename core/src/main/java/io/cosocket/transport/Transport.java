package io.cosocket.transport;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;

/**
 * A byte stream as the sockets above it need it: the one seam below buffer, delimiter search,
 * time-outs, busy rules, close and ownership.
 *
 * <p>Threads: at most one thread is inside a read call and one inside {@link #write} or {@link
 * #shutdownSend()}; {@link #cancel()} may come from any thread at any time; {@link #close()} is
 * called once, when no thread is inside (last one out).
 */
public interface Transport {
    /**
     * Reads what is there, never waits.
     *
     * @param target has room for at least 1 byte
     * @return count of bytes, 0 when nothing is there now, −1 at the end of the stream
     * @throws java.io.EOFException when the peer left in the middle of a message; its words are
     *     kept
     * @throws IOException when the connection is broken
     */
    int tryRead(ByteBuffer target) throws IOException;

    /**
     * Tells whether a read has taken part of a message from below whose rest has not come. Asked by
     * the reading side, after a read that gave 0.
     */
    default boolean holdsPart() {
        return false;
    }

    /**
     * Parks until a read may give something, the deadline passes, {@link #cancel()} is called or
     * the thread is interrupted. May return early; the caller tries and comes again.
     *
     * @return false when the deadline has passed
     */
    boolean awaitReadable(Deadline deadline) throws IOException;

    /**
     * Writes all that remains in {@code buffers[offset]} to {@code buffers[offset + length - 1]},
     * parking while the peer takes nothing; tells the deadline of each {@link Deadline#progress()}.
     *
     * @return true when all is in the kernel; false when the deadline passed, {@link #cancel()} was
     *     called or the thread was interrupted before, with part of it possibly sent
     */
    boolean write(ByteBuffer[] buffers, int offset, int length, Deadline deadline)
            throws IOException;

    /** Ends the sending side; the peer sees the end of the stream once all is delivered. */
    void shutdownSend() throws IOException;

    /**
     * As {@link #shutdownSend()}, but no longer than the deadline allows where that means to write
     * something.
     *
     * @return as {@link #write}: false when the deadline passed, {@link #cancel()} was called or
     *     the thread was interrupted before
     */
    default boolean shutdownSend(Deadline deadline) throws IOException {
        shutdownSend();
        return true;
    }

    /** Makes every wait, present and later, return at once. Frees nothing. From any thread. */
    void cancel();

    /** Tells whether {@link #cancel()} was called. */
    default boolean cancelled() {
        return false;
    }

    /**
     * Writes what the peer takes at once, even when cancelled: the last words of a layer above.
     *
     * @return count of bytes; a transport that cannot do it takes none
     */
    default int tryWrite(ByteBuffer source) throws IOException {
        return 0;
    }

    /** Frees the connection. No thread is inside, none comes after. A second call does nothing. */
    void close();

    /** The word for messages: {@code tcp}, {@code unix}, {@code tls}, {@code memory}, … */
    String kind();

    /** The local address; stays known after close. */
    SocketAddress localAddress();

    /** The peer's address; stays known after close. */
    SocketAddress remoteAddress();
}
