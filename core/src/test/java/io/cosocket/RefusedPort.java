package io.cosocket;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;

/**
 * A port that refuses: taken on every address, so that nobody else gets it, and not listened to.
 */
final class RefusedPort implements AutoCloseable {
    private final SocketChannel holder = SocketChannel.open();

    RefusedPort() throws IOException {
        holder.bind(new InetSocketAddress(0));
    }

    int port() throws IOException {
        return ((InetSocketAddress) holder.getLocalAddress()).getPort();
    }

    @Override
    public void close() throws IOException {
        holder.close();
    }
}
