package io.cosocket;

import java.io.IOException;
import java.io.OutputStream;

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
        socket.send(bytes, offset, length);
    }
}
