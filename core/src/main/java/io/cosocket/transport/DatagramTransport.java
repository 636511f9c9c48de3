package io.cosocket.transport;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;

/**
 * A datagram channel that is non-blocking for life. Threads: one receives while one sends; {@link
 * #cancel()} from any; {@link #close()} when no thread is inside.
 */
public final class DatagramTransport {
    private final DatagramChannel channel;
    private final Waiter reader;
    private final Waiter writer;

    private DatagramTransport(DatagramChannel channel) {
        this.channel = channel;
        this.reader = Readiness.chosen().reader(channel);
        this.writer = Readiness.chosen().writer(channel, SelectionKey.OP_WRITE);
    }

    /** Opens a channel that is neither bound nor connected. */
    public static DatagramTransport open() throws IOException {
        DatagramChannel channel = DatagramChannel.open();
        try {
            channel.configureBlocking(false);
            return new DatagramTransport(channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Binds to a local address. */
    public void bind(InetSocketAddress address) throws IOException {
        channel.bind(address);
    }

    /** Connects to a peer, in place of the one before. */
    public void connect(InetSocketAddress peer) throws IOException {
        channel.disconnect();
        channel.connect(peer);
    }

    /** Tells whether there is a peer. */
    public boolean isConnected() {
        return channel.isConnected();
    }

    /** Receives what is there; null when nothing is. */
    public @Nullable SocketAddress tryReceive(ByteBuffer target) throws IOException {
        return channel.receive(target);
    }

    /** Parks as {@link Transport#awaitReadable}. */
    public boolean awaitReadable(Deadline deadline) throws IOException {
        return reader.await(deadline);
    }

    /**
     * Sends one datagram, parking while the kernel has no room.
     *
     * @param target the receiver, or null for the connected peer
     * @return false when the deadline passed or the transport was cancelled
     */
    public boolean send(ByteBuffer datagram, @Nullable InetSocketAddress target, Deadline deadline)
            throws IOException {
        boolean empty = !datagram.hasRemaining();
        if (empty
                && channel.getRemoteAddress() instanceof InetSocketAddress peer
                && (target == null || target.equals(peer))) {
            sendEmpty(peer);
            return true;
        }
        boolean inTime = true;
        while (true) {
            int sent = target == null ? channel.write(datagram) : channel.send(datagram, target);
            if (sent > 0 || empty) {
                return true;
            }
            if (!inTime) {
                return false;
            }
            inTime = writer.await(deadline);
            if (writer.cancelled() || Thread.currentThread().isInterrupted()) {
                return false;
            }
        }
    }

    /**
     * Sends an empty datagram, which a connected channel of the JDK takes for nothing to do. A
     * second channel that shares the local address sends it; what arrives meanwhile goes to the
     * connected one, which the kernel prefers.
     */
    private void sendEmpty(InetSocketAddress peer) throws IOException {
        boolean shared = channel.getOption(StandardSocketOptions.SO_REUSEADDR);
        channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        try (DatagramChannel twin = DatagramChannel.open()) {
            twin.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            twin.bind(channel.getLocalAddress());
            twin.send(ByteBuffer.allocate(0), peer);
        } finally {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, shared);
        }
    }

    /** Makes every wait return at once. */
    public void cancel() {
        reader.cancel();
        writer.cancel();
    }

    /** Frees the descriptor. */
    public void close() {
        reader.close();
        writer.close();
        try {
            channel.close();
        } catch (IOException e) {
            // the descriptor is gone either way
        }
    }

    /** Gives the local address, null when not bound or closed. */
    public @Nullable SocketAddress localAddress() {
        try {
            return channel.getLocalAddress();
        } catch (IOException e) {
            return null; // closed meanwhile
        }
    }

    /** Gives the peer, null when there is none. */
    public @Nullable SocketAddress remoteAddress() {
        try {
            return channel.getRemoteAddress();
        } catch (IOException e) {
            return null; // closed meanwhile
        }
    }
}
