package io.cosocket.it.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** Echoes what it gets, in a process of its own, one thread for all; ends with its input. */
final class EchoPeer implements AutoCloseable {
    private final Process process;
    private final int port;

    private EchoPeer(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    static EchoPeer start() throws IOException {
        Process process =
                new ProcessBuilder(
                                ProcessHandle.current().info().command().orElseThrow(),
                                "-Xmx256m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                EchoPeer.class.getName())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        String line = process.inputReader(StandardCharsets.US_ASCII).readLine();
        return new EchoPeer(process, Integer.parseInt(line));
    }

    int port() {
        return port;
    }

    @Override
    public void close() {
        process.destroy();
    }

    public static void main(String[] args) throws IOException {
        Thread.ofPlatform()
                .daemon()
                .start(
                        () -> {
                            try {
                                while (System.in.read() >= 0) {}
                            } catch (IOException e) {
                                // ends all the same
                            }
                            System.exit(0);
                        });
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (ServerSocketChannel listener = ServerSocketChannel.open();
                Selector selector = Selector.open()) {
            listener.bind(any, 16_384);
            listener.configureBlocking(false);
            listener.register(selector, SelectionKey.OP_ACCEPT);
            System.out.println(((InetSocketAddress) listener.getLocalAddress()).getPort());
            ByteBuffer buffer = ByteBuffer.allocateDirect(64 << 10);
            while (true) {
                selector.select(key -> serve(key, selector, listener, buffer));
            }
        }
    }

    private static void serve(
            SelectionKey key, Selector selector, ServerSocketChannel listener, ByteBuffer buffer) {
        try {
            if (key.isAcceptable()) {
                SocketChannel accepted = listener.accept();
                accepted.setOption(StandardSocketOptions.TCP_NODELAY, true);
                accepted.configureBlocking(false);
                accepted.register(selector, SelectionKey.OP_READ);
            } else {
                echo((SocketChannel) key.channel(), buffer);
            }
        } catch (IOException e) {
            key.cancel();
        }
    }

    private static void echo(SocketChannel channel, ByteBuffer buffer) throws IOException {
        buffer.clear();
        if (channel.read(buffer) < 0) {
            channel.close();
            return;
        }
        buffer.flip();
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }
}
