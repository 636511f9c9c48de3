package io.cosocket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.SocketClosedException.ClosedBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Who may use a socket, and what becomes of it when its owner ends. */
class SocketOwnershipTest {
    private final Cosockets runtime = Cosockets.create();
    private LoopbackPeer peer;

    @BeforeEach
    void listen() throws IOException {
        peer = LoopbackPeer.answeringLines();
    }

    @AfterEach
    void close() throws IOException {
        runtime.close();
        peer.close();
    }

    @Test
    @Tag("058-T7")
    @Tag("rw-tcp-socket-T7")
    void socketsDieWithTheirRun() throws Exception {
        try (LoopbackPeer silent = LoopbackPeer.listening()) {
            try (SocketScope scope = runtime.openScope("first")) {
                scope.run(sockets -> sockets.connect("127.0.0.1", silent.port()));
            }

            LoopbackPeer.awaitEnd(silent.accept());
        }
    }

    @Test
    void endOfTheScopeEndsWaitsAndNamesItself() throws Exception {
        SocketScope scope = runtime.openScope("first");
        TcpSocket socket = scope.connect("127.0.0.1", peer.port());
        Waiting.Task<byte[]> reader = Waiting.start(() -> socket.receive(1));
        Waiting.untilParked(reader.thread());

        scope.close();

        SocketClosedException e = assertInstanceOf(SocketClosedException.class, reader.failure());
        assertEquals(ClosedBy.SCOPE, e.closedBy());
        assertTrue(e.getMessage().contains(": closed"), e.getMessage());
        assertFalse(socket.isOpen());
    }

    @Test
    @Tag("058-T19")
    @Tag("rw-tcp-socket-T19")
    @Tag("058-T20")
    @Tag("rw-tcp-socket-T20")
    @Tag("058-T21")
    @Tag("rw-tcp-socket-T21")
    void socketOfARunThatEndedIsClosedForTheNext() throws Exception {
        TcpSocket kept = connectInARun();

        try (SocketScope scope = runtime.openScope("second")) {
            scope.run(
                    sockets -> {
                        assertClosed(() -> kept.send("flush_all\r\n"));
                        SocketClosedException e =
                                assertThrows(SocketClosedException.class, () -> kept.receive(1));
                        assertArrayEquals(new byte[0], e.partial());
                        kept.close();
                    });
        }
    }

    private TcpSocket connectInARun() throws Exception {
        AtomicReference<TcpSocket> kept = new AtomicReference<>();
        try (SocketScope scope = runtime.openScope("first")) {
            scope.run(
                    sockets -> {
                        TcpSocket socket = sockets.connect("127.0.0.1", peer.port());
                        socket.send("flush_all\r\n");
                        assertEquals("OK", socket.receiveLine());
                        kept.set(socket);
                    });
        }
        return kept.get();
    }

    @Test
    @Tag("058-T44")
    @Tag("rw-tcp-socket-T33")
    @Tag("058-T48")
    @Tag("rw-tcp-socket-T37")
    @Tag("058-T49")
    @Tag("rw-tcp-socket-T38")
    void openSocketOfAnotherRunIsABadRequest() throws Exception {
        try (OtherRun owner = new OtherRun(runtime, peer.port());
                SocketScope scope = runtime.openScope("second")) {
            TcpSocket theirs = owner.tcp;
            scope.run(
                    sockets -> {
                        assertBadRequest(() -> theirs.connect("127.0.0.1", peer.port()));
                        assertBadRequest(() -> theirs.send("x"));
                        assertBadRequest(() -> theirs.receive(1));
                        assertBadRequest(theirs::receiveLine);
                        assertBadRequest(theirs::shutdownSend);
                        assertBadRequest(theirs::release);
                        assertBadRequest(() -> theirs.startTls(TlsOptions.defaults()));
                        InputStream piece = theirs.streamUntil(Delimiter.of("abc"));
                        assertBadRequest(piece::read);
                        assertBadRequest(owner.scope::tcp);
                        assertBadRequest(() -> owner.scope.fork(() -> 1));
                    });

            assertTrue(theirs.isOpen());
            owner.exchange();
        }
    }

