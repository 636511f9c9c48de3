package io.cosocket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.SocketClosedException.ClosedBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Datagram sockets, connected and not. */
class UdpSocketTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private final Cosockets runtime =
            Cosockets.create(
                    CosocketConfig.defaults()
                            .withResolver(Resolver.fixed(Map.of("peer.test", List.of(LOOPBACK)))));
    private final SocketScope scope = runtime.openScope("run");
    private DatagramSocket peer;

    @BeforeEach
    void listen() throws IOException {
        peer = new DatagramSocket(0, LOOPBACK);
        peer.setSoTimeout(20_000);
    }

    @AfterEach
    void close() {
        runtime.close();
        peer.close();
    }

    private UdpSocket connected() throws IOException {
        return scope.udp("127.0.0.1", peer.getLocalPort());
    }

    private DatagramPacket next() throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[65_536], 65_536);
        peer.receive(packet);
        return packet;
    }

    private void answer(DatagramPacket to, byte[] bytes) throws IOException {
        peer.send(new DatagramPacket(bytes, bytes.length, to.getSocketAddress()));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] content(DatagramPacket packet) {
        return java.util.Arrays.copyOf(packet.getData(), packet.getLength());
    }

    // --- exchange

    @Test
    @Tag("087-T8")
    void requestAndReply() throws Exception {
        UdpSocket socket = connected();
        socket.send(bytes("\0\1\0\0\0\1\0\0flush_all\r\n"));
        DatagramPacket request = next();
        assertEquals(19, request.getLength());
        answer(request, bytes("\0\1\0\0\0\1\0\0OK\r\n"));

        assertArrayEquals(bytes("\0\1\0\0\0\1\0\0OK\r\n"), socket.receive());
    }

    @Test
    @Tag("087-T6")
    void connectTwiceTalksToTheSecondPeerAlone() throws Exception {
        try (DatagramSocket second = new DatagramSocket(0, LOOPBACK)) {
            UdpSocket socket = connected();
            socket.send(bytes("one"));
            DatagramPacket first = next();
            socket.connect("127.0.0.1", second.getLocalPort());
            answer(first, bytes("late"));
            second.send(
                    new DatagramPacket(
                            bytes("right"), 5, (InetSocketAddress) socket.localAddress()));

            assertArrayEquals(bytes("right"), socket.receive());
            socket.receiveTimeout(Duration.ofMillis(50));
            assertThrows(OperationTimeoutException.class, socket::receive);
        }
    }

    @Test
    @Tag("087-T10")
    void queryOfANameServerByHand() throws Exception {
        byte[] query =
                bytes(
                        "\u00124\1\0\0\1\0\0\0\0\0\0\3www\7example\3org\0\0\1\0\1"
                                .replace("\u00124", "\0224"));
        UdpSocket socket = connected();
        socket.receiveTimeout(Duration.ofSeconds(5));
        socket.send(query);
        DatagramPacket request = next();
        byte[] reply = content(request);
        reply[2] |= (byte) 0x80;
        answer(request, reply);

        String received = new String(socket.receive(), StandardCharsets.ISO_8859_1);
        assertTrue(received.contains("\3www\7example\3org\0"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1472, 9000, 65_506, 65_507})
    void everySizeGoesBothWaysWhole(int length) throws Exception {
        byte[] data = new byte[length];
        new Random(length).nextBytes(data);
        UdpSocket socket = connected();

        socket.send(data);
        DatagramPacket request = next();
        answer(request, data);

        assertArrayEquals(data, content(request));
        assertArrayEquals(data, socket.receive());
    }

    @Test
    void datagramThatIsTooLongIsRefusedUntouched() throws Exception {
        UdpSocket socket = connected();

        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> socket.send(new byte[65_508]));

        assertTrue(e.getMessage().contains("65508"), e.getMessage());
        assertTrue(e.getMessage().contains("65507"), e.getMessage());
        socket.send(bytes("x"));
        assertEquals(1, next().getLength());
    }

    @Test
    void truncationIsReported() throws Exception {
        InetAddress six = InetAddress.getByName("::1");
        UdpSocket socket = scope.udp().bind(six, 0);
        InetSocketAddress local = (InetSocketAddress) socket.localAddress();
        try (DatagramChannel sender = DatagramChannel.open()) {
            byte[] data = new byte[65_520];
            data[65_506] = 7;
            sender.send(ByteBuffer.wrap(data), new InetSocketAddress(six, local.getPort()));
            sender.send(ByteBuffer.wrap(data), new InetSocketAddress(six, local.getPort()));
            sender.send(
                    ByteBuffer.wrap(bytes("next")), new InetSocketAddress(six, local.getPort()));
        }

        Datagram datagram = socket.receiveFrom();
        assertTrue(datagram.truncated());
        assertEquals(65_507, datagram.bytes().length);
        ReceiveLimitException e = assertThrows(ReceiveLimitException.class, socket::receive);
        assertEquals(65_507, e.partial().length);
        assertEquals(7, e.partial()[65_506]);
        assertArrayEquals(bytes("next"), socket.receive());
    }

    // --- not connected

    @Test
    void anyoneIsReachedWithoutAConnect() throws Exception {
        UdpSocket socket = scope.udp();
        socket.sendTo((InetSocketAddress) peer.getLocalSocketAddress(), bytes("hello"));
        DatagramPacket request = next();
        answer(request, bytes("there"));

        Datagram reply = socket.receiveFrom();

        assertArrayEquals(bytes("hello"), content(request));
        assertArrayEquals(bytes("there"), reply.bytes());
        assertEquals(peer.getLocalSocketAddress(), reply.sender());
        assertFalse(reply.truncated());
        SocketClosedException e =
                assertThrows(SocketClosedException.class, () -> socket.send(bytes("x")));
        assertTrue(e.getMessage().contains("closed"), e.getMessage());
    }

    @Test
    void bindGivesTheLocalAddress() throws Exception {
        UdpSocket socket = scope.udp().bind(LOOPBACK, 0);
        InetSocketAddress local = (InetSocketAddress) socket.localAddress();
        assertEquals(LOOPBACK, local.getAddress());
        assertTrue(local.getPort() > 0);

        peer.send(new DatagramPacket(bytes("x"), 1, local));
        assertArrayEquals(bytes("x"), socket.receive());

        socket.connect("127.0.0.1", peer.getLocalPort());
        socket.send(bytes("y"));
        assertEquals(local.getPort(), next().getPort());
    }

    @Test
    void bindToATakenOrForeignAddressFailsByName() throws Exception {
        IOException taken =
                assertThrows(
                        IOException.class, () -> scope.udp().bind(LOOPBACK, peer.getLocalPort()));
        assertTrue(taken.getMessage().startsWith("bind udp"), taken.getMessage());
        assertTrue(taken.getMessage().contains("ddress already in use"), taken.getMessage());

        InetAddress foreign = InetAddress.getByName("8.8.8.8");
        IOException e = assertThrows(IOException.class, () -> scope.udp().bind(foreign, 0));
        assertTrue(e.getMessage().contains("annot assign requested address"), e.getMessage());
    }

    @Test
    void bindTwiceIsRefused() throws Exception {
        UdpSocket socket = scope.udp().bind(LOOPBACK, 0);
        var local = socket.localAddress();

        assertThrows(IllegalStateException.class, () -> socket.bind(LOOPBACK, 0));

        assertEquals(local, socket.localAddress());
    }

    @Test
    void sendToAnotherThanThePeerIsRefused() throws Exception {
        UdpSocket socket = connected();

        for (String data : new String[] {"", "x"}) {
            IllegalStateException e =
                    assertThrows(
                            IllegalStateException.class,
                            () -> socket.sendTo(new InetSocketAddress(LOOPBACK, 9), bytes(data)));
            assertTrue(e.getMessage().contains("already connected"), e.getMessage());
        }

        socket.sendTo((InetSocketAddress) peer.getLocalSocketAddress(), bytes("y"));
        assertEquals(1, next().getLength());
    }

    // --- time-outs

    @Test
    @Tag("087-T7")
    void receiveTimesOutNeverEarly() throws Exception {
        UdpSocket socket = connected();
        for (int millis : new int[] {1, 30, 100, 150}) {
            Duration limit = Duration.ofMillis(millis);
            socket.receiveTimeout(limit);
            long begin = System.nanoTime();

            OperationTimeoutException e =
                    assertThrows(OperationTimeoutException.class, socket::receive);

            assertTrue(System.nanoTime() - begin >= limit.toNanos());
            assertEquals("receive", e.operation());
            assertEquals(limit, e.limit());
            assertTrue(e.getMessage().contains(": timeout after " + millis), e.getMessage());
        }
    }

    @Test
    @Tag("087-T9")
    void datagramAfterATimeoutIsReceived() throws Exception {
        UdpSocket socket = connected();
        socket.receiveTimeout(Duration.ofMillis(30));
        socket.send(bytes("blah"));
        DatagramPacket request = next();
        assertThrows(OperationTimeoutException.class, socket::receive);

        answer(request, bytes("hello world"));

        socket.receiveTimeout(Duration.ofSeconds(20));
        assertArrayEquals(bytes("hello world"), socket.receive());
    }

    // --- errors

    @Test
    void refusalByThePeerIsToldAndTheSocketGoesOn() throws Exception {
        DatagramSocket gone = new DatagramSocket(0, LOOPBACK);
        int port = gone.getLocalPort();
        gone.close();
        UdpSocket socket = scope.udp("127.0.0.1", port);
        socket.send(bytes("x"));

        PortUnreachableException e = assertThrows(PortUnreachableException.class, socket::receive);

        assertTrue(e.getMessage().contains(": connection refused"), e.getMessage());
        assertTrue(e.getMessage().startsWith("receive udp 127.0.0.1:"), e.getMessage());
        try (DatagramSocket again = new DatagramSocket(port, LOOPBACK)) {
            socket.send(bytes("y"));
            DatagramPacket packet = new DatagramPacket(new byte[9], 9);
            again.setSoTimeout(20_000);
            again.receive(packet);
            assertEquals('y', packet.getData()[0]);
        }
    }

    @Test
    void refusalWakesAWaitingReceiver() throws Exception {
        DatagramSocket gone = new DatagramSocket(0, LOOPBACK);
        int port = gone.getLocalPort();
        gone.close();
        UdpSocket socket = scope.udp("127.0.0.1", port);
        Waiting.Task<byte[]> receiver = Waiting.start(socket::receive);
        Waiting.untilParked(receiver.thread());

        socket.send(bytes("x"));

        assertInstanceOf(PortUnreachableException.class, receiver.failure());
    }

    @Test
    void namesAreLookedUp() throws Exception {
        UdpSocket socket = scope.udp("peer.test", peer.getLocalPort());
        socket.send(bytes("x"));
        assertEquals(1, next().getLength());

        UnknownHostException e =
                assertThrows(UnknownHostException.class, () -> scope.udp("other.test", 9));
        assertTrue(e.getMessage().contains("could not be resolved"), e.getMessage());
    }

    @Test
    void failedLookUpLeavesAnEarlierPeer() throws Exception {
        UdpSocket socket = connected();

        assertThrows(UnknownHostException.class, () -> socket.connect("other.test", 9));

        socket.send(bytes("x"));
        assertEquals(1, next().getLength());
    }

    @Test
    void closeEndsALookUp() throws Exception {
        try (FakeDnsServer server = new FakeDnsServer()) {
            server.silent(true);
            Resolver resolver = Resolver.dns(List.of(server.address()), DnsOptions.defaults());
            try (Cosockets slow =
                    Cosockets.create(CosocketConfig.defaults().withResolver(resolver))) {
                for (int i = 0; i < 2; i++) {
                    SocketScope own = slow.openScope("slow");
                    UdpSocket socket = own.udp();
                    String name = i + ".test";
                    Waiting.Task<UdpSocket> lookUp = Waiting.start(() -> socket.connect(name, 9));
                    Waiting.untilParked(lookUp.thread());

                    AutoCloseable end = i == 0 ? socket : own;
                    end.close();

                    SocketClosedException e =
                            assertInstanceOf(SocketClosedException.class, lookUp.failure());
                    assertEquals(
                            i == 0
                                    ? SocketClosedException.ClosedBy.CALLER
                                    : SocketClosedException.ClosedBy.SCOPE,
                            e.closedBy());
                    assertTrue(
                            e.getMessage().startsWith("connect udp ->" + name + ":9: closed"),
                            e.getMessage());
                }
            }
        }
    }

    @Test
    void messagesNameBothEnds() throws Exception {
        int port = peer.getLocalPort();
        UdpSocket socket = scope.udp("peer.test", port);
        socket.receiveTimeout(Duration.ofMillis(1));
        UdpSocket bound = scope.udp().bind(LOOPBACK, 0);
        String local = "127.0.0.1:\\d+";

        assertShape(
                "receive udp " + local + "->peer.test/127.0.0.1:" + port + ": timeout.*",
                OperationTimeoutException.class,
                socket::receive);
        assertShape(
                "bind udp 127.0.0.1:" + port + "->-: address already in use",
                BindException.class,
                () -> scope.udp().bind(LOOPBACK, port));
        assertShape(
                "connect udp ->other.test:9: other.test could not be resolved.*",
                UnknownHostException.class,
                () -> scope.udp("other.test", 9));
        assertShape(
                "connect udp " + local + "->127.0.0.1:0: .*",
                IOException.class,
                () -> bound.connect("127.0.0.1", 0));
        assertShape(
                "send udp " + local + "->127.0.0.1:0: .*",
                IOException.class,
                () -> bound.sendTo(new InetSocketAddress(LOOPBACK, 0), bytes("x")));
        assertShape("receive udp ->-: closed", SocketClosedException.class, scope.udp()::receive);
    }

    private static void assertShape(
            String pattern,
            Class<? extends IOException> type,
            org.junit.jupiter.api.function.Executable use) {
        IOException e = assertThrows(type, use);
        assertTrue(e.getMessage().matches(pattern), e.getMessage());
    }

    @Test
    void aFailedBindOrConnectLeavesAFreshSocketFresh() throws Exception {
        UdpSocket socket = scope.udp();
        assertThrows(BindException.class, () -> socket.bind(LOOPBACK, peer.getLocalPort()));
        assertThrows(UnknownHostException.class, () -> socket.connect("other.test", 9));
        assertThrows(SocketClosedException.class, socket::receive);

        socket.sendTo((InetSocketAddress) peer.getLocalSocketAddress(), bytes("x"));

        assertEquals(1, next().getLength());
    }

    @Test
    void aClosedSocketSendsNothingBeforeItIsBoundOrConnectedAgain() throws Exception {
        UdpSocket socket = scope.udp();
        InetSocketAddress target = (InetSocketAddress) peer.getLocalSocketAddress();
        socket.close();
        assertThrows(SocketClosedException.class, () -> socket.sendTo(target, bytes("x")));

        socket.bind(LOOPBACK, 0).sendTo(target, bytes("yy"));

        assertEquals(2, next().getLength());

        UdpSocket again = connected();
        again.close();
        again.bind(LOOPBACK, 0);
        assertTrue(again.toString().endsWith("->-"), again::toString);
    }

    @Test
    void closedGoesBeforeTheArgument() throws Exception {
        UdpSocket socket = connected();
        socket.close();

        assertThrows(SocketClosedException.class, () -> socket.send(null));
        assertThrows(SocketClosedException.class, () -> socket.sendTo(null, null));
        assertThrows(SocketClosedException.class, () -> socket.send(new byte[65_508]));
        assertBad("null", () -> scope.udp().sendTo(null, bytes("x")));
    }

    @Test
    void badArgumentsAreNamedAndLeaveTheSocket() throws Exception {
        UdpSocket socket = connected();
        InetSocketAddress unresolved = InetSocketAddress.createUnresolved("peer.test", 9);

        assertBad("65536", () -> socket.connect("127.0.0.1", 65_536));
        assertBad("-1", () -> socket.connect("127.0.0.1", -1));
        assertBad("-1", () -> scope.udp().bind(LOOPBACK, -1));
        assertBad("null", () -> socket.bind(null, 1));
        assertBad("null", () -> socket.send(null));
        assertBad("null", () -> socket.sendTo(null, bytes("x")));
        assertBad("unresolved", () -> socket.sendTo(unresolved, bytes("x")));
        assertBad("unix", () -> socket.connect("unix:/a.sock", 0));
        assertBad("PT0S", () -> socket.receiveTimeout(Duration.ZERO));
        socket.send(bytes("x"));
        assertEquals(1, next().getLength());
    }

    private static void assertBad(String word, org.junit.jupiter.api.function.Executable use) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, use);
        assertTrue(e.getMessage().contains(word), e.getMessage());
    }

    // --- busy, close

    @Test
    void oneThreadReceivesWhileAnotherSends() throws Exception {
        UdpSocket socket = connected();
        int count = 2000;
        Semaphore inFlight = new Semaphore(32); // more could overflow a buffer of the kernel
        Waiting.Task<Integer> receiver =
                Waiting.start(
                        () -> {
                            int got = 0;
                            for (; got < count; got++) {
                                socket.receive();
                                inFlight.release();
                            }
                            return got;
                        });
        Waiting.Task<Boolean> echo =
                Waiting.startStep(
                        () -> {
                            for (int i = 0; i < count; i++) {
                                DatagramPacket packet = next();
                                answer(packet, content(packet));
                            }
                        });
        for (int i = 0; i < count; i++) {
            assertTrue(inFlight.tryAcquire(20, TimeUnit.SECONDS));
            socket.send(new byte[10]);
        }

        assertEquals(count, receiver.get());
        echo.get();
    }

    @Test
    void secondReceiverIsBusyAndDisturbsNothing() throws Exception {
        UdpSocket socket = connected();
        Waiting.Task<byte[]> receiver = Waiting.start(socket::receive);
        Waiting.untilParked(receiver.thread());

        IllegalStateException e = assertThrows(IllegalStateException.class, socket::receive);
        assertTrue(e.getMessage().endsWith("socket busy reading"), e.getMessage());
        IllegalStateException other =
                assertThrows(
                        IllegalStateException.class,
                        () -> socket.connect("127.0.0.1", peer.getLocalPort()));
        assertTrue(other.getMessage().endsWith("socket busy reading"), other.getMessage());

        socket.send(bytes("x"));
        answer(next(), bytes("y"));
        assertArrayEquals(bytes("y"), receiver.get());
    }

    @Test
    void closeWakesTheReceiver() throws Exception {
        UdpSocket socket = connected();
        int open = Descriptors.sockets();
        Waiting.Task<byte[]> receiver = Waiting.start(socket::receive);
        Waiting.untilParked(receiver.thread());

        socket.close();

        SocketClosedException e = assertInstanceOf(SocketClosedException.class, receiver.failure());
        assertEquals(ClosedBy.CALLER, e.closedBy());
        Descriptors.awaitAtMost(open - 1);
    }

    @Test
    void socketThatIsNotOpenIsClosedToEveryUse() throws Exception {
        UdpSocket fresh = scope.udp();
        assertThrows(SocketClosedException.class, fresh::receive);
        assertThrows(SocketClosedException.class, () -> fresh.send(bytes("x")));
        assertThrows(IllegalStateException.class, fresh::localAddress);
        fresh.close();

        UdpSocket closed = connected();
        closed.close();
        closed.close();
        assertThrows(SocketClosedException.class, closed::receive);
        assertThrows(SocketClosedException.class, () -> closed.send(bytes("x")));
        assertThrows(
                SocketClosedException.class,
                () -> closed.sendTo((InetSocketAddress) peer.getLocalSocketAddress(), bytes("x")));
        closed.connect("127.0.0.1", peer.getLocalPort()).send(bytes("again"));
        assertEquals(5, next().getLength());
    }
}
