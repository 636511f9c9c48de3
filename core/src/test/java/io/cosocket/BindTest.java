package io.cosocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** The local end of a connection. */
class BindTest {
    private final Cosockets runtime = Cosockets.create();
    private final SocketScope scope = runtime.openScope("run");
    private LoopbackPeer peer;

    @BeforeEach
    void listen() throws IOException {
        peer = LoopbackPeer.listening();
    }

    @AfterEach
    void close() throws IOException {
        runtime.close();
        peer.close();
    }

    @Test
    @Tag("168-T1")
    void peerSeesTheBoundAddress() throws Exception {
        TcpSocket socket = scope.tcp().bind("127.0.0.1").connect("127.0.0.1", peer.port());

        Socket there = peer.accept();
        assertEquals("127.0.0.1", there.getInetAddress().getHostAddress());
        assertEquals(there.getPort(), ((InetSocketAddress) socket.localAddress()).getPort());
    }

    @Test
    @Tag("168-T2")
    void peerSeesAnotherLocalAddress() throws Exception {
        scope.tcp().bind("127.0.0.7").connect("127.0.0.1", peer.port());
        assertEquals("127.0.0.7", peer.accept().getInetAddress().getHostAddress());

        InetSocketAddress local = new InetSocketAddress("127.0.0.8", 0);
        scope.connect(peer.address(), ConnectOptions.defaults().withLocalAddress(local));
        assertEquals("127.0.0.8", peer.accept().getInetAddress().getHostAddress());
    }

    @Test
    @Tag("168-T3")
    void boundConnectionsArePooled() throws Exception {
        for (int round = 0; round < 2; round++) {
            TcpSocket socket = scope.tcp().bind("127.0.0.1").connect("127.0.0.1", peer.port());
            assertEquals(round, socket.reuseCount());
            assertEquals(Release.KEPT, socket.release());
        }
    }

    @Test
    @Tag("168-T4")
    void foreignAddressFailsAtConnect() {
        int open = Descriptors.sockets();
        TcpSocket socket = scope.tcp().bind("8.8.8.8");

        IOException e =
                assertThrows(IOException.class, () -> socket.connect("127.0.0.1", peer.port()));

        assertTrue(e.getMessage().contains("annot assign requested address"), e.getMessage());
        assertFalse(socket.isOpen());
        assertEquals(open, Descriptors.sockets());
    }

    @Test
    @Tag("168-T7")
    void peerSeesTheBoundPort() throws Exception {
        int port = freePort();
        TcpSocket socket =
                scope.tcp()
                        .bind(InetAddress.getLoopbackAddress(), port)
                        .connect("127.0.0.1", peer.port());
        assertEquals(port, peer.accept().getPort());

        IOException e =
                assertThrows(
                        IOException.class,
                        () ->
                                scope.tcp()
                                        .bind(InetAddress.getLoopbackAddress(), port)
                                        .connect("127.0.0.1", peer.port()));
        assertTrue(
                e.getMessage().contains("ddress already in use")
                        || e.getMessage().contains("annot assign requested address"),
                e.getMessage());
        assertTrue(socket.isOpen());
    }

    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    @Test
    void bindLastsForEveryConnectOfTheObject() throws Exception {
        TcpSocket socket = scope.tcp().bind("127.0.0.9");
        for (int i = 0; i < 2; i++) {
            socket.connect("127.0.0.1", peer.port());
            assertEquals("127.0.0.9", peer.accept().getInetAddress().getHostAddress());
        }
    }

    @Test
    void namesAndBadPortsAreRefused() {
        for (String bad : new String[] {"localhost", "127.0.0.1000", "", "127.0.0.1:80"}) {
            IllegalArgumentException e =
                    assertThrows(IllegalArgumentException.class, () -> scope.tcp().bind(bad));
            assertTrue(e.getMessage().startsWith("bad address: " + bad), e.getMessage());
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> scope.tcp().bind(InetAddress.getLoopbackAddress(), 65_536));
    }
}
