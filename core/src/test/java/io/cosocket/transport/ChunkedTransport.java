package io.cosocket.transport;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Hurts another transport: reads and writes in small pieces, and may end early. */
public final class ChunkedTransport extends ForwardingTransport {
    private final int readBytes;
    private final int writeBytes;
    private long readLimit = Long.MAX_VALUE;
    private boolean pause;

    /** Whether every second try finds nothing, as on a slow line. */
    private final boolean stutter;

    public ChunkedTransport(Transport below, int readBytes, int writeBytes, boolean stutter) {
        super(below);
        this.readBytes = readBytes;
        this.writeBytes = writeBytes;
        this.stutter = stutter;
    }

    /** The peer is gone after that many bytes. */
    ChunkedTransport endingAfter(long bytes) {
        readLimit = bytes;
        return this;
    }

    @Override
    public int tryRead(ByteBuffer target) throws IOException {
        pause = !pause;
        if (stutter && pause) {
            return 0;
        }
        if (readLimit == 0) {
            return -1;
        }
        int limit = target.limit();
        int most = (int) Math.min(readLimit, readBytes);
        target.limit(Math.min(limit, target.position() + most));
        try {
            int count = below.tryRead(target);
            readLimit -= Math.max(0, count);
            return count;
        } finally {
            target.limit(limit);
        }
    }

    @Override
    public boolean awaitReadable(Deadline deadline) throws IOException {
        return readLimit == 0 || below.awaitReadable(deadline);
    }

    @Override
    public boolean write(ByteBuffer[] buffers, int offset, int length, Deadline deadline)
            throws IOException {
        for (int i = offset; i < offset + length; i++) {
            ByteBuffer buffer = buffers[i];
            int limit = buffer.limit();
            while (buffer.position() < limit) {
                buffer.limit(Math.min(limit, buffer.position() + writeBytes));
                if (!below.write(buffers, i, 1, deadline)) {
                    buffer.limit(limit);
                    return false;
                }
                buffer.limit(limit);
            }
        }
        return true;
    }
}
