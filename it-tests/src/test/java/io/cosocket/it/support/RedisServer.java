package io.cosocket.it.support;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A real redis-server of its own, on a free port. */
public final class RedisServer implements AutoCloseable {
    private final Scratch scratch;
    private final Process process;
    private final int port;

    private RedisServer(Scratch scratch, Process process, int port) {
        this.scratch = scratch;
        this.process = process;
        this.port = port;
    }

    public static RedisServer start() throws IOException {
        return Scratch.within(RedisServer::start);
    }

    private static RedisServer start(Scratch scratch) throws IOException {
        int port = FreePort.find();
        Path folder = scratch.folder();
        Process process =
                new ProcessBuilder(
                                "redis-server",
                                "--port",
                                String.valueOf(port),
                                "--bind",
                                "127.0.0.1",
                                "--save",
                                "",
                                "--dir",
                                folder.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("redis.log").toFile())
                        .start();
        FreePort.awaitListener(port, process, folder.resolve("redis.log"));
        return new RedisServer(scratch, process, port);
    }

    public int port() {
        return port;
    }

    /** Sends one command on a connection of its own and gives the first line of the answer. */
    public String command(String command) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.UTF_8));
            return new BufferedReader(new InputStreamReader(socket.getInputStream())).readLine();
        }
    }

    /** Gives one number of the {@code INFO} command. */
    public long info(String key) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write("INFO all\r\n".getBytes(StandardCharsets.UTF_8));
            var in = new BufferedReader(new InputStreamReader(socket.getInputStream()));
            for (String line; (line = in.readLine()) != null; ) {
                if (line.startsWith(key + ":")) {
                    return Long.parseLong(line.substring(key.length() + 1));
                }
            }
        }
        throw new IllegalArgumentException("no such key: " + key);
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        process.onExit().join();
        scratch.close();
    }
}
