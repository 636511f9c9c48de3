package io.cosocket.transport;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** The kinds of transport that every stream test runs on. */
public enum Links {
    MEMORY {
        @Override
        public Link open() {
            MemoryTransport[] ends = MemoryTransport.pair();
            return new Link(ends[0], new TransportPeer(ends[1]));
        }
    },

    TCP {
        @Override
        public Link open() throws IOException {
            try (ServerSocketChannel server = ServerSocketChannel.open()) {
                server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                return connect(server, server.getLocalAddress());
            }
        }
    },

    UNIX {
        @Override
        public Link open() throws IOException {
            Path directory = Files.createTempDirectory("link");
            Path path = directory.resolve("s");
            try (ServerSocketChannel server =
                    ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                server.bind(UnixDomainSocketAddress.of(path));
                return connect(server, server.getLocalAddress());
            } finally {
                Files.deleteIfExists(path);
                Files.delete(directory);
            }
        }
    },

    TLS {
        @Override
        public Link open() throws IOException {
            return TlsLinks.open("TLSv1.3");
        }
    };

    /** Joins two fresh ends. */
    public abstract Link open() throws IOException;

    /** Tells whether a peer that breaks off is seen as an error rather than as an end. */
    public boolean resets() {
        return this == TCP;
    }

    private static Link connect(ServerSocketChannel server, SocketAddress address)
            throws IOException {
        ChannelTransport near = ChannelTransport.open(address, null);
        if (!near.connect(Deadline.after(Duration.ofSeconds(20)))) {
            throw new IOException("no connection to " + address);
        }
        SocketChannel far = server.accept();
        return new Link(near, new ChannelPeer(far));
    }
}
