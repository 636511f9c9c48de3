package io.cosocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.transport.Pending;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** Socket options: what is on by default, what may be set, and how long it lasts. */
class SocketOptionTest {
    private static final SocketOption<Integer> KEEP_IDLE = extended("TCP_KEEPIDLE");
    private static final SocketOption<Integer> KEEP_INTERVAL = extended("TCP_KEEPINTERVAL");
    private static final SocketOption<Integer> KEEP_COUNT = extended("TCP_KEEPCOUNT");

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

    /**
     * Finds an option of {@code jdk.net.ExtendedSocketOptions}, a module that core does not read.
     */
    @SuppressWarnings("unchecked")
    private static SocketOption<Integer> extended(String name) {
        try (SocketChannel any = SocketChannel.open()) {
            return (SocketOption<Integer>)
                    any.supportedOptions().stream()
                            .filter(option -> option.name().equals(name))
                            .findAny()
                            .orElseThrow();
        } catch (IOException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private TcpSocket connect() throws IOException {
        return scope.connect("127.0.0.1", peer.port());
    }

    @Test
    void optionsAreBusyDuringAConnect() throws Exception {
        try (BlackHole hole = new BlackHole()) {
            TcpSocket socket = scope.tcp();
            Pending<TcpSocket> connecting =
                    Pending.parked(() -> socket.connect("127.0.0.1", hole.port()));

            for (Executable access :
                    List.<Executable>of(
                            () -> socket.option(StandardSocketOptions.TCP_NODELAY, false),
                            () -> socket.option(StandardSocketOptions.TCP_NODELAY))) {
                IllegalStateException e = assertThrows(IllegalStateException.class, access);
                assertTrue(e.getMessage().endsWith("socket busy connecting"), e.getMessage());
            }
            socket.close();
            connecting.failure(SocketClosedException.class);
        }
    }

    /**
     * The pool gives the one connection to whoever connects next; none may find a strange option.
     */
    @Test
    void anOptionNeverReachesAConnectionThatWasReleased() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        TcpSocket socket = connect();
        Pending<Integer> setting =
                Pending.start(
                        () -> {
                            int count = 0;
                            for (; !over.get(); count++) {
                                try {
                                    socket.option(KEEP_COUNT, 3);
                                } catch (IllegalStateException e) {
                                    Thread.yield(); // connecting or released at this moment
                                }
                            }
                            return count;
                        });
        for (int i = 0; i < 3000; i++) {
            socket.release();
            try (TcpSocket other = connect()) {
                assertNotEquals(3, other.option(KEEP_COUNT));
                other.release();
            }
            socket.connect("127.0.0.1", peer.port());
        }
        over.set(true);
        assertTrue(setting.get() > 0);
    }

    @Test
    void smallPiecesAreSentAtOnceByDefault() throws Exception {
        assertTrue(connect().option(StandardSocketOptions.TCP_NODELAY));
        assertFalse(connect().option(StandardSocketOptions.SO_KEEPALIVE));
    }

    @Test
    @Tag("058-T53")
    void dialogueWithNodelayOff() throws Exception {
        TcpSocket socket = connect().option(StandardSocketOptions.TCP_NODELAY, false);
        Socket there = peer.accept();

        socket.send("GET /foo HTTP/1.0\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        there.getInputStream().readNBytes(57);
        there.getOutputStream()
                .write(
                        ("HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: text/plain\r\n"
                                        + "Content-Length: 4\r\nConnection: close\r\n\r\nfoo\n")
                                .getBytes(StandardCharsets.US_ASCII));
        there.close();

        assertEquals("HTTP/1.1 200 OK", socket.receiveLine());
        assertEquals("Server: nginx", socket.receiveLine());
        assertEquals("Content-Type: text/plain", socket.receiveLine());
        assertEquals("Content-Length: 4", socket.receiveLine());
        assertEquals("Connection: close", socket.receiveLine());
        assertEquals("", socket.receiveLine());
        assertEquals("foo", socket.receiveLine());
        assertNull(socket.receiveLine());
        assertFalse(socket.option(StandardSocketOptions.TCP_NODELAY));
        socket.close();
    }

    @Test
    void everyOptionIsSetAndRead() throws Exception {
        TcpSocket socket = connect();

        assertSet(socket, StandardSocketOptions.SO_KEEPALIVE, true);
        assertSet(socket, StandardSocketOptions.SO_REUSEADDR, true);
        assertSet(socket, StandardSocketOptions.SO_LINGER, 5);
        assertSet(socket, StandardSocketOptions.SO_LINGER, -1);
        assertSet(socket, StandardSocketOptions.SO_SNDBUF, 32_768);
        assertSet(socket, StandardSocketOptions.SO_RCVBUF, 32_768);
        assertSet(socket, KEEP_IDLE, 77);
        assertSet(socket, KEEP_INTERVAL, 11);
        assertSet(socket, KEEP_COUNT, 3);
    }

    private static <T> void assertSet(TcpSocket socket, SocketOption<T> name, T value)
            throws IOException {
        socket.option(name, value);
        assertEquals(value, socket.option(name), name.name());
    }

    @Test
    void optionSetBeforeConnectHoldsForEveryConnect() throws Exception {
        TcpSocket socket = scope.tcp().option(StandardSocketOptions.SO_KEEPALIVE, true);
        for (int i = 0; i < 2; i++) {
            socket.connect("127.0.0.1", peer.port());
            assertTrue(socket.option(StandardSocketOptions.SO_KEEPALIVE));
        }
    }

    @Test
    void everyOptionIsRestoredBeforeTheConnectionIsPooled() throws Exception {
        TcpSocket socket = connect();
        int sendBuffer = socket.option(StandardSocketOptions.SO_SNDBUF);
        int idle = socket.option(KEEP_IDLE);
        int interval = socket.option(KEEP_INTERVAL);
        int count = socket.option(KEEP_COUNT);
        int linger = socket.option(StandardSocketOptions.SO_LINGER);
        for (int round = 0; round < 3; round++) {
            socket.option(StandardSocketOptions.TCP_NODELAY, false);
            socket.option(StandardSocketOptions.TCP_NODELAY, false);
            socket.option(StandardSocketOptions.SO_KEEPALIVE, true);
            socket.option(StandardSocketOptions.SO_SNDBUF, 16_384);
            socket.option(StandardSocketOptions.SO_LINGER, 9);
            socket.option(KEEP_IDLE, 77);
            socket.option(KEEP_INTERVAL, 11);
            socket.option(KEEP_COUNT, 3);
            assertEquals(Release.KEPT, socket.release());

            socket = connect();
            assertEquals(round + 1, socket.reuseCount());
            assertTrue(socket.option(StandardSocketOptions.TCP_NODELAY));
            assertFalse(socket.option(StandardSocketOptions.SO_KEEPALIVE));
            assertEquals(sendBuffer, socket.option(StandardSocketOptions.SO_SNDBUF));
            assertEquals(linger, socket.option(StandardSocketOptions.SO_LINGER));
            assertEquals(idle, socket.option(KEEP_IDLE));
            assertEquals(interval, socket.option(KEEP_INTERVAL));
            assertEquals(count, socket.option(KEEP_COUNT));
        }
    }

    @Test
    void lingerOfZeroResetsAtClose() throws Exception {
        TcpSocket socket = connect().option(StandardSocketOptions.SO_LINGER, 0);
        Socket there = peer.accept();

        socket.close();

        assertThrows(SocketException.class, () -> there.getInputStream().read());
    }

    @Test
    void optionOfASocketThatIsNotConnectedIsClosed() throws Exception {
        assertThrows(
                SocketClosedException.class,
                () -> scope.tcp().option(StandardSocketOptions.SO_KEEPALIVE));
        TcpSocket socket = connect();
        socket.close();
        assertThrows(
                SocketClosedException.class,
                () -> socket.option(StandardSocketOptions.SO_KEEPALIVE));
    }

    @Test
    void badOptionsAreRefusedAndLeaveTheSocket() throws Exception {
        TcpSocket socket = connect();

        assertThrows(IllegalArgumentException.class, () -> socket.option(null));
        assertThrows(
                IllegalArgumentException.class,
                () -> socket.option(StandardSocketOptions.SO_SNDBUF, null));
        assertThrows(
                IllegalArgumentException.class,
                () -> socket.option(StandardSocketOptions.SO_SNDBUF, -1));
        assertThrows(
                UnsupportedOperationException.class,
                () -> socket.option(StandardSocketOptions.IP_MULTICAST_LOOP, true));
        assertTrue(socket.isOpen());
        assertEquals(Release.KEPT, socket.release());
    }

    @Test
    void optionThatTheConnectionDoesNotHaveFailsTheConnect() throws Exception {
        Path path = Files.createTempDirectory("cosocket").resolve("s");
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(path));
            int open = Descriptors.sockets();
            TcpSocket socket = scope.tcp().option(StandardSocketOptions.TCP_NODELAY, true);

            assertThrows(
                    UnsupportedOperationException.class, () -> socket.connect("unix:" + path, 0));

            assertFalse(socket.isOpen());
            assertEquals(open, Descriptors.sockets());
        } finally {
            Files.deleteIfExists(path);
            Files.delete(path.getParent());
        }
    }

    @Test
    void anOptionThatTheSystemRefusesIsTold() throws Exception {
        TcpSocket socket = connect();

        SocketException e =
                assertThrows(SocketException.class, () -> socket.option(KEEP_IDLE, 1 << 20));

        assertTrue(
                e.getMessage()
                        .matches("option tcp 127.0.0.1:\\d+->127.0.0.1:\\d+: invalid argument"),
                e.getMessage());
        assertTrue(socket.isOpen());
        assertEquals(Release.KEPT, socket.release());
    }
}
