package io.cosocket;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;

/** A sender seen as an output stream. */
final class SenderStream extends OutputStream {
    private final Sender socket;

    SenderStream(Sender socket) {
        this.socket = socket;
    }

    @Override
    public void write(int value) throws IOException {
        socket.send(new byte[] {(byte) value});
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length); // as output streams do
        socket.send(bytes, offset, length);
    }
}
