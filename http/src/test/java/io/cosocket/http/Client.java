package io.cosocket.http;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A client that sends bytes as given and reads responses. */
final class Client implements Closeable {
    private static final int GUARD_MILLIS = 15_000;

    private final Socket socket;
    private final InputStream in;

    Client(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(GUARD_MILLIS);
        socket.setTcpNoDelay(true);
        this.in = socket.getInputStream();
    }

    static Client of(HttpServer server) throws IOException {
        return of(server.uri());
    }

    static Client of(URI uri) throws IOException {
        Socket socket =
                uri.getScheme().equals("https")
                        ? TestKeys.context().getSocketFactory().createSocket()
                        : new Socket();
        socket.connect(new InetSocketAddress(uri.getHost(), uri.getPort()), GUARD_MILLIS);
        return new Client(socket);
    }

    /** A response as read from the wire. */
    record Answer(int status, List<String> headers, String body) {
        String header(String name) {
            for (String line : headers) {
                if (line.regionMatches(true, 0, name + ":", 0, name.length() + 1)) {
                    return line.substring(name.length() + 1).trim();
                }
            }
            return "";
        }
    }

    Client send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.UTF_8));
    }

    Client send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    /** Sends a request without a body and reads its answer. */
    Answer get(String path) throws IOException {
        send("GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n");
        return answer();
    }

    Answer post(String path, String body) throws IOException {
        send(
                "POST "
                        + path
                        + " HTTP/1.1\r\nHost: test\r\nContent-Length: "
                        + body.length()
                        + "\r\n\r\n"
                        + body);
        return answer();
    }

    Answer answer() throws IOException {
        return answer(true);
    }

    /** Reads one response; {@code withBody} is false after a HEAD. */
    Answer answer(boolean withBody) throws IOException {
        String statusLine = line();
        if (statusLine.isEmpty()) {
            throw new IOException("no response");
        }
        int status = Integer.parseInt(statusLine.split(" ")[1]);
        List<String> headers = new ArrayList<>();
        for (String line; !(line = line()).isEmpty(); ) {
            headers.add(line);
        }
        Answer head = new Answer(status, headers, "");
        if (!withBody || status < 200 || status == 204 || status == 304) {
            return head;
        }
        return new Answer(status, headers, body(head));
    }

    private String body(Answer head) throws IOException {
        if (head.header("Transfer-Encoding").equals("chunked")) {
            return chunks();
        }
        String length = head.header("Content-Length");
        return length.isEmpty() ? rest() : text(in.readNBytes(Integer.parseInt(length)));
    }

    private String chunks() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        while (true) {
            int size = Integer.parseInt(line(), 16);
            all.write(in.readNBytes(size));
            String end = line();
            if (!end.isEmpty()) {
                throw new IOException("no line end after a chunk: " + end);
            }
            if (size == 0) {
                return text(all.toByteArray());
            }
        }
    }

    /** Reads a line without its end; empty at the end of the stream. */
    String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b; (b = in.read()) >= 0 && b != '\n'; ) {
            if (b != '\r') {
                line.write(b);
            }
        }
        return text(line.toByteArray());
    }

    String read(int count) throws IOException {
        return text(in.readNBytes(count));
    }

    /** Reads to the end of the stream. */
    String rest() throws IOException {
        return text(in.readAllBytes());
    }

    /** Tells whether the server closes, in whatever way, without sending anything more. */
    boolean closedByServer() throws IOException {
        try {
            return in.read() < 0;
        } catch (SocketException e) {
            return true;
        }
    }

    Client shutdownOutput() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    /** Makes the next close a reset. */
    Client reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
        return this;
    }

    Socket socket() {
        return socket;
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
