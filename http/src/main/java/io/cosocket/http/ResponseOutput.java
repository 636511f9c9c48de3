package io.cosocket.http;

import io.cosocket.OperationTimeoutException;
import io.cosocket.SocketClosedException;
import io.cosocket.SocketClosedException.ClosedBy;
import io.cosocket.transport.BufferPool;
import io.cosocket.transport.Deadline;

import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Response;
import org.jspecify.annotations.Nullable;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Collects a response and hands it to Jetty: when 8 KiB are full, at a flush, and at the end. A
 * response that ends before its first 8 KiB gets a Content-Length.
 *
 * <pre>
 *   OPEN ──print──► OPEN (buffered) ──full, flush, sendHeaders──► COMMITTED ──end──► ENDED
 *     └──────────────────────────────end─────────────────────────────────────────────►
 *   OPEN, COMMITTED ──raw──► MUTED            any ──failed write──► BROKEN
 * </pre>
 *
 * <p>Threads: handler and forks, one at a time; who comes meanwhile waits for its turn.
 */
final class ResponseOutput {
    private static final int BUFFER_BYTES = 8 << 10;
    private static final int SLICE_BYTES = 64 << 10;
    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

    private enum State {
        OPEN,
        COMMITTED,
        ENDED,
        MUTED,
        BROKEN
    }

    /** Jetty's response; null once the raw socket has the connection. */
    private volatile @Nullable Response response;

    private final boolean head;
    private final boolean http11;
    private final Duration sendTimeout;

    /** Whose turn it is to write; whoever holds it may wait for the client. */
    private final ReentrantLock turn = new ReentrantLock();

    private final Completion written = new Completion();

    private volatile State state = State.OPEN;

    // the rest belongs to the holder of the turn

    /** The first piece, kept as it came as long as it is alone. */
    private byte @Nullable [] alone;

    private @Nullable ByteBuffer buffer;
    private boolean chunked;
    private boolean discards;
    private volatile long bodyBytes;
    private volatile boolean brokenByClient;
    private volatile boolean mutedFresh;
    private volatile int mutedStatus;
    private @Nullable Deadline deadline;

    ResponseOutput(Response response, boolean head, boolean http11, Duration sendTimeout) {
        this.response = response;
        this.head = head;
        this.http11 = http11;
        this.sendTimeout = sendTimeout;
    }

    /** Gives Jetty's response, to be changed while {@link #refuseUnlessOpen} does not refuse. */
    Response response() {
        Response current = response;
        if (current == null) {
            throw new IllegalStateException("raw request socket acquired");
        }
        return current;
    }

    /** Gives the status so far, 0 unless set. */
    int status() {
        Response current = response;
        return current == null ? mutedStatus : current.getStatus();
    }

    boolean committed() {
        return state != State.OPEN;
    }

    boolean ended() {
        return state == State.ENDED;
    }

    /** Tells whether the raw socket was taken before any head was sent. */
    boolean mutedFresh() {
        return mutedFresh;
    }

    /** Tells whether a write failed because the client was gone. */
    boolean brokenByClient() {
        return brokenByClient;
    }

    long bodyBytes() {
        return bodyBytes;
    }

    /** Adds a piece that nobody changes afterwards. */
    void print(byte[] piece, boolean owned) throws IOException {
        print(piece, 0, piece.length, owned);
    }

    void print(byte[] piece, int offset, int length, boolean owned) throws IOException {
        enter();
        try {
            refuseUnlessWritable();
            bodyBytes += length;
            if (state == State.OPEN && buffer == null && alone == null && length <= BUFFER_BYTES) {
                alone = owned ? piece : Arrays.copyOfRange(piece, offset, offset + length);
                return;
            }
            if (length <= roomLeft()) {
                room().put(piece, offset, length);
                return;
            }
            if (roomLeft() < BUFFER_BYTES) {
                write(false);
            }
            if (length < BUFFER_BYTES) {
                room().put(piece, offset, length);
            } else {
                writeSlices(piece, offset, length);
            }
        } finally {
            turn.unlock();
        }
    }

    /** Sends the head and what is buffered; returns when all is in the kernel. */
    void flush() throws IOException {
        enter();
        try {
            if (state != State.ENDED) {
                refuseUnlessWritable();
                write(false);
            }
        } finally {
            turn.unlock();
        }
    }

