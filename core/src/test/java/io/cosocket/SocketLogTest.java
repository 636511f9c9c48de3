package io.cosocket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** One line for each failed operation when the switch is on, none when it is off. */
class SocketLogTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final Duration SHORT = Duration.ofMillis(20);

    private Cosockets runtime;
    private LoopbackPeer peer;
    private CapturedLog log;

    @BeforeEach
    void listen() throws IOException {
        peer = LoopbackPeer.listening();
        log = new CapturedLog();
    }

    @AfterEach
    void close() throws IOException {
        log.close();
        runtime.close();
        peer.close();
    }

    private SocketScope scope(boolean logging) {
        runtime =
                Cosockets.create(
                        CosocketConfig.defaults()
                                .withResolver(
                                        Resolver.fixed(Map.of("localhost", List.of(LOOPBACK))))
                                .withLogSocketErrors(logging));
        return runtime.openScope("handler");
    }

    private void assertLogged(boolean logging, String event, String upstream) {
        List<String> lines = log.socketLines();
        assertEquals(logging ? 1 : 0, lines.size(), lines::toString);
        if (logging) {
            String line = lines.getFirst();
            assertTrue(line.contains(event + ", upstream: " + upstream + ", context: "), line);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Tag("090-T1")
    @Tag("090-T2")
    void connectTimeout(boolean logging) throws Exception {
        try (BlackHole hole = new BlackHole()) {
            TcpSocket socket = scope(logging).tcp();
            socket.timeouts(Timeouts.of(Duration.ofMillis(1)));

            assertThrows(
                    OperationTimeoutException.class,
                    () -> socket.connect("127.0.0.1", hole.port()));

            assertLogged(
                    logging,
                    "tcp socket connect timed out",
                    "127.0.0.1:" + hole.port() + "(127.0.0.1)");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void queuedConnectTimeout(boolean logging) throws Exception {
        ConnectOptions one =
                ConnectOptions.defaults()
                        .withTimeouts(Timeouts.of(SHORT))
                        .withPool(PoolOptions.defaults().withMaxOpen(1));
        SocketScope scope = scope(logging);
        scope.connect("127.0.0.1", peer.port(), one);

        assertThrows(
                OperationTimeoutException.class,
                () -> scope.connect("127.0.0.1", peer.port(), one));

        assertLogged(logging, "tcp socket queued connect timed out", "127.0.0.1:" + peer.port());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Tag("124-T14")
    @Tag("124-T16")
    void connectRefusedInATimer(boolean logging) throws Exception {
        Socket unheard = new Socket(); // bound, so that nobody else listens there
        unheard.bind(new InetSocketAddress(LOOPBACK, 0));
        int port = unheard.getLocalPort();
        scope(logging);
        CompletableFuture<Exception> result = new CompletableFuture<>();
        runtime.after(
                Duration.ZERO,
                sockets ->
                        result.complete(
                                assertThrows(
                                        IOException.class,
                                        () -> sockets.connect("127.0.0.1", port))));

        Exception e = result.get(20, TimeUnit.SECONDS);

        assertInstanceOf(ConnectException.class, e);
        assertTrue(e.getMessage().contains(": connection refused"), e.getMessage());
        assertLogged(
                logging,
                "tcp socket connect() failed (connection refused)",
                "127.0.0.1:" + port + "(127.0.0.1)");
        if (logging) {
            assertTrue(log.socketLines().getFirst().contains("context: timer"));
        }
        unheard.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Tag("302-T1")
    void readTimeout(boolean logging) throws Exception {
        TcpSocket socket = scope(logging).connect("localhost", peer.port());
        socket.receiveTimeout(Duration.ofMillis(2));

        OperationTimeoutException e =
                assertThrows(OperationTimeoutException.class, () -> socket.receive(5));

        assertEquals(0, e.partial().length);
        assertLogged(
                logging, "tcp socket read timed out", "localhost:" + peer.port() + "(127.0.0.1)");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Tag("302-T2")
    @Tag("302-T4")
    void writeTimeout(boolean logging) throws Exception {
        TcpSocket socket = scope(logging).connect("localhost", peer.port());
        socket.sendTimeout(SHORT);

        assertThrows(OperationTimeoutException.class, () -> socket.send(new byte[64 << 20]));

        assertLogged(
                logging, "tcp socket write timed out", "localhost:" + peer.port() + "(127.0.0.1)");
    }

    @Test
    @Tag("302-T3")
    void readTimeoutOfAReusedConnectionNamesTheUpstream() throws Exception {
        SocketScope scope = scope(true);
        scope.connect("localhost", peer.port()).release();
        TcpSocket reused = scope.connect("localhost", peer.port());
        assertEquals(1, reused.reuseCount());
        reused.receiveTimeout(SHORT);

        assertThrows(OperationTimeoutException.class, () -> reused.receive(1));

        assertLogged(true, "tcp socket read timed out", "localhost:" + peer.port() + "(127.0.0.1)");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void resetByThePeer(boolean logging) throws Exception {
        TcpSocket socket = scope(logging).connect("localhost", peer.port());
        Socket there = peer.accept();
        there.setSoLinger(true, 0);
        there.close();

        SocketClosedException e =
                assertThrows(SocketClosedException.class, () -> socket.receive(1));

        assertEquals(SocketClosedException.ClosedBy.RESET, e.closedBy());
        assertLogged(
                logging,
                "tcp socket recv() failed (connection reset)",
                "localhost:" + peer.port() + "(127.0.0.1)");
    }

    @Test
    void endOfTheStreamAndUseAfterCloseAreNoErrors() throws Exception {
        TcpSocket socket = scope(true).connect("localhost", peer.port());
        peer.accept().close();

        assertEquals(null, socket.receiveLine());
        socket.close();
        assertThrows(SocketClosedException.class, () -> socket.receive(1));

        assertEquals(List.of(), log.socketLines());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Tag("090-T3")
    @Tag("090-T4")
    @Tag("303-T2")
    @Tag("303-T5")
    void datagramReadTimeout(boolean logging) throws Exception {
        try (DatagramSocket silent = new DatagramSocket(0, LOOPBACK)) {
            UdpSocket socket = scope(logging).udp("localhost", silent.getLocalPort());
            socket.receiveTimeout(Duration.ofMillis(1));

            assertThrows(OperationTimeoutException.class, socket::receive);

            assertLogged(
                    logging,
                    "udp socket read timed out",
                    "localhost:" + silent.getLocalPort() + "(127.0.0.1)");
        }
    }

    @Test
    @Tag("303-T3")
    @Tag("303-T6")
    void datagramAfterALoggedTimeout() throws Exception {
        try (DatagramSocket late = new DatagramSocket(0, LOOPBACK)) {
            UdpSocket socket = scope(true).udp("localhost", late.getLocalPort());
            socket.receiveTimeout(SHORT);
            socket.send("blah".getBytes(StandardCharsets.UTF_8));
            DatagramPacket packet = new DatagramPacket(new byte[100], 100);
            late.receive(packet);
            assertThrows(OperationTimeoutException.class, socket::receive);
            assertLogged(
                    true,
                    "udp socket read timed out",
                    "localhost:" + late.getLocalPort() + "(127.0.0.1)");

            byte[] answer = "hello world".getBytes(StandardCharsets.UTF_8);
            late.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));

            socket.receiveTimeout(Duration.ofSeconds(20));
            assertArrayEquals(answer, socket.receive());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Tag("303-T1")
    void datagramRefused(boolean logging) throws Exception {
        DatagramSocket gone = new DatagramSocket(0, LOOPBACK);
        int port = gone.getLocalPort();
        gone.close();
        UdpSocket socket = scope(logging).udp("localhost", port);
        socket.send(new byte[1]);

        assertThrows(PortUnreachableException.class, socket::receive);

        assertLogged(
                logging,
                "udp socket recv() failed (connection refused)",
                "localhost:" + port + "(127.0.0.1)");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void datagramConnectRefusedByTheSystem(boolean logging) throws Exception {
        UdpSocket socket = scope(logging).udp();

        assertThrows(IOException.class, () -> socket.connect("127.0.0.1", 0));

        assertLogged(
                logging,
                "udp socket connect() failed (can't connect to port 0)",
                "127.0.0.1:0(127.0.0.1)");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void datagramToATargetThatTheSystemRefuses(boolean logging) throws Exception {
        UdpSocket socket = scope(logging).udp();

        assertThrows(
                IOException.class,
                () -> socket.sendTo(new InetSocketAddress(LOOPBACK, 0), new byte[1]));

        assertLogged(
                logging,
                "udp socket send() failed (can't send to port 0)",
                "localhost:0(127.0.0.1)");
    }
}
