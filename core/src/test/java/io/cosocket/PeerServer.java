package io.cosocket;

import io.cosocket.transport.ChannelPeer;

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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Listens, and talks to each connection as told, on a virtual thread of its own. */
class PeerServer implements AutoCloseable {
    /** What a peer says and hears; its connection is closed when it returns. */
    @FunctionalInterface
    interface Dialogue {
        void talk(ChannelPeer peer) throws Exception;
    }

    private static final byte[] GET =
            Pieces.bytes("GET /foo HTTP/1.0\r\nHost: localhost\r\nConnection: close\r\n\r\n");

    private final ServerSocketChannel listener;
    private final Dialogue dialogue;
    private final AtomicInteger accepted = new AtomicInteger();
    private final Set<SocketChannel> live = ConcurrentHashMap.newKeySet();

    PeerServer(SocketAddress address, Dialogue dialogue) throws IOException {
        this.dialogue = dialogue;
        listener =
                address instanceof UnixDomainSocketAddress
                        ? ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                        : ServerSocketChannel.open();
        listener.bind(address);
        Thread.ofVirtual().name("peer server").start(this::accept);
    }

    static PeerServer tcp(Dialogue dialogue) throws IOException {
        return new PeerServer(anyPort(), dialogue);
    }

    static PeerServer unix(Path directory, Dialogue dialogue) throws IOException {
        Path path = directory.resolve("peer.sock");
        Files.deleteIfExists(path);
        return new PeerServer(UnixDomainSocketAddress.of(path), dialogue);
    }

    static SocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    /** Reads the request of 57 bytes, answers with these pieces and closes. */
    static Dialogue http(String... pieces) {
        return peer -> {
            byte[] request = peer.receive(GET.length);
            if (!Pieces.text(request).equals(Pieces.text(GET))) {
                throw new AssertionError("another request: " + Pieces.text(request));
            }
            for (String piece : pieces) {
                peer.send(Pieces.bytes(piece));
            }
        };
    }

    static String request() {
        return Pieces.text(GET);
    }

    /** Neither sends nor closes until the test is over. */
    static Dialogue silent() {
        return peer -> {
            while (!peer.atEnd()) {
                // heard and ignored
            }
        };
    }

    int port() throws IOException {
        return ((InetSocketAddress) listener.getLocalAddress()).getPort();
    }

    SocketAddress address() throws IOException {
        return listener.getLocalAddress();
    }

    /** Counts the connections so far. */
    int accepted() {
        return accepted.get();
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel channel = listener.accept();
                accepted.incrementAndGet();
                live.add(channel);
                Thread.ofVirtual().name("peer").start(() -> talk(channel));
            }
        } catch (IOException e) {
            // closed: the test is over
        }
    }

    private void talk(SocketChannel channel) {
        try (channel) {
            dialogue.talk(new ChannelPeer(channel));
        } catch (Exception e) {
            // the client left, or the test is over
        } finally {
            live.remove(channel);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (SocketChannel channel : live) {
            channel.close();
        }
    }
}
