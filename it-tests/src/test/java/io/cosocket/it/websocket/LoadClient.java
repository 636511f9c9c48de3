package io.cosocket.it.websocket;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** Plain connections that send one prepared frame again and again, or rest after the first one. */
final class LoadClient implements AutoCloseable {
    private static final String HEAD =
            "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                    + "Sec-WebSocket-Version: 13\r\n\r\n";

    private final List<Socket> sockets = new ArrayList<>();
    private final AtomicLong count = new AtomicLong();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final byte[] frame;

    private LoadClient(int port, int connections, int bytes) throws IOException {
        frame = textFrame(bytes);
        for (int i = 0; i < connections; i++) {
            Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port);
            socket.setTcpNoDelay(true);
            sockets.add(socket);
            socket.getOutputStream().write(HEAD.getBytes(StandardCharsets.US_ASCII));
            skipHead(socket);
            echo(socket);
        }
    }

    /** Connects, sends one message on each connection and lets them rest. */
    static LoadClient rest(int port, int connections) throws IOException {
        return new LoadClient(port, connections, 2);
    }

    /** Connects and keeps all connections busy until closed. */
    static LoadClient busy(int port, int connections, int bytes) throws IOException {
        LoadClient client = new LoadClient(port, connections, bytes);
        for (Socket socket : client.sockets) {
            Thread.startVirtualThread(
                    () -> {
                        try {
                            while (!client.stopped.get()) {
                                client.echo(socket);
                                client.count.incrementAndGet();
                            }
                        } catch (IOException e) {
                            // Closed at the end; a failure before shows in the count.
                        }
                    });
        }
        return client;
    }

    /** Gives how many messages came back so far. */
    long count() {
        return count.get();
    }

    private void echo(Socket socket) throws IOException {
        socket.getOutputStream().write(frame);
        int answer = frame.length - 4;
        byte[] bytes = socket.getInputStream().readNBytes(answer);
        if (bytes.length < answer || bytes[answer - 1] != 'a') {
            throw new EOFException("not the echo");
        }
    }

    /** A zero mask leaves the text readable. */
    private static byte[] textFrame(int bytes) {
        ByteBuffer frame = ByteBuffer.allocate(14 + bytes).put((byte) 0x81);
        if (bytes < 126) {
            frame.put((byte) (0x80 | bytes));
        } else if (bytes < 65_536) {
            frame.put((byte) (0x80 | 126)).putShort((short) bytes);
        } else {
            frame.put((byte) (0x80 | 127)).putLong(bytes);
        }
        frame.putInt(0);
        byte[] payload = new byte[bytes];
        Arrays.fill(payload, (byte) 'a');
        frame.put(payload);
        return Arrays.copyOf(frame.array(), frame.position());
    }

    private static void skipHead(Socket socket) throws IOException {
        int state = 0;
        while (state < 4) {
            int next = socket.getInputStream().read();
            if (next < 0) {
                throw new EOFException("no answer");
            }
            state = next == (state % 2 == 0 ? '\r' : '\n') ? state + 1 : 0;
        }
    }

    @Override
    public void close() throws IOException {
        stopped.set(true);
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    /** Arguments: port, connections, times; the last ones stay. */
    public static void main(String[] arguments) throws Exception {
        int port = Integer.parseInt(arguments[0]);
        int connections = Integer.parseInt(arguments[1]);
        for (int i = 1; i < Integer.parseInt(arguments[2]); i++) {
            rest(port, connections).close();
        }
        try (LoadClient client = rest(port, connections)) {
            ServerProcess.serve(client.sockets.size());
        }
    }
}
