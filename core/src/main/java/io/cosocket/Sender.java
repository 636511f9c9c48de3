package io.cosocket;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * The sending side of a byte stream ({@code send}).
 *
 * <p>Every send blocks its (virtual) thread until the kernel has taken all bytes, and at most for
 * {@link #sendTimeout()} without progress. All of them fail alike:
 *
 * <ul>
 *   <li>{@link OperationTimeoutException}: the peer took nothing in time. The sending side has
 *       ended, reads work on.
 *   <li>{@link SocketClosedException}: the socket or its sending side was closed; a broken pipe
 *       ends the sending side, a reset, cancel or interrupt closes the socket.
 *   <li>{@link IllegalStateException} {@code socket busy writing}: another thread is sending; that
 *       send is not disturbed. {@code bad request}: the socket belongs to another run.
 *   <li>{@link IllegalArgumentException}: a null, or a range outside the array; nothing was sent.
 * </ul>
 *
 * <p>When several of the last apply, the order is closed, bad request, busy, argument.
 *
 * <p>Threads: one thread may send while another reads. Lifetime: until the socket is closed or the
 * scope that owns it ends.
 */
public sealed interface Sender permits StreamSocket {
    /** Sends all bytes; an empty array sends nothing. Fails as told at {@link Sender}. */
    void send(byte[] bytes) throws IOException;

    /**
     * Sends {@code length} bytes from {@code offset} on. Fails as told at {@link Sender}.
     *
     * @throws IllegalArgumentException when the range is not within the array
     */
    void send(byte[] bytes, int offset, int length) throws IOException;

    /** Sends text as UTF-8. Fails as told at {@link Sender}. */
    void send(String text) throws IOException;

    /**
     * Sends what remains in each buffer, in order, gathered into as few system calls as possible.
     * Afterwards none has bytes remaining. Fails as told at {@link Sender}.
     */
    void send(ByteBuffer... buffers) throws IOException;

    /** Gives a view that sends each write at once. Closing it never closes the socket. */
    OutputStream outputStream();

    /**
     * Ends the sending side (half-close): the peer sees the end of the stream, reads work on. A
     * second call does nothing. Fails as told at {@link Sender}.
     */
    void shutdownSend() throws IOException;

    /** Gives the time-out of sends. */
    Duration sendTimeout();

    /**
     * Sets the time-out of sends ({@code settimeout}). A send that waits already uses it from its
     * next progress on.
     *
     * @param limit positive
     */
    void sendTimeout(Duration limit);
}
