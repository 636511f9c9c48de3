package io.cosocket.transport;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;

/** A transport over another one; what decorators do not change. */
public abstract class ForwardingTransport implements Transport {
    final Transport below;

    protected ForwardingTransport(Transport below) {
        this.below = below;
    }

    @Override
    public int tryRead(ByteBuffer target) throws IOException {
        return below.tryRead(target);
    }

    @Override
    public boolean awaitReadable(Deadline deadline) throws IOException {
        return below.awaitReadable(deadline);
    }

    @Override
    public boolean write(ByteBuffer[] buffers, int offset, int length, Deadline deadline)
            throws IOException {
        return below.write(buffers, offset, length, deadline);
    }

    @Override
    public int tryWrite(ByteBuffer source) throws IOException {
        return below.tryWrite(source);
    }

    @Override
    public boolean cancelled() {
        return below.cancelled();
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
