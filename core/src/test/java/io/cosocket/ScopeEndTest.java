package io.cosocket;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A scope with very many sockets ends at once. */
class ScopeEndTest {
    private static final int SOCKETS = 8000;

    @Test
    void endWithThousandsOfOpenSocketsIsPrompt() throws Exception {
        int before = Descriptors.sockets();
        try (Cosockets runtime = Cosockets.create();
                ServerSocketChannel listener = ServerSocketChannel.open()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
            List<SocketChannel> peers = new ArrayList<>(SOCKETS);
            List<TcpSocket> sockets = new ArrayList<>(SOCKETS);
            SocketScope scope = runtime.openScope("many");
            try {
                open(scope, listener, sockets, peers);

                assertTimeoutPreemptively(Duration.ofSeconds(20), scope::close);

                for (TcpSocket socket : sockets) {
                    assertFalse(socket.isOpen());
                }
                for (SocketChannel peer : peers) {
                    assertTrue(atEnd(peer));
                }
            } finally {
                for (SocketChannel peer : peers) {
                    peer.close();
                }
            }
        }
        Descriptors.awaitAtMost(before);
    }

    private static void open(
            SocketScope scope,
            ServerSocketChannel listener,
            List<TcpSocket> sockets,
            List<SocketChannel> peers)
            throws IOException {
        for (int i = 0; i < SOCKETS; i++) {
            sockets.add(scope.connect(listener.getLocalAddress(), ConnectOptions.defaults()));
            peers.add(listener.accept());
        }
    }

    private static boolean atEnd(SocketChannel peer) throws IOException {
        return peer.read(ByteBuffer.allocate(1)) == -1;
    }
}
