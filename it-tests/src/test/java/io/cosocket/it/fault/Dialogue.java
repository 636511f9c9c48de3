package io.cosocket.it.fault;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/** One connection to the server, on which a client may do right or wrong. */
final class Dialogue implements Closeable {
    /** Nothing a test asks for takes so long: the server forgot the client. */
    private static final int TIMEOUT_MILLIS = 60_000;

    /** A response: its status and what it said. */
    record Answer(int status, byte[] body) {
        String text() {
            return new String(body, StandardCharsets.ISO_8859_1);
        }
    }

    private final Socket socket;
    private final InputStream in;

    Dialogue(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        in = new BufferedInputStream(socket.getInputStream(), 16_384);
    }

    void send(String text) throws IOException {
        send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** Sends in a few pieces of any length. */
    void sendSplit(byte[] bytes, Random random) throws IOException {
        int from = 0;
        for (int pieces = random.nextInt(4); pieces > 0 && from < bytes.length; pieces--) {
            int to = from + random.nextInt(bytes.length - from + 1);
            socket.getOutputStream().write(bytes, from, to - from);
            from = to;
        }
        socket.getOutputStream().write(bytes, from, bytes.length - from);
    }

    /** Reads one response. */
    Answer answer() throws IOException {
        String first = line();
        String[] words = first.split(" ", 3);
        if (words.length < 2 || !words[0].equals("HTTP/1.1")) {
            throw new AssertionError("not a status line: " + first);
        }
        int status = Integer.parseInt(words[1]);
        Map<String, String> headers = new HashMap<>();
        for (String line; !(line = line()).isEmpty(); ) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        if (status < 200) {
            return new Answer(status, new byte[0]);
        }
        if ("chunked".equals(headers.get("transfer-encoding"))) {
            return new Answer(status, chunks());
        }
        String length = headers.get("content-length");
        return new Answer(
                status, length == null ? in.readAllBytes() : exactly(Integer.parseInt(length)));
    }

    private byte[] chunks() throws IOException {
        var body = new ByteArrayOutputStream();
        for (int size; (size = Integer.parseInt(line(), 16)) > 0; ) {
            body.write(exactly(size));
            line();
        }
        line();
        return body.toByteArray();
    }

    byte[] exactly(int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException("end after " + bytes.length + " of " + count + " bytes");
        }
        return bytes;
    }

    /** Reads a line without its end. */
    String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b; (b = in.read()) != '\n'; ) {
            if (b < 0) {
                throw new EOFException("end after: " + line);
            }
            line.append((char) b);
        }
        int end = line.length() - 1;
        return end >= 0 && line.charAt(end) == '\r' ? line.substring(0, end) : line.toString();
    }

    /** Reads to the end, be it a reset. */
    String rest() throws IOException {
        var all = new ByteArrayOutputStream();
        try {
            in.transferTo(all);
        } catch (SocketException e) {
            // as good as an end
        }
        return all.toString(StandardCharsets.ISO_8859_1);
    }

    void halfClose() throws IOException {
        socket.shutdownOutput();
    }

    /** Closes without the courtesies of TCP. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
