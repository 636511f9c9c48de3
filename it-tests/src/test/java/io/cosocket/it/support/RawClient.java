package io.cosocket.it.support;

import org.jspecify.annotations.Nullable;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A client that writes exactly the bytes it is told to. */
public final class RawClient implements Closeable {
    private static final int TIMEOUT_MILLIS = 60_000;

    private final Socket socket;

    public RawClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
    }

    /** Sends all of it in one write. */
    public RawClient send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    /** Reads one line without its end, or null at the end of the stream. */
    public @Nullable String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b; (b = socket.getInputStream().read()) != '\n'; ) {
            if (b < 0) {
                return line.isEmpty() ? null : line.toString();
            }
            if (b != '\r') {
                line.append((char) b);
            }
        }
        return line.toString();
    }

    /** Reads the head of a response and gives its first line. */
    public @Nullable String head() throws IOException {
        String status = line();
        for (String line = status; line != null && !line.isEmpty(); ) {
            line = line();
        }
        return status;
    }

    /** Reads to the end of the stream. */
    public String rest() throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    public void shutdownOutput() throws IOException {
        socket.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