    @Test
    @Tag("087-T15")
    void datagramSocketOfAnotherRunIsABadRequest() throws Exception {
        try (OtherRun owner = new OtherRun(runtime, peer.port());
                SocketScope scope = runtime.openScope("second")) {
            scope.run(
                    sockets -> {
                        assertBadRequest(() -> owner.udp.connect("127.0.0.1", 9));
                        assertBadRequest(() -> owner.udp.send(new byte[1]));
                        assertBadRequest(owner.udp::receive);
                        assertBadRequest(() -> owner.udp.bind(InetAddress.getLoopbackAddress(), 0));
                    });
        }
    }

    @Test
    @Tag("087-T4")
    void manyRunsSharingOneDatagramSocketAreRefusedOneByOne() throws Exception {
        try (OtherRun owner = new OtherRun(runtime, peer.port())) {
            AtomicInteger refused = new AtomicInteger();
            List<Waiting.Task<Boolean>> runs = new ArrayList<>();
            for (int i = 0; i < 170; i++) {
                runs.add(
                        Waiting.startStep(
                                () -> {
                                    try (SocketScope scope = runtime.openScope("sub")) {
                                        scope.run(
                                                sockets -> {
                                                    assertBadRequest(owner.udp::receive);
                                                    refused.incrementAndGet();
                                                });
                                    }
                                }));
            }
            for (Waiting.Task<Boolean> run : runs) {
                run.get();
            }
            assertEquals(170, refused.get());
        }
    }

    @Test
    void socketOfAnotherRunMayBeClosed() throws Exception {
        try (OtherRun owner = new OtherRun(runtime, peer.port());
                SocketScope scope = runtime.openScope("second")) {
            scope.run(sockets -> owner.tcp.close());

            assertFalse(owner.tcp.isOpen());
        }
    }

    @Test
    void threadOfNoRunMayUseAnySocket() throws Exception {
        try (OtherRun owner = new OtherRun(runtime, peer.port())) {
            owner.exchange();
            assertEquals(true, Waiting.startStep(owner::exchange).get());
        }
    }

    @Test
    void forksShareTheSocketsOfTheirRun() throws Exception {
        try (SocketScope scope = runtime.openScope("first")) {
            scope.run(
                    sockets -> {
                        TcpSocket socket = sockets.connect("127.0.0.1", peer.port());
                        Fork<String> reader = sockets.fork(socket::receiveLine);
                        socket.send("x\n");
                        assertEquals("OK", reader.join());
                    });
        }
    }

    @Test
    void childScopeEndsItsOwnSocketsAlone() throws Exception {
        try (SocketScope scope = runtime.openScope("first")) {
            scope.run(
                    sockets -> {
                        TcpSocket outer = sockets.connect("127.0.0.1", peer.port());
                        TcpSocket inner;
                        try (SocketScope child = runtime.openScope("child")) {
                            inner = child.connect("127.0.0.1", peer.port());
                            inner.send("x\n");
                            assertEquals("OK", inner.receiveLine());
                        }
                        assertFalse(inner.isOpen());
                        outer.send("x\n");
                        assertEquals("OK", outer.receiveLine());
                    });
        }
    }

    @Test
    void endOfTheRunEndsItsChildScopes() throws Exception {
        AtomicReference<SocketScope> child = new AtomicReference<>();
        AtomicReference<TcpSocket> socket = new AtomicReference<>();
        try (SocketScope scope = runtime.openScope("first")) {
            scope.run(
                    sockets -> {
                        child.set(runtime.openScope("child"));
                        socket.set(child.get().connect("127.0.0.1", peer.port()));
                    });
        }

        assertTrue(child.get().isClosed());
        assertFalse(socket.get().isOpen());
    }

