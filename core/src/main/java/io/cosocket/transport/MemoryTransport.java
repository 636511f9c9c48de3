package io.cosocket.transport;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/** One end of a connection in memory; each direction holds at most 64 KiB. */
public final class MemoryTransport implements Transport {
    private static final int PIPE_BYTES = 64 << 10;

    /** Stands for the address of an end. */
    private static final class End extends SocketAddress {
        private static final long serialVersionUID = 1;
        private final String name;

        End(String name) {
            this.name = name;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private final Pipe in;
    private final Pipe out;
    private final SocketAddress local;
    private final SocketAddress remote;

    private MemoryTransport(Pipe in, Pipe out, String local, String remote) {
        this.in = in;
        this.out = out;
        this.local = new End(local);
        this.remote = new End(remote);
    }

    /** Makes two joined ends. */
    public static MemoryTransport[] pair() {
        Pipe toRight = new Pipe();
        Pipe toLeft = new Pipe();
        return new MemoryTransport[] {
            new MemoryTransport(toLeft, toRight, "left", "right"),
            new MemoryTransport(toRight, toLeft, "right", "left")
        };
    }

    @Override
    public int tryRead(ByteBuffer target) {
        return in.read(target);
    }

    @Override
    public boolean awaitReadable(Deadline deadline) {
        return in.readable.await(deadline, in);
    }

    @Override
    public boolean write(ByteBuffer[] buffers, int offset, int length, Deadline deadline)
            throws IOException {
        for (int i = offset; i < offset + length; i++) {
            ByteBuffer buffer = buffers[i];
            while (buffer.hasRemaining()) {
                if (out.writable.cancelled || Thread.currentThread().isInterrupted()) {
                    return false;
                }
                int count = out.write(buffer);
                if (count == 0 && !out.writable.await(deadline, out)) {
                    count = out.write(buffer);
                    if (count == 0) {
                        return false;
                    }
                }
                if (count > 0) {
                    deadline.progress();
                }
            }
        }
        return true;
    }

    @Override
    public void shutdownSend() {
        out.end();
    }

    @Override
    public int tryWrite(ByteBuffer source) throws IOException {
        return out.write(source);
    }

    @Override
    public boolean cancelled() {
        return in.readable.cancelled;
    }

    @Override
    public void cancel() {
        in.readable.cancel();
        out.writable.cancel();
    }

    @Override
    public void close() {
        out.end();
        in.abandon();
    }

    @Override
    public String kind() {
        return "memory";
    }

    @Override
    public SocketAddress localAddress() {
        return local;
    }

    @Override
    public SocketAddress remoteAddress() {
        return remote;
    }

    /** The thread that waits at one end of a pipe. */
    private static final class Side extends TimeoutWheel.Timed {
        volatile boolean cancelled;
        private volatile @Nullable Thread waiting;

        /** Parks unless {@code pipe} has something for this side. */
        boolean await(Deadline deadline, Pipe pipe) {
            waiting = Thread.currentThread();
            if (!cancelled && !Thread.currentThread().isInterrupted() && !pipe.ready(this)) {
                TimeoutWheel.shared().park(this, deadline);
            }
            waiting = null;
            return !deadline.expired();
        }

        void cancel() {
            cancelled = true;
            fire();
        }

        @Override
        protected void fire() {
            Thread thread = waiting;
            if (thread != null) {
                LockSupport.unpark(thread);
            }
        }
    }

    /** A ring of bytes with one writer and one reader. */
    private static final class Pipe {
        final Side readable = new Side();
        final Side writable = new Side();
        private final ReentrantLock lock = new ReentrantLock();
        // guarded by lock
        private @Nullable ByteBuffer ring;
        private int start;
        private int count;
        private boolean ended;
        private boolean abandoned;

        int read(ByteBuffer target) {
            int taken = 0;
            lock.lock();
            try {
                ByteBuffer memory = ring;
                if (count == 0 || memory == null) {
                    return ended ? -1 : 0;
                }
                byte[] bytes = memory.array();
                while (count > 0 && target.hasRemaining()) {
                    int piece = Math.min(count, Math.min(target.remaining(), PIPE_BYTES - start));
                    target.put(bytes, start, piece);
                    start = (start + piece) % PIPE_BYTES;
                    count -= piece;
                    taken += piece;
                }
                if (count == 0) {
                    release(); // an idle pipe holds no memory
                }
            } finally {
                lock.unlock();
            }
            writable.fire();
            return taken;
        }

        int write(ByteBuffer source) throws IOException {
            int put = 0;
            lock.lock();
            try {
                if (abandoned || ended) {
                    throw new IOException("Broken pipe");
                }
                if (ring == null) {
                    ring = BufferPool.take(PIPE_BYTES);
                }
                byte[] bytes = ring.array();
                while (count < PIPE_BYTES && source.hasRemaining()) {
                    int end = (start + count) % PIPE_BYTES;
                    int piece =
                            Math.min(
                                    source.remaining(),
                                    Math.min(PIPE_BYTES - count, PIPE_BYTES - end));
                    source.get(bytes, end, piece);
                    count += piece;
                    put += piece;
                }
            } finally {
                lock.unlock();
            }
            readable.fire();
            return put;
        }

        private void release() {
            start = 0;
            count = 0;
            if (ring != null) {
                BufferPool.give(ring);
                ring = null;
            }
        }

        boolean ready(Side side) {
            lock.lock();
            try {
                return side == readable
                        ? count > 0 || ended
                        : count < PIPE_BYTES || abandoned || ended;
            } finally {
                lock.unlock();
            }
        }

        void end() {
            lock.lock();
            try {
                ended = true;
            } finally {
                lock.unlock();
            }
            readable.fire();
        }

        void abandon() {
            lock.lock();
            try {
                abandoned = true;
                ended = true;
                release();
            } finally {
                lock.unlock();
            }
            writable.fire();
        }
    }
}
