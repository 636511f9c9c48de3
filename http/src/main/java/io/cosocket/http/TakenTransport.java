package io.cosocket.http;

import io.cosocket.transport.Deadline;
import io.cosocket.transport.Transport;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;

/**
 * A connection in the middle of its life: the bytes that were received before it was taken over
 * come first, and the line end that the response still owes is sent first. Counts both directions.
 */
final class TakenTransport implements Transport {
    private final Transport below;

    /** The reader's alone. */
    private @Nullable ByteBuffer preRead;

    /** The line end of the last chunk, which the first bytes sent must begin with. */
    private @Nullable ByteBuffer owed;

    private volatile long bytesIn;
    private volatile long bytesOut;
    private volatile boolean endSeen;

    TakenTransport(Transport below, @Nullable ByteBuffer preRead, boolean owesLineEnd) {
        this.below = below;
        this.preRead = preRead;
        this.owed = owesLineEnd ? ByteBuffer.wrap(new byte[] {'\r', '\n'}) : null;
    }

    long bytesIn() {
        return bytesIn;
    }

    long bytesOut() {
        return bytesOut;
    }

    /** Tells whether the client ended its sending side, as far as reads have seen. */
    boolean endSeen() {
        return endSeen;
    }

    @Override
    public int tryRead(ByteBuffer target) throws IOException {
        ByteBuffer first = preRead;
        int count = first == null ? below.tryRead(target) : takePreRead(first, target);
        if (count > 0) {
            bytesIn += count;
        } else if (count < 0) {
            endSeen = true;
        }
        return count;
    }

    private int takePreRead(ByteBuffer first, ByteBuffer target) {
        int count = Math.min(first.remaining(), target.remaining());
        target.put(target.position(), first, first.position(), count);
        target.position(target.position() + count);
        first.position(first.position() + count);
        if (!first.hasRemaining()) {
            preRead = null;
        }
        return count;
    }

    @Override
    public boolean awaitReadable(Deadline deadline) throws IOException {
        return below.awaitReadable(deadline);
    }

    @Override
    public boolean write(ByteBuffer[] buffers, int offset, int length, Deadline deadline)
            throws IOException {
        ByteBuffer first = owed;
        if (first != null) {
            if (!below.write(new ByteBuffer[] {first}, 0, 1, deadline)) {
                return false;
            }
            owed = null;
        }
        long before = remaining(buffers, offset, length);
        try {
            return below.write(buffers, offset, length, deadline);
        } finally {
            bytesOut += before - remaining(buffers, offset, length);
        }
    }

    private static long remaining(ByteBuffer[] buffers, int offset, int length) {
        long sum = 0;
        for (int i = offset; i < offset + length; i++) {
            sum += buffers[i].remaining();
        }
        return sum;
    }

    @Override
    public void shutdownSend() throws IOException {
        below.shutdownSend();
    }

    @Override
    public void cancel() {
        below.cancel();
    }

    @Override
    public void close() {
        preRead = null;
        below.close();
    }

    @Override
    public String kind() {
        return below.kind();
    }

    @Override
    public SocketAddress localAddress() {
        return below.localAddress();
    }

    @Override
    public SocketAddress remoteAddress() {
        return below.remoteAddress();
    }
}
