package io.cosocket.http;

import io.cosocket.transport.Deadline;
import io.cosocket.transport.Transport;

import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.thread.Invocable;
import org.jspecify.annotations.Nullable;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The decoded request body, chunk by chunk as Jetty's parser gives it. Reads only; never sees a
 * byte beyond the body.
 *
 * <p>A demand cannot be taken back: it stays after a time-out, and the next wait goes on with it.
 *
 * <p>Threads: one reader; {@link #cancel()} from any thread.
 */
final class BodyTransport implements Transport {
    private static final Content.Chunk END = Content.Chunk.EOF;

    /** A client may begin slowly: the rate counts once it was waited for so long. */
    private static final long GRACE_SECONDS = 2;

    /** Null once the body was left to the raw socket. */
    private volatile @Nullable Request request;

    private final SocketAddress local;
    private final SocketAddress remote;
    private final HttpLimits limits;
    private final Readable readable = new Readable();

    // the reader's alone
    private Content.@Nullable Chunk chunk;
    private boolean demanded;
    private boolean draining;
    private long taken;
    private long waitedNanos;

    private volatile boolean touched;
    private volatile boolean ended;
    private volatile @Nullable Throwable failure;
    private volatile boolean clientLeft;

    /** The last look found nothing, so that the next one is saved; the reader's alone. */
    private boolean lookedInVain;

    BodyTransport(Request request, SocketAddress local, SocketAddress remote, HttpLimits limits) {
        this.request = request;
        this.local = local;
        this.remote = remote;
        this.limits = limits;
    }

    private static final class Readable extends Signal implements Invocable.Task {
        @Override
        public void run() {
            raise();
        }

        /** Anything else would cost a thread for each wake-up. */
        @Override
        public InvocationType getInvocationType() {
            return InvocationType.NON_BLOCKING;
        }
    }

    /** Tells whether the end was seen; from any thread. */
    boolean ended() {
        return ended;
    }

    /** Tells whether any of the body was taken or asked for. */
    boolean touched() {
        return touched;
    }

    /** Tells whether Jetty still holds a demand of ours. */
    private boolean demandPending() {
        return demanded && !readable.raised();
    }

    /** Why the body cannot be read to its end, or null. */
    @Nullable Throwable failure() {
        return failure;
    }

    /** Tells whether the body cannot be read to its end because the client left. */
    boolean clientLeft() {
        return clientLeft;
    }

    /** Tells whether the whole body was taken; looks, never waits. */
    boolean atEnd() {
        return next() == END;
    }

    @Override
    public int tryRead(ByteBuffer target) throws IOException {
        if (lookedInVain) {
            lookedInVain = false;
            if (failure == null) {
                return 0;
            }
        }
        Content.Chunk current = next();
        if (current == END) {
            return -1;
        }
        Throwable cause = failure;
        if (cause != null) {
            throw broken(cause);
        }
        if (current == null) {
            return 0;
        }
        ByteBuffer bytes = current.getByteBuffer();
        int count = Math.min(bytes.remaining(), target.remaining());
        target.put(target.position(), bytes, bytes.position(), count);
        target.position(target.position() + count);
        bytes.position(bytes.position() + count);
        taken += count;
        if (!draining) {
            refuseTooMuchOrTooSlow();
        }
        if (!bytes.hasRemaining()) {
            // sees the end, so that the client's leaving can be watched for
            lookedInVain = next() == null;
        }
        return count;
    }

    private void refuseTooMuchOrTooSlow() throws BodyLimitException {
        if (taken > limits.bodyBytes()) {
            throw fail(BodyLimitException.tooLong(limits.bodyBytes()));
        }
        long seconds = waitedNanos / 1_000_000_000;
        if (seconds >= GRACE_SECONDS && taken < seconds * limits.bodyBytesPerSecond()) {
            throw fail(BodyLimitException.tooSlow(limits.bodyBytesPerSecond()));
        }
    }

    /** Gives a chunk with bytes, {@link #END}, or null when nothing is there now or all failed. */
    private Content.@Nullable Chunk next() {
        while (failure == null) {
            Content.Chunk current = chunk;
            if (current == END) {
                ended = true;
                return END;
            }
            if (current != null) {
                if (current.hasRemaining()) {
                    return current;
                }
                boolean last = current.isLast();
                current.release();
                chunk = last ? END : null;
                continue;
            }
            if (demandPending()) {
                return null;
            }
            demanded = false;
            Request known = request;
            current = known == null ? END : known.read();
            if (current == null) {
                return null;
            }
            touched = true;
            if (!Content.Chunk.isFailure(current)) {
                chunk = current;
            } else if (current.isLast()) {
                clientLeft = !isMalformed(known, current.getFailure());
                failure = current.getFailure();
            }
            // a failure that is not the last is Jetty's idle time-out; the socket has its own
        }
        return null;
    }

    /** Jetty calls broken framing an early end too; then the client has not ended its side. */
    private static boolean isMalformed(Request request, Throwable cause) {
        EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
        return cause instanceof HttpException
                && !(cause instanceof EOFException && endPoint.isInputShutdown());
    }

    private BodyLimitException fail(BodyLimitException cause) {
        failure = cause;
        Content.Chunk current = chunk;
        chunk = null;
        if (current != null) {
            current.release();
        }
        return cause;
    }

    private IOException broken(Throwable cause) {
        if (cause instanceof BodyLimitException limit) {
            return limit;
        }
        if (!clientLeft) {
            return new IOException("malformed request body", cause);
        }
        EOFException aborted = new EOFException("client aborted");
        aborted.initCause(cause);
        return aborted;
    }

    @Override
    public boolean awaitReadable(Deadline deadline) throws BodyLimitException {
        int rate = limits.bodyBytesPerSecond();
        if (rate == 0 || draining) {
            return await(deadline);
        }
        long mostSeconds = Math.max(GRACE_SECONDS, taken / rate + 1);
        long leftNanos = TimeUnit.SECONDS.toNanos(mostSeconds) - waitedNanos;
        if (deadline.remainingNanos() <= leftNanos) {
            return await(deadline);
        }
        // a client that sends nothing at all is too slow as well
        if (!await(Deadline.after(Duration.ofNanos(leftNanos)))) {
            throw fail(BodyLimitException.tooSlow(rate));
        }
        return true;
    }

    private boolean await(Deadline deadline) {
        if (!demanded) {
            touched = true;
            readable.lower();
            demanded = true;
            Request known = request;
            if (known != null) {
                known.demand(readable);
            }
        }
        long since = System.nanoTime();
        boolean inTime = readable.await(deadline);
        waitedNanos += System.nanoTime() - since;
        return inTime;
    }

    /** Gives back what is held; the reader has left. */
    void release() {
        Content.Chunk current = chunk;
        if (current != null && current != END) {
            chunk = current.isLast() ? END : null;
            current.release();
        }
    }

    @Override
    public boolean write(ByteBuffer[] buffers, int offset, int length, Deadline deadline) {
        throw new UnsupportedOperationException("attempt to write to request sockets");
    }

    @Override
    public void shutdownSend() {}

    @Override
    public void cancel() {
        readable.cancel();
    }

    /** Leaves the body to the raw socket: it is at its end here. */
    void forget() {
        request = null;
    }

    /** Lets the exchange drain the body, whose limits count no more, after the socket's close. */
    void drain() {
        readable.revive();
        draining = true;
        if (failure instanceof BodyLimitException limit && limit.status() == 413) {
            failure = null;
        }
    }

    /** The body belongs to the exchange, which may have to drain it. */
    @Override
    public void close() {}

    @Override
    public String kind() {
        return "request";
    }

    @Override
    public SocketAddress localAddress() {
        return local;
    }

    @Override
    public SocketAddress remoteAddress() {
        return remote;
    }
}
