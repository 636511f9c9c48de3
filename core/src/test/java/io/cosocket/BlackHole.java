package io.cosocket;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** An address where a connect neither succeeds nor is refused: its queue is full. */
final class BlackHole implements AutoCloseable {
    private final ServerSocketChannel listener = ServerSocketChannel.open();
    private final List<SocketChannel> queue = new ArrayList<>();

    BlackHole() throws IOException {
        this("127.0.0.1", 0);
    }

    BlackHole(String address, int port) throws IOException {
        listener.bind(new InetSocketAddress(InetAddress.ofLiteral(address), port), 1);
        for (int i = 0; i < 8; i++) {
            SocketChannel channel = SocketChannel.open();
            channel.configureBlocking(false);
            channel.connect(listener.getLocalAddress());
            queue.add(channel);
        }
    }

    int port() throws IOException {
        return ((InetSocketAddress) listener.getLocalAddress()).getPort();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (SocketChannel channel : queue) {
            channel.close();
        }
    }
}
