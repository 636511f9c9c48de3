package io.cosocket.it.http;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Clients in a process of their own that rest on their connections until they are told to go on.
 */
final class ParkedClients {
    private ParkedClients() {}

    /** Arguments: port, {@code raw} or {@code upstream}, number of clients. */
    public static void main(String[] arguments) throws IOException {
        int port = Integer.parseInt(arguments[0]);
        boolean raw = arguments[1].equals("raw");
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(arguments[2]); i++) {
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(120_000);
            sockets.add(socket);
            send(socket, "GET /" + arguments[1] + "?" + i + " HTTP/1.1\r\nHost: x\r\n\r\n");
            if (raw) {
                skipHead(socket);
                checkLine(socket, "first " + i);
            }
        }
        System.out.println("parked");
        System.in.read();
        int right = 0;
        for (int i = 0; i < sockets.size(); i++) {
            Socket socket = sockets.get(i);
            if (raw) {
                send(socket, "last " + i + "\n");
            } else {
                skipHead(socket);
            }
            checkLine(socket, "last " + i);
            right++;
        }
        System.out.println(right);
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static void skipHead(Socket socket) throws IOException {
        while (!line(socket).isEmpty()) {
            // until the empty line
        }
    }

    private static void checkLine(Socket socket, String expected) throws IOException {
        String line = line(socket);
        if (!line.equals(expected)) {
            throw new AssertionError("expected " + expected + ", got " + line);
        }
    }

    private static String line(Socket socket) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b; (b = socket.getInputStream().read()) != '\n'; ) {
            if (b < 0) {
                throw new EOFException("end after: " + line);
            }
            if (b != '\r') {
                line.append((char) b);
            }
        }
        return line.toString();
    }
}
