package io.cosocket;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The other end of the sockets under test, on plain JDK sockets of the loopback. */
final class LoopbackPeer implements Closeable {
    static final int HANG_GUARD_MILLIS = 20_000;

    private final ServerSocket listener;
    private final List<Socket> opened = new ArrayList<>();

    private LoopbackPeer() throws IOException {
        listener = new ServerSocket();
        listener.setReuseAddress(true);
        listener.bind(new InetSocketAddress("127.0.0.1", 0), 1024);
        listener.setSoTimeout(HANG_GUARD_MILLIS);
    }

    /** Listens; the system accepts, the test calls {@link #accept()}. */
    static LoopbackPeer listening() throws IOException {
        return new LoopbackPeer();
    }

    /** Answers each line with {@code OK} on every connection until closed. */
    static LoopbackPeer answeringLines() throws IOException {
        LoopbackPeer peer = listening();
        Thread.startVirtualThread(
                () -> {
                    try {
                        while (true) {
                            Socket socket = peer.accept();
                            Thread.startVirtualThread(() -> answer(socket));
                        }
                    } catch (IOException e) {
                        // the test is over
                    }
                });
        return peer;
    }

    private static void answer(Socket socket) {
        try (socket) {
            byte[] reply = "OK\r\n".getBytes(StandardCharsets.UTF_8);
            for (int b; (b = socket.getInputStream().read()) >= 0; ) {
                if (b == '\n') {
                    socket.getOutputStream().write(reply);
                }
            }
        } catch (IOException e) {
            // the test is over
        }
    }

    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port());
    }

    int port() {
        return listener.getLocalPort();
    }

    Socket accept() throws IOException {
        Socket socket = listener.accept();
        socket.setSoTimeout(HANG_GUARD_MILLIS);
        synchronized (opened) {
            opened.add(socket);
        }
        return socket;
    }

    /** Waits for the end of the stream or a reset, whatever comes before; fails after 20 s. */
    static void awaitEnd(Socket socket) throws IOException {
        byte[] sink = new byte[64 << 10];
        try {
            while (socket.getInputStream().read(sink) >= 0) {
                // what was sent before
            }
        } catch (SocketException e) {
            // a reset is an end too
        }
    }

    /** Tells whether the other end is still there, without waiting. */
    static boolean isOpen(Socket socket) throws IOException {
        int before = socket.getSoTimeout();
        try {
            socket.setSoTimeout(1);
            return socket.getInputStream().read() >= 0;
        } catch (java.net.SocketTimeoutException e) {
            return true;
        } finally {
            socket.setSoTimeout(before);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        synchronized (opened) {
            for (Socket each : opened) {
                each.close();
            }
        }
    }
}
