package io.cosocket.http;

import io.cosocket.OperationTimeoutException;
import io.cosocket.ReceiveLimitException;
import io.cosocket.Receiver;
import io.cosocket.SocketScope;
import io.cosocket.transport.BufferPool;
import io.cosocket.transport.Deadline;
import io.cosocket.transport.SocketSeam;

import org.eclipse.jetty.http.HttpException;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The body of one request and the one use that is made of it.
 *
 * <pre>
 *            socket()
 *   UNUSED ───────────► SOCKET ──raw, when it has reached its end──► RAW
 *     │ │ read()          (a second call: "request body already exists")
 *     │ └──────────────► READ ────raw──► RAW
 *     │ discard()
 *     ├────────────────► DISCARDED ─raw► RAW
 *     └─raw────────────► RAW
 * </pre>
 */
final class RequestBody {
    private enum Use {
        UNUSED,
        SOCKET,
        READ,
        DISCARDED,
        RAW
    }

    private static final String EXISTS = "request body already exists";
    private static final int PIECE_BYTES = 16 << 10;
    private static final byte[] NOTHING = new byte[0];

    private final BodyTransport transport;
    private final long length;
    private final boolean expectsContinue;
    private final AtomicReference<Use> use = new AtomicReference<>(Use.UNUSED);
    private volatile @Nullable Receiver socket;
    private volatile boolean leftUnread;
    private volatile byte @Nullable [] content;
    private volatile @Nullable IOException tooLong;

    /**
     * @param length the announced length, or −1 when not known
     * @param expectsContinue the client waits for a 100 before it sends the body
     */
    RequestBody(BodyTransport transport, long length, boolean expectsContinue) {
        this.transport = transport;
        this.length = length;
        this.expectsContinue = expectsContinue;
    }

    Receiver socket(SocketScope scope) {
        take(Use.SOCKET);
        Receiver taken = SocketSeam.receiver(scope, transport);
        socket = taken;
        return taken;
    }

    byte[] read(SocketScope scope, int maxBytes) throws IOException {
        if (maxBytes < 1) {
            throw new IllegalArgumentException(
                    "bad body limit: " + maxBytes + " (allowed: at least 1)");
        }
        byte[] known = content;
        if (known != null) {
            return known.clone();
        }
        take(Use.READ);
        if (length > maxBytes) {
            throw tooLong(
                    new ReceiveLimitException(
                            "receive request: body of "
                                    + length
                                    + " bytes, limit of "
                                    + maxBytes
                                    + " bytes",
                            NOTHING));
        }
        try {
            byte[] all = SocketSeam.receiver(scope, transport).receiveAll(maxBytes);
            content = all;
            return all.clone();
        } catch (ReceiveLimitException e) {
            throw tooLong(e);
        }
    }

    void discard(SocketScope scope) throws IOException {
        if (use.get() == Use.DISCARDED) {
            return;
        }
        take(Use.DISCARDED);
        Receiver rest = SocketSeam.receiver(scope, transport);
        while (rest.receiveAny(PIECE_BYTES) != null) {
            // nothing is kept
        }
    }

    /**
     * Notes at the end of a handler whether its socket holds bytes that nobody has read: they are
     * lost with the socket.
     */
    void noteUnread() {
        Receiver taken = socket;
        if (taken != null && SocketSeam.buffered(taken) > 0) {
            leftUnread = true;
        }
    }

    /** Refuses the raw socket when part of the body was read and not all. */
    void refuseHalfRead() {
        Receiver taken = socket;
        boolean unread = leftUnread || taken != null && SocketSeam.buffered(taken) > 0;
        Use known = use.get();
        // a fork may be reading: only what it publishes is looked at
        boolean begun = transport.touched() || known == Use.READ || known == Use.DISCARDED;
        if (unread || begun && !transport.ended()) {
            throw new IllegalStateException("pending request body reading");
        }
    }

    /** Gives the body up to the raw socket. */
    void yieldToRaw() {
        use.set(Use.RAW);
        transport.cancel();
        transport.forget();
    }

    private void take(Use next) {
        if (!use.compareAndSet(Use.UNUSED, next)) {
            throw new IllegalStateException(EXISTS);
        }
    }

    private IOException tooLong(IOException error) {
        tooLong = error;
        return error;
    }

    /** Gives the status that stands for {@code error} when no handler dealt with it, or 0. */
    int statusFor(Throwable error) {
        Throwable failure = transport.failure();
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause == tooLong) {
                return 413;
            }
            if (cause == failure && cause instanceof BodyLimitException limit) {
                return limit.status();
            }
            if (cause == failure && cause instanceof HttpException bad) {
                return bad.getCode();
            }
            if (cause instanceof OperationTimeoutException late && isOfBody(late)) {
                return 408;
            }
        }
        return 0;
    }

    /** Upstream sockets time out too, which is no fault of the client. */
    private boolean isOfBody(OperationTimeoutException late) {
        String words = late.getMessage();
        return words != null && words.startsWith("receive " + transport.kind() + " ");
    }

    /** Tells whether the client left in the middle of the body. */
    boolean abortedByClient() {
        return transport.clientLeft();
    }

    /** Tells whether every byte of the body was received; from any thread. */
    boolean ended() {
        return transport.ended();
    }

    /**
     * Reads what no handler has read, so that the next request begins where it should.
     *
     * @return false when the end was not reached within the limits
     */
    boolean drain(int maxBytes, Deadline deadline) {
        if (expectsContinue && !transport.touched()) {
            return false; // the client sends nothing before it is asked
        }
        ByteBuffer piece = BufferPool.take(PIECE_BYTES);
        transport.drain();
        try {
            int left = maxBytes;
            while (left > 0) {
                int count = transport.tryRead(piece.clear());
                if (count < 0) {
                    return true;
                }
                if (count == 0 && !transport.awaitReadable(deadline)) {
                    return false;
                }
                if (Thread.currentThread().isInterrupted()) {
                    return false;
                }
                left -= count;
            }
            return transport.atEnd();
        } catch (IOException e) {
            return false;
        } finally {
            transport.release();
            BufferPool.give(piece);
        }
    }

    /** Gives back what is held of the body; nobody reads it any more. */
    void release() {
        transport.release();
    }
}