    /** Flushes unless the response has ended or was taken over. */
    void flushIfOpen() throws IOException {
        if (state == State.OPEN || state == State.COMMITTED) {
            flush();
        }
    }

    /** Sends what is left and ends the response; a second call does nothing. */
    void end() throws IOException {
        enter();
        try {
            if (state == State.OPEN || state == State.COMMITTED) {
                write(true);
            }
        } finally {
            turn.unlock();
        }
    }

    /**
     * Forgets what was not sent.
     *
     * @throws IllegalStateException when the head was sent
     */
    void reset() throws IOException {
        enter();
        try {
            if (state != State.OPEN) {
                throw new IllegalStateException("the response head was sent already");
            }
            alone = null;
            giveBuffer();
            bodyBytes = 0;
            response().reset();
        } finally {
            turn.unlock();
        }
    }

    /** Throws what stands against {@link #mute()}. */
    void refuseToMute() throws IOException {
        enter();
        try {
            refusePending();
        } finally {
            turn.unlock();
        }
    }

    private void refusePending() throws IOException {
        refuseUnlessWritable();
        ByteBuffer held = buffer;
        if (alone != null || held != null && held.position() > 0) {
            throw new IllegalStateException("pending data to write");
        }
    }

    /**
     * Ends all writing in favour of the raw socket.
     *
     * @throws IllegalStateException when something waits to be sent
     */
    void mute() throws IOException {
        enter();
        try {
            refusePending();
            giveBuffer();
            mutedFresh = state == State.OPEN;
            state = State.MUTED;
            if (mutedFresh) {
                response().reset();
            }
            mutedStatus = status();
            response = null;
        } finally {
            turn.unlock();
        }
    }

    /** Tells whether the line end of the last chunk is still to be sent. */
    boolean owesLineEnd() {
        return chunked && bodyBytes > 0;
    }

    /** Gives up a response that did not come to its end: nothing more is sent. */
    void abandon() {
        if (state == State.OPEN || state == State.COMMITTED) {
            state = State.BROKEN;
            giveBuffer();
        }
    }

    /** Gives the buffer back; nobody writes any more. */
    void release() {
        if (state != State.BROKEN) {
            giveBuffer();
        }
    }

    /** Throws what stands against a change of status or headers. */
    void refuseUnlessOpen() {
        switch (state) {
            case OPEN -> {}
            case MUTED -> throw new IllegalStateException("raw request socket acquired");
            default -> throw new IllegalStateException("the response head was sent already");
        }
    }

    private void refuseUnlessWritable() throws SocketClosedException {
        switch (state) {
            case OPEN, COMMITTED -> {}
            case MUTED -> throw new IllegalStateException("raw request socket acquired");
            case ENDED -> throw new IllegalStateException("the response has ended");
            case BROKEN ->
                    throw new SocketClosedException(
                            "send response: closed (by an earlier error)", ClosedBy.PEER);
        }
    }

    private void enter() throws SocketClosedException {
        if (turn.tryLock()) {
            return;
        }
        try {
            turn.lockInterruptibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw cancelled();
        }
    }

    private int roomLeft() {
        byte[] first = alone;
        ByteBuffer held = buffer;
        int used = first != null ? first.length : held == null ? 0 : held.position();
        return BUFFER_BYTES - used;
    }

    private ByteBuffer room() {
        ByteBuffer room = buffer;
        if (room == null) {
            room = BufferPool.take(BUFFER_BYTES);
            room.limit(BUFFER_BYTES);
            buffer = room;
            byte[] first = alone;
            if (first != null) {
                room.put(first);
                alone = null;
            }
        }
        return room;
    }

    private void giveBuffer() {
        ByteBuffer held = buffer;
        buffer = null;
        if (held != null) {
            BufferPool.give(held);
        }
    }

    private void write(boolean last) throws IOException {
        prepare(last);
        byte[] first = alone;
        ByteBuffer held = buffer;
        alone = null;
        if (first != null) {
            write(last, ByteBuffer.wrap(first));
        } else if (held == null) {
            write(last, EMPTY);
        } else {
            write(last, held.flip());
            held.clear().limit(BUFFER_BYTES);
            if (last) {
                giveBuffer();
            }
        }
    }

