package io.cosocket.http;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;

/** The response body as a stream. */
final class ResponseStream extends OutputStream {
    private final ResponseOutput output;

    ResponseStream(ResponseOutput output) {
        this.output = output;
    }

    @Override
    public void write(int b) throws IOException {
        output.print(new byte[] {(byte) b}, true);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        output.print(bytes, offset, length, false);
    }

    @Override
    public void flush() throws IOException {
        output.flush();
    }

    /** The response ends with the exchange. */
    @Override
    public void close() throws IOException {
        output.flushIfOpen();
    }
}
