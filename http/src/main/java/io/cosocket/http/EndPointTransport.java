package io.cosocket.http;

import io.cosocket.transport.Deadline;
import io.cosocket.transport.Transport;

import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.io.EndPoint;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.CancellationException;

/**
 * A client's connection through Jetty's end point: the way to bytes that Jetty decrypts.
 *
 * <p>A registered interest in reading cannot be taken back: it stays after a time-out, and the next
 * wait goes on with it.
 */
final class EndPointTransport implements Transport {
    /** What is given to the end point at once; it copies heap bytes for every attempt. */
    private static final int SLICE_BYTES = 64 << 10;

    private static final CancellationException LEFT = new CancellationException("reader left");

    private final EndPoint endPoint;
    private final SocketAddress local;
    private final SocketAddress remote;
    private final Completion readable = new Completion();
    private final Completion writable = new Completion();

    /** Interest is registered and {@link #readable} not yet raised; the reader's alone. */
    private boolean armed;

    private final Runnable closer;

    EndPointTransport(EndPoint endPoint) {
        this(endPoint, endPoint::close);
    }

    /** {@code closer} closes the connection in the place of {@link #close()}. */
    EndPointTransport(EndPoint endPoint, Runnable closer) {
        this.endPoint = endPoint;
        this.closer = closer;
        this.local = endPoint.getLocalSocketAddress();
        this.remote = endPoint.getRemoteSocketAddress();
    }

    /**
     * Jetty fills behind the limit of a buffer and moves the limit; an empty one it fills whole.
     */
    @Override
    public int tryRead(ByteBuffer target) throws IOException {
        if (target.position() > 0 || target.limit() < target.capacity()) {
            ByteBuffer room = target.slice().limit(0);
            int count = endPoint.fill(room);
            target.position(target.position() + Math.max(0, count));
            return count;
        }
        target.limit(0);
        int count = 0;
        try {
            count = endPoint.fill(target);
        } finally {
            target.limit(target.capacity()).position(Math.max(0, count));
        }
        return count;
    }

    @Override
    public boolean awaitReadable(Deadline deadline) throws IOException {
        if (!armed) {
            readable.lower();
            if (!endPoint.tryFillInterested(readable)) {
                throw new IOException("the connection is being read elsewhere");
            }
            armed = true;
        }
        boolean inTime = readable.await(deadline);
        if (readable.raised()) {
            armed = false;
        }
        return inTime;
    }

    @Override
    public boolean write(ByteBuffer[] buffers, int offset, int length, Deadline deadline)
            throws IOException {
        long all = remaining(buffers, offset, length);
        if (length > 1 && all <= SLICE_BYTES && all > 0) {
            // the usual message of head and body leaves in one system call
            flush(slice(buffers, offset, length));
        }
        for (int i = offset; i < offset + length; i++) {
            while (buffers[i].hasRemaining()) {
                if (!writeOne(buffers[i], deadline)) {
                    return false;
                }
            }
        }
        return true;
    }

    private static long remaining(ByteBuffer[] buffers, int offset, int length) {
        long sum = 0;
        for (int i = offset; i < offset + length; i++) {
            sum += buffers[i].remaining();
        }
        return sum;
    }

    private static ByteBuffer[] slice(ByteBuffer[] buffers, int offset, int length) {
        return offset == 0 && length == buffers.length
                ? buffers
                : Arrays.copyOfRange(buffers, offset, offset + length);
    }

    /** Writes at most a slice of the buffer; false when it could not in time. */
    private boolean writeOne(ByteBuffer buffer, Deadline deadline) throws IOException {
        if (writable.cancelled() || Thread.currentThread().isInterrupted()) {
            return false;
        }
        int limit = buffer.limit();
        int before = buffer.position();
        buffer.limit(Math.min(limit, before + SLICE_BYTES));
        try {
            boolean all = flush(buffer);
            if (buffer.position() > before) {
                deadline.progress();
            }
            return all || awaitWritten(buffer, deadline);
        } finally {
            buffer.limit(limit);
        }
    }

    private boolean flush(ByteBuffer... buffers) throws IOException {
        try {
            return endPoint.flush(buffers);
        } catch (EOFException e) {
            throw e.getCause() instanceof IOException cause ? cause : e;
        }
    }

    /** Parks until the end point has written the slice; bytes taken meanwhile are progress. */
    private boolean awaitWritten(ByteBuffer buffer, Deadline deadline) throws IOException {
        writable.lower();
        int before = buffer.remaining();
        endPoint.write(writable, buffer);
        while (true) {
            boolean inTime = writable.await(deadline);
            if (writable.raised()) {
                Throwable failure = writable.failure();
                if (failure == null) {
                    deadline.progress();
                    return true;
                }
                throw failure instanceof IOException e ? e : new IOException(failure);
            }
            int now = buffer.remaining();
            if (inTime || now == before) {
                endPoint.cancelWrite(new CancellationException("write given up"));
                return false;
            }
            before = now;
            deadline.progress();
        }
    }

    @Override
    public void shutdownSend() {
        endPoint.shutdownOutput();
    }

    @Override
    public void cancel() {
        readable.cancel();
        writable.cancel();
    }

    @Override
    public void close() {
        if (armed) {
            // left by a read that timed out: Jetty would cut the connection off because of it
            armed = false;
            ((AbstractEndPoint) endPoint).getFillInterest().onFail(LEFT);
        }
        closer.run();
    }

    @Override
    public String kind() {
        if (endPoint.getSslSessionData() != null) {
            return "tls";
        }
        return local instanceof UnixDomainSocketAddress ? "unix" : "tcp";
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