    private void writeSlices(byte[] piece, int offset, int length) throws IOException {
        prepare(false);
        int end = offset + length;
        for (int from = offset; from < end; from += SLICE_BYTES) {
            write(false, ByteBuffer.wrap(piece, from, Math.min(SLICE_BYTES, end - from)));
        }
    }

    /** Refuses a wrong length before anything is taken from what is buffered. */
    private void prepare(boolean last) {
        if (state == State.OPEN) {
            frame(last);
        }
        checkAnnounced(last);
    }

    private void write(boolean last, ByteBuffer content) throws IOException {
        if (discards) {
            content.position(content.limit());
            if (last && status() == 304 && state == State.OPEN) {
                // in one write with the end Jetty would announce a length of 0
                write(false, content);
            }
        }
        state = last ? State.ENDED : State.COMMITTED;
        written.lower();
        try {
            response().write(last, content, written);
        } catch (RuntimeException e) {
            state = State.BROKEN;
            throw e;
        }
        if (!written.raised()) {
            await(content);
        }
        Throwable failure = written.failure();
        if (failure != null) {
            state = State.BROKEN;
            throw failed(failure);
        }
    }

    /** A wrong length is the handler's mistake, found while there is still time for a 500. */
    private void checkAnnounced(boolean last) {
        long announced = response().getHeaders().getLongField(HttpHeader.CONTENT_LENGTH);
        if (announced < 0 || discards || head && bodyBytes == 0) {
            return;
        }
        if (bodyBytes > announced || last && bodyBytes < announced) {
            throw new IllegalStateException(
                    "response body of "
                            + bodyBytes
                            + " bytes where Content-Length announced "
                            + announced);
        }
    }

    /** Decides how the body is framed; the head goes out with the write that follows. */
    private void frame(boolean last) {
        int status = status();
        HttpFields.Mutable headers = response().getHeaders();
        discards = status == 204 || status == 304 || status > 0 && status < 200;
        if (discards) {
            bodyBytes = 0;
            if (status != 304) {
                headers.remove(HttpHeader.CONTENT_LENGTH);
            }
        }
        if (http11 && !last && !discards && !headers.contains(HttpHeader.CONTENT_LENGTH)) {
            // said by us, so that we know: Jetty would decide by the state of the connection
            headers.put(HttpHeader.TRANSFER_ENCODING, "chunked");
            chunked = !head;
        }
    }

    private void await(ByteBuffer content) throws IOException {
        Deadline limit = deadline;
        if (limit == null) {
            limit = Deadline.ofInactivity(sendTimeout);
            deadline = limit;
        }
        limit.start();
        int before = content.remaining();
        while (!written.raised()) {
            boolean inTime = written.await(limit);
            if (written.raised()) {
                return;
            }
            int now = content.remaining();
            if (!inTime && now < before) {
                before = now;
                limit.progress();
                continue;
            }
            // the write under way keeps the buffer: neither may be used again
            state = State.BROKEN;
            buffer = null;
            throw inTime ? cancelled() : timedOut();
        }
    }

    private static SocketClosedException cancelled() {
        return new SocketClosedException("send response: closed (cancelled)", ClosedBy.CANCELLED);
    }

    private OperationTimeoutException timedOut() {
        return new OperationTimeoutException(
                "send response: timeout after " + sendTimeout.toMillis() + " ms",
                "send",
                sendTimeout,
                new byte[0]);
    }

    private IOException failed(Throwable failure) {
        if (failure instanceof TimeoutException) {
            return timedOut();
        }
        if (!(failure instanceof IOException)) {
            throw new IllegalStateException("the response head was refused: " + failure, failure);
        }
        brokenByClient = true;
        Throwable cause = failure;
        while (cause instanceof EOFException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        String words = cause.getMessage() == null ? "closed" : cause.getMessage();
        SocketClosedException closed =
                new SocketClosedException(
                        "send response: " + words.toLowerCase(Locale.ROOT),
                        words.startsWith("Connection reset") ? ClosedBy.RESET : ClosedBy.PEER);
        closed.initCause(failure);
        return closed;
    }
}
