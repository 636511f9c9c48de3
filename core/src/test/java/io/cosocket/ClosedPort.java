package io.cosocket;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;

/** A port on which nobody listens and which nobody else can get meanwhile. */
final class ClosedPort implements AutoCloseable {
    private final SocketChannel holder = SocketChannel.open();

    ClosedPort() throws IOException {
        holder.bind(new InetSocketAddress("0.0.0.0", 0));
    }

    int port() throws IOException {
        return ((InetSocketAddress) holder.getLocalAddress()).getPort();
    }

    @Override
    public void close() throws IOException {
        holder.close();
    }
}
