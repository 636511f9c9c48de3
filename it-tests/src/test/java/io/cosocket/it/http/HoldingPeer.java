package io.cosocket.it.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** An upstream in a process of its own that echoes nothing until it is told to. */
final class HoldingPeer {
    private HoldingPeer() {}

    /** Argument: number of connections to accept. */
    public static void main(String[] arguments) throws IOException {
        int count = Integer.parseInt(arguments[0]);
        List<SocketChannel> channels = new ArrayList<>();
        try (ServerSocketChannel listener = ServerSocketChannel.open()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4096);
            System.out.println(((InetSocketAddress) listener.getLocalAddress()).getPort());
            while (channels.size() < count) {
                channels.add(listener.accept());
            }
        }
        System.out.println("parked");
        System.in.read();
        ByteBuffer bytes = ByteBuffer.allocate(4096);
        for (SocketChannel channel : channels) {
            channel.read(bytes.clear());
            channel.write(bytes.flip());
        }
        System.out.println("answered");
        System.in.read();
    }
}
