package io.cosocket.transport;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;

/**
 * Gives prepared pieces, one with each read, then the end of the stream; takes every write. At an
 * empty piece a wait is told that its time is up. Needs no peer, no thread and no time, so a test
 * can run through every split of its input.
 */
public final class ScriptedTransport implements Transport {
    private static final SocketAddress ADDRESS =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);

    private final Deque<ByteBuffer> pieces = new ArrayDeque<>();

    private boolean timedOut;

    public ScriptedTransport(Collection<byte[]> pieces) {
        pieces.forEach(piece -> this.pieces.add(ByteBuffer.wrap(piece)));
    }

    @Override
    public int tryRead(ByteBuffer target) {
        ByteBuffer piece = pieces.peek();
        if (piece == null) {
            return -1;
        }
        if (!piece.hasRemaining()) {
            if (timedOut) {
                timedOut = false;
                pieces.remove();
            }
            return 0;
        }
        int count = Math.min(piece.remaining(), target.remaining());
        target.put(piece.slice(piece.position(), count));
        piece.position(piece.position() + count);
        if (!piece.hasRemaining()) {
            pieces.remove();
        }
        return count;
    }

    @Override
    public boolean awaitReadable(Deadline deadline) {
        ByteBuffer piece = pieces.peek();
        timedOut = piece != null && !piece.hasRemaining();
        return !timedOut;
    }

    @Override
    public boolean write(ByteBuffer[] buffers, int offset, int length, Deadline deadline) {
        for (int i = offset; i < offset + length; i++) {
            buffers[i].position(buffers[i].limit());
        }
        return true;
    }

    @Override
    public int tryWrite(ByteBuffer source) {
        int count = source.remaining();
        source.position(source.limit());
        return count;
    }

    @Override
    public boolean cancelled() {
        return false;
    }

    @Override
    public void shutdownSend() {}

    @Override
    public void cancel() {}

    @Override
    public void close() {}

    @Override
    public String kind() {
        return "scripted";
    }

    @Override
    public SocketAddress localAddress() {
        return ADDRESS;
    }

    @Override
    public SocketAddress remoteAddress() {
        return ADDRESS;
    }
}
