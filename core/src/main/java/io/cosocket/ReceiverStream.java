package io.cosocket;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;

/** A receiver seen as an input stream. */
final class ReceiverStream extends InputStream {
    private final BufferedReceiver socket;

    ReceiverStream(BufferedReceiver socket) {
        this.socket = socket;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        return length == 0 ? 0 : socket.receive(ByteBuffer.wrap(target, offset, length));
    }

    @Override
    public int available() {
        return socket.buffer.size();
    }
}
