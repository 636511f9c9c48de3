package io.cosocket.transport;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;

/** A far end over another transport. */
public final class TransportPeer implements Peer {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Transport transport;

    public TransportPeer(Transport transport) {
        this.transport = transport;
    }

    @Override
    public void send(byte[] bytes) throws IOException {
        ByteBuffer[] one = {ByteBuffer.wrap(bytes)};
        if (!transport.write(one, 0, 1, Deadline.ofInactivity(PATIENCE))) {
            throw new IOException("the peer could not send");
        }
    }

    @Override
    public byte[] receive(int count) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(count);
        while (target.hasRemaining()) {
            if (read(target) < 0) {
                throw new EOFException("the peer got " + target.position() + " of " + count);
            }
        }
        return target.array();
    }

    @Override
    public boolean atEnd() throws IOException {
        return read(ByteBuffer.allocate(1)) < 0;
    }

    private int read(ByteBuffer target) throws IOException {
        Deadline deadline = Deadline.after(PATIENCE);
        int count;
        while ((count = transport.tryRead(target)) == 0) {
            if (!transport.awaitReadable(deadline)) {
                throw new IOException("nothing came to the peer");
            }
        }
        return count;
    }

    @Override
    public void endSending() throws IOException {
        transport.shutdownSend();
    }

    @Override
    public void reset() {
        close();
    }

    @Override
    public void close() {
        transport.cancel();
        transport.close();
    }
}
