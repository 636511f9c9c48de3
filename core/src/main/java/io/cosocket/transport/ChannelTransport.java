package io.cosocket.transport;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/** TCP and Unix-domain stream connections on a channel that is non-blocking for life. */
public final class ChannelTransport implements Transport {
    /** One write hands at most this much to the kernel, so that progress is seen and timed. */
    private static final int SLICE_BYTES = 256 << 10;

    private final SocketChannel channel;
    private final SocketAddress remote;

    /** Closes the channel in the place of {@link #close()}, for one that is only borrowed. */
    private final @Nullable Runnable closer;

    private final GivingWay beforeWait = new GivingWay();

    private volatile SocketAddress local;
    private volatile boolean cancelled;
    private volatile @Nullable Waiter reader;
    private volatile @Nullable Waiter writer;

    private ChannelTransport(SocketChannel channel, SocketAddress remote, @Nullable Runnable closer)
            throws IOException {
        this.channel = channel;
        this.remote = remote;
        this.closer = closer;
        this.local = channel.getLocalAddress();
    }

    /**
     * Opens a channel that is not connected yet.
     *
     * @param bindTo the local address, or null for any
     */
    public static ChannelTransport open(SocketAddress remote, @Nullable SocketAddress bindTo)
            throws IOException {
        boolean unix = remote instanceof UnixDomainSocketAddress;
        SocketChannel channel =
                unix ? SocketChannel.open(StandardProtocolFamily.UNIX) : SocketChannel.open();
        try {
            channel.configureBlocking(false);
            if (!unix) {
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                if (bindTo != null) {
                    channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
                    channel.bind(bindTo);
                }
            }
            return new ChannelTransport(channel, remote, null);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /**
     * Borrows a connected channel that is non-blocking and that nobody else reads, writes or waits
     * on meanwhile.
     *
     * @param closer closes it, when no thread is inside any more
     */
    public static ChannelTransport over(SocketChannel channel, Runnable closer) throws IOException {
        return new ChannelTransport(channel, channel.getRemoteAddress(), closer);
    }

    /**
     * Connects; parks at most until the deadline.
     *
     * @return false when the deadline passed, {@link #cancel()} was called or the thread was
     *     interrupted
     */
    public boolean connect(Deadline deadline) throws IOException {
        if (remote instanceof UnixDomainSocketAddress) {
            return connectUnix();
        }
        boolean connected = channel.connect(remote);
        Waiter waiter =
                connected ? null : Readiness.chosen().writer(channel, SelectionKey.OP_CONNECT);
        try {
            while (!connected) {
                if (stopped()) {
                    return false;
                }
                setWriter(waiter);
                boolean inTime = waiter.await(deadline);
                connected = channel.finishConnect();
                if (!connected && !inTime) {
                    return false;
                }
            }
        } finally {
            // connecting registers another interest than writing does
            writer = null;
            if (waiter != null) {
                waiter.close();
            }
        }
        local = channel.getLocalAddress();
        return !stopped();
    }

    /** A Unix-domain connect answers at once. */
    private boolean connectUnix() throws IOException {
        if (!channel.connect(remote)) {
            throw new IOException("the connect did not answer at once");
        }
        local = channel.getLocalAddress();
        return !stopped();
    }

    /**
     * Tells whether a Unix-domain connect failed because its listener has no room now. The JDK has
     * closed the channel then; another try needs another one.
     */
    public static boolean isBacklogFull(IOException error) {
        return String.valueOf(error.getMessage()).contains("temporarily unavailable");
    }

    @Override
    public int tryRead(ByteBuffer target) throws IOException {
        int count = channel.read(target);
        if (count != 0) {
            beforeWait.found();
        }
        return count;
    }

    @Override
    public boolean awaitReadable(Deadline deadline) throws IOException {
        if (beforeWait.giveWay()) {
            return true;
        }
        Waiter waiter = reader;
        if (waiter == null) {
            waiter = Readiness.chosen().reader(channel);
            reader = waiter;
            if (cancelled) {
                waiter.cancel();
            }
        }
        return waiter.await(deadline);
    }

    @Override
    public boolean write(ByteBuffer[] buffers, int offset, int length, Deadline deadline)
            throws IOException {
        int next = offset;
        int end = offset + length;
        while (true) {
            while (next < end && !buffers[next].hasRemaining()) {
                next++;
            }
            if (next == end) {
                return true;
            }
            if (stopped()) {
                return false;
            }
            long count = writeSome(buffers, next, end);
            if (count == 0 && !awaitWritable(deadline)) {
                count = writeSome(buffers, next, end);
                if (count == 0) {
                    return false;
                }
            }
            if (count > 0) {
                deadline.progress();
            }
        }
    }

    private long writeSome(ByteBuffer[] buffers, int next, int end) throws IOException {
        ByteBuffer first = buffers[next];
        if (first.remaining() > SLICE_BYTES) {
            int limit = first.limit();
            first.limit(first.position() + SLICE_BYTES);
            try {
                return channel.write(first);
            } finally {
                first.limit(limit);
            }
        }
        int count = gathered(buffers, next, end);
        return count == 1 ? channel.write(first) : channel.write(buffers, next, count);
    }

    /** The JDK copies all it is given before it asks the kernel, so it is given one slice. */
    private static int gathered(ByteBuffer[] buffers, int next, int end) {
        long bytes = buffers[next].remaining();
        int last = next + 1;
        while (last < end && bytes + buffers[last].remaining() <= SLICE_BYTES) {
            bytes += buffers[last].remaining();
            last++;
        }
        return last - next;
    }

    private boolean awaitWritable(Deadline deadline) throws IOException {
        Waiter waiter = writer;
        if (waiter == null) {
            waiter = Readiness.chosen().writer(channel, SelectionKey.OP_WRITE);
            setWriter(waiter);
        }
        return waiter.await(deadline);
    }

    private void setWriter(Waiter waiter) {
        writer = waiter;
        if (cancelled) {
            waiter.cancel();
        }
    }

    private boolean stopped() {
        return cancelled || Thread.currentThread().isInterrupted();
    }

    @Override
    public void shutdownSend() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public int tryWrite(ByteBuffer source) throws IOException {
        return channel.write(source);
    }

    @Override
    public boolean cancelled() {
        return cancelled;
    }

    @Override
    public void cancel() {
        cancelled = true;
        Waiter in = reader;
        if (in != null) {
            in.cancel();
        }
        Waiter out = writer;
        if (out != null) {
            out.cancel();
        }
    }

    @Override
    public void close() {
        Waiter in = reader;
        if (in != null) {
            in.close();
        }
        Waiter out = writer;
        if (out != null) {
            out.close();
        }
        if (closer != null) {
            closer.run();
            return;
        }
        try {
            channel.close();
        } catch (IOException e) {
            // the descriptor is gone either way
        }
    }

    /**
     * Registers the channel for reading, for the connection's life; for whoever watches it while
     * nobody uses it.
     */
    public SelectionKey watch(Selector selector, Object attachment) throws ClosedChannelException {
        return channel.register(selector, SelectionKey.OP_READ, attachment);
    }

    /** Sets a socket option. */
    public <T> void option(SocketOption<T> name, T value) throws IOException {
        channel.setOption(name, value);
    }

    /** Reads a socket option. */
    public <T> T option(SocketOption<T> name) throws IOException {
        return channel.getOption(name);
    }

    @Override
    public String kind() {
        return remote instanceof InetSocketAddress ? "tcp" : "unix";
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