    @Test
    void scopeOfAnotherRuntimeOpenedInARunIsItsChild() throws Exception {
        AtomicReference<TcpSocket> socket = new AtomicReference<>();
        AtomicReference<SocketPair> pair = new AtomicReference<>();
        AtomicReference<Cosockets> late = new AtomicReference<>();
        try (Cosockets another = Cosockets.create();
                SocketScope scope = runtime.openScope("first")) {
            scope.run(
                    sockets -> {
                        SocketScope foreign = another.openScope("foreign");
                        socket.set(foreign.connect("127.0.0.1", peer.port()));
                        socket.get().send("x\n");
                        assertEquals("OK", socket.get().receiveLine());
                        pair.set(StreamSocket.inMemory(another));
                        assertSame(
                                ((BufferedSocket) pair.get().left()).scope,
                                ((BufferedSocket) StreamSocket.inMemory(another).left()).scope);
                        pair.get().left().send("y");
                        assertEquals('y', pair.get().right().receive(1)[0]);
                        late.set(Cosockets.create());
                    });

            assertFalse(socket.get().isOpen());
            assertFalse(pair.get().left().isOpen());
            assertTrue(another.openScope("later").connect("127.0.0.1", peer.port()).isOpen());
        }
        try (Cosockets outlives = late.get()) {
            assertTrue(StreamSocket.inMemory(outlives).left().isOpen());
        }
    }

    @Test
    void pairMadeOutsideOfRunsServesEveryRun() throws Exception {
        SocketPair pair = StreamSocket.inMemory(runtime);
        try (SocketScope first = runtime.openScope("first");
                SocketScope second = runtime.openScope("second")) {
            Fork<String> handler = first.fork(() -> pair.left().receiveLine());

            second.run(sockets -> pair.right().send("hello\n"));

            assertEquals("hello", handler.join());
        }
        assertTrue(pair.left().isOpen());
    }

    @Test
    void endOfARuntimeEndsItsScopesInRunsOfAnother() throws Exception {
        Cosockets another = Cosockets.create();
        try (SocketScope scope = runtime.openScope("first")) {
            scope.run(
                    sockets -> {
                        TcpSocket socket =
                                another.openScope("foreign").connect("127.0.0.1", peer.port());

                        another.close();

                        assertFalse(socket.isOpen());
                        assertFalse(sockets.isClosed());
                    });
        }
    }

    @Test
    void scopeThatEndedOpensNothing() throws Exception {
        SocketScope scope = runtime.openScope("first");
        TcpSocket before = scope.tcp();
        UdpSocket datagrams = scope.udp();
        scope.close();
        int open = Descriptors.sockets();

        assertClosed(() -> before.connect("127.0.0.1", peer.port()));
        assertClosed(() -> scope.connect("127.0.0.1", peer.port()));
        assertClosed(() -> datagrams.connect("127.0.0.1", 9));
        assertClosed(() -> scope.udp("127.0.0.1", 9));
        assertClosed(() -> scope.sleep(Duration.ofSeconds(20)));
        assertThrows(IllegalStateException.class, () -> scope.fork(() -> 1));
        assertThrows(IllegalStateException.class, () -> scope.run(sockets -> {}));
        assertTrue(Descriptors.sockets() <= open);
    }

    private static void assertClosed(org.junit.jupiter.api.function.Executable use) {
        assertThrows(SocketClosedException.class, use);
    }

    private static void assertBadRequest(org.junit.jupiter.api.function.Executable use) {
        IllegalStateException e = assertThrows(IllegalStateException.class, use);
        assertTrue(e.getMessage().startsWith("bad request"), e.getMessage());
        assertTrue(e.getMessage().contains("first"), e.getMessage());
    }

    /** A run that holds sockets until the test is done with them. */
    private static final class OtherRun implements java.io.Closeable {
        final SocketScope scope;
        TcpSocket tcp;
        UdpSocket udp;
        private final CountDownLatch over = new CountDownLatch(1);
        private final Waiting.Task<Boolean> run;

        OtherRun(Cosockets runtime, int port) throws InterruptedException {
            scope = runtime.openScope("first");
            CountDownLatch ready = new CountDownLatch(1);
            run =
                    Waiting.startStep(
                            () ->
                                    scope.run(
                                            sockets -> {
                                                tcp = sockets.connect("127.0.0.1", port);
                                                udp = sockets.udp("127.0.0.1", 9);
                                                ready.countDown();
                                                over.await();
                                            }));
            ready.await();
        }

        void exchange() throws IOException {
            tcp.send("x\n");
            assertEquals("OK", tcp.receiveLine());
        }

        @Override
        public void close() {
            over.countDown();
            run.result().join();
        }
    }
}
