package io.cosocket.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Supplier;

/** Breaks when so many bytes were read or written. */
public final class FaultyTransport extends ForwardingTransport {
    private final Supplier<IOException> fault;
    private long readsLeft;
    private long writesLeft;

    private FaultyTransport(
            Transport below, long readsLeft, long writesLeft, Supplier<IOException> fault) {
        super(below);
        this.readsLeft = readsLeft;
        this.writesLeft = writesLeft;
        this.fault = fault;
    }

    /** Breaks once {@code bytes} were read. */
    public static FaultyTransport reading(
            Transport below, long bytes, Supplier<IOException> fault) {
        return new FaultyTransport(below, bytes, Long.MAX_VALUE, fault);
    }

    /** Breaks with the first write after {@code bytes} were written. */
    public static FaultyTransport writing(
            Transport below, long bytes, Supplier<IOException> fault) {
        return new FaultyTransport(below, Long.MAX_VALUE, bytes, fault);
    }

    @Override
    public int tryRead(ByteBuffer target) throws IOException {
        if (readsLeft == 0) {
            throw fault.get();
        }
        int limit = target.limit();
        target.limit((int) Math.min(limit, target.position() + readsLeft));
        try {
            int count = below.tryRead(target);
            readsLeft -= Math.max(0, count);
            return count;
        } finally {
            target.limit(limit);
        }
    }

    @Override
    public boolean awaitReadable(Deadline deadline) throws IOException {
        return readsLeft == 0 || below.awaitReadable(deadline);
    }

    @Override
    public boolean write(ByteBuffer[] buffers, int offset, int length, Deadline deadline)
            throws IOException {
        for (int i = offset; i < offset + length; i++) {
            if (buffers[i].remaining() > writesLeft) {
                throw fault.get();
            }
            writesLeft -= buffers[i].remaining();
            if (!below.write(buffers, i, 1, deadline)) {
                return false;
            }
        }
        return true;
    }
}
