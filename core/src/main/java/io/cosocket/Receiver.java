package io.cosocket;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * The receiving side of a byte stream ({@code receive}, {@code receiveany}, {@code receiveuntil}).
 *
 * <p>Every method that reads blocks its (virtual) thread until it has what it promises, and at most
 * for {@link #receiveTimeout()} without progress; each arriving byte starts that time anew. Bytes
 * that a call did not consume stay for the next one, of whatever kind. All of them fail alike:
 *
 * <ul>
 *   <li>{@link OperationTimeoutException}: nothing arrived in time. The socket stays open; the
 *       bytes in {@code partial()} are consumed, the next read goes on after them.
 *   <li>{@link UnexpectedEndException}: the peer ended the stream too early. The receiving side has
 *       ended, the sending side works on. Reads after the end meet it again, each as it does.
 *   <li>{@link ReceiveLimitException}: more bytes than allowed. The socket stays open; those in
 *       {@code partial()} are consumed.
 *   <li>{@link SocketClosedException}: the socket was closed, before or meanwhile, or it was reset,
 *       cancelled or interrupted; it is closed.
 *   <li>{@link IllegalStateException} {@code socket busy reading}: another thread is reading; that
 *       read is not disturbed. {@code bad request}: the socket belongs to another run.
 *   <li>{@link IllegalArgumentException}: a size out of range or a null; the socket is untouched.
 * </ul>
 *
 * <p>When several of the last apply, the order is closed, bad request, busy, argument.
 *
 * <p>Threads: one thread may read while another sends. Lifetime: until the socket is closed or the
 * scope that owns it ends.
 */
public sealed interface Receiver permits StreamSocket, BufferedReceiver {
    /**
     * Receives exactly {@code byteCount} bytes.
     *
     * @param byteCount 0 to the configured {@code maxReceiveBytes}; 0 gives an empty array at once
     * @return a fresh array
     * @throws UnexpectedEndException when the stream ends before; {@code partial()} has what came
     * @throws IOException as told at {@link Receiver}
     */
    byte[] receive(int byteCount) throws IOException;

    /**
     * Receives what is there into {@code target}, at least 1 byte unless it has no room.
     *
     * @return the count of bytes put into {@code target}, or −1 at the end of the stream
     * @throws IOException as told at {@link Receiver}
     */
    int receive(ByteBuffer target) throws IOException;

    /**
     * Receives what is there, at least 1 and at most {@code maxBytes} bytes ({@code receiveany}).
     *
     * @param maxBytes at least 1
     * @return a fresh array, or null at the end of the stream
     * @throws IOException as told at {@link Receiver}
     */
    byte @Nullable [] receiveAny(int maxBytes) throws IOException;

    /**
     * Receives one line of UTF-8 text of at most the configured {@code maxReceiveBytes}.
     *
     * @return the line without its LF or CR LF, or null when the stream ends where a line would
     *     begin
     * @throws java.nio.charset.MalformedInputException when the line is not UTF-8; it is consumed,
     *     and the exception is a {@link PartialResult} that has it
     * @throws UnexpectedEndException when the stream ends within a line
     * @throws IOException as told at {@link Receiver}
     */
    @Nullable String receiveLine() throws IOException;

    /**
     * Receives one line of UTF-8 text of at most {@code maxBytes} bytes, line end not counted.
     *
     * @param maxBytes at least 1
     * @return as {@link #receiveLine()}
     * @throws IOException as {@link #receiveLine()}
     */
    @Nullable String receiveLine(int maxBytes) throws IOException;

    /**
     * Receives one line as bytes. One CR before the LF is dropped; the original drops every CR.
     *
     * @param maxBytes at least 1, line end not counted
     * @return a fresh array, or null when the stream ends where a line would begin
     * @throws UnexpectedEndException when the stream ends within a line
     * @throws IOException as told at {@link Receiver}
     */
    byte @Nullable [] receiveLineBytes(int maxBytes) throws IOException;

    /**
     * Receives all bytes to the end of the stream. Repeated after the end it gives an empty array.
     *
     * @param maxBytes at least 1
     * @return a fresh array, possibly empty
     * @throws ReceiveLimitException when more than {@code maxBytes} come
     * @throws IOException as told at {@link Receiver}
     */
    byte[] receiveAll(int maxBytes) throws IOException;

    /**
     * Receives the bytes before {@code delimiter} (UTF-8), which is consumed.
     *
     * @param delimiter not empty
     * @return a fresh array, possibly empty
     * @throws UnexpectedEndException when the stream ends first; {@code partial()} has all its
     *     bytes
     * @throws IOException as told at {@link Receiver}
     */
    byte[] receiveUntil(String delimiter) throws IOException;

    /**
     * Receives the bytes before a compiled delimiter, which is consumed; with {@link
     * Delimiter#inclusive()} it ends the result. At a time-out or limit the bytes that may begin
     * the delimiter stay in the stream.
     *
     * @return a fresh array, possibly empty
     * @throws ReceiveLimitException when the delimiter is not met within its {@link
     *     Delimiter#withLimit limit}, or else the configured {@code maxReceiveBytes}
     * @throws IOException as told at {@link Receiver}
     */
    byte[] receiveUntil(Delimiter delimiter) throws IOException;

    /**
     * Gives a view that reads up to {@code delimiter} in pieces, the original's sized iterator. The
     * view ends (−1) at the delimiter, which it consumes; then the socket reads on. Bytes that may
     * begin the delimiter stay in the stream, so that another read in between sees them. An end of
     * the stream before the delimiter is {@link UnexpectedEndException} once all bytes were read. A
     * {@link Delimiter#withLimit limit} bounds what the view gives before the delimiter: {@link
     * ReceiveLimitException} once that was read; without one the view has none. Its reads fail as
     * told at {@link Receiver}. Closing the view never closes the socket.
     *
     * @throws IllegalArgumentException when the delimiter is null
     */
    InputStream streamUntil(Delimiter delimiter);

    /**
     * Looks at the next bytes without consuming them: whatever is there, at least 1. Does not wait
     * for more; a later look sees what has come since.
     *
     * @param maxBytes 1 to 65,536
     * @return a fresh array, empty at the end of the stream
     * @throws IOException as told at {@link Receiver}
     */
    byte[] peek(int maxBytes) throws IOException;

    /**
     * Sends all bytes to the end of the stream to {@code target}. Occupies the receiving side until
     * then. When the target fails, the bytes that it was given last stay in this stream, though
     * part of them may have been sent.
     *
     * @return the count of bytes moved
     * @throws IOException as told at {@link Receiver} and {@link Sender}
     */
    long transferTo(Sender target) throws IOException;

    /**
     * Gives a view of the rest of the stream, which may be mixed with every other read. It fails as
     * told at {@link Receiver}; closing it never closes the socket.
     */
    InputStream inputStream();

    /** Gives the time-out of reads. */
    Duration receiveTimeout();

    /**
     * Sets the time-out of reads ({@code settimeout}). A read that waits already uses it from its
     * next progress on.
     *
     * @param limit positive
     */
    void receiveTimeout(Duration limit);
}
