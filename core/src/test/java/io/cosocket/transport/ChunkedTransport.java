package io.cosocket.transport;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;

/** Hurts another transport: reads and writes in small pieces, and may end early. */
public class ChunkedTransport implements Transport {
    private final Transport below;
    private final int readBytes;
    private final int writeBytes;
    private long readLimit = Long.MAX_VALUE;
    private boolean pause;

    /** Whether every second try finds nothing, as on a slow line. */
    private final boolean stutter;

    public ChunkedTransport(Transport below, int readBytes, int writeBytes, boolean stutter) {
        this.below = below;
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

    @Override
    public int tryWrite(ByteBuffer source) throws IOException {
        return below.tryWrite(source);
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
    public boolean cancelled() {
        return below.cancelled();
    }

    @Override
    public void close() {
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
