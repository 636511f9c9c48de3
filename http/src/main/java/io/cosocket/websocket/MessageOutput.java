package io.cosocket.websocket;

import java.io.IOException;
import java.io.OutputStream;

/** Sends one message in fragments, each when the buffer is full or flushed; closing ends it. */
final class MessageOutput extends OutputStream {
    private final FrameSender sender;
    private final int opcode;
    private final byte[] buffer;
    private int count;
    private boolean closed;

    MessageOutput(FrameSender sender, int opcode, int fragmentBytes) {
        this.sender = sender;
        this.opcode = opcode;
        this.buffer = new byte[fragmentBytes];
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        if (closed) {
            throw new IOException("the message has ended");
        }
        int at = offset;
        int end = offset + length;
        while (at < end) {
            if (count == buffer.length) {
                flush();
            }
            int part = Math.min(end - at, buffer.length - count);
            System.arraycopy(bytes, at, buffer, count, part);
            count += part;
            at += part;
        }
    }

    @Override
    public void flush() throws IOException {
        if (count > 0) {
            sender.data(opcode, buffer, 0, count, false);
            count = 0;
        }
    }

    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            int rest = count;
            count = 0; // a late flush begins no other message
            sender.data(opcode, buffer, 0, rest, true);
        }
    }
}
