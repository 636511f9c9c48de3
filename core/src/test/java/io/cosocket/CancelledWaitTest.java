package io.cosocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.SocketClosedException.ClosedBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A fork that waits in any operation is cancelled, interrupted, ended with its scope, or loses its
 * socket: it ends at once, and nothing it held stays.
 */
class CancelledWaitTest {
    private final Cosockets runtime =
            Cosockets.create(CosocketConfig.defaults().withResolver(CancelledWaitTest::dead));
    private final SocketScope scope = runtime.openScope("run");
    private LoopbackPeer silent;
    private BlackHole hole;
    private DatagramSocket silentDatagrams;

    /** A pool whose one connection is taken while the test lasts. */
    private static final PoolOptions FULL =
            PoolOptions.defaults().withName("full").withMaxOpen(1).withMaxWaiting(1);

    /** Where the fork waits. */
    enum Wait {
        CONNECT,
        QUEUE,
        TLS_IN_CONNECT,
        START_TLS,
        NAME,
        RECEIVE,
        RECEIVE_UNTIL,
        SEND,
        UDP_NAME,
        UDP_RECEIVE
    }

    private static List<InetAddress> dead(String host, Duration limit) throws UnknownHostException {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new UnknownHostException(host);
    }

    @BeforeEach
    void listen() throws IOException {
        silent = LoopbackPeer.listening();
        hole = new BlackHole();
        silentDatagrams = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void close() throws IOException {
        runtime.close();
        silent.close();
        hole.close();
        silentDatagrams.close();
    }

    @ParameterizedTest
    @EnumSource
    @Tag("058-T55")
    @Tag("127-T3")
    void cancelEndsTheWaitAndFreesTheSocket(Wait wait) throws Exception {
        int open = Descriptors.sockets();
        Attempt attempt = new Attempt(wait);

        attempt.fork.cancel();

        assertThrows(CancellationException.class, () -> attempt.fork.join(Duration.ofSeconds(20)));
        assertEquals(ClosedBy.CANCELLED, attempt.failure().closedBy());
        attempt.assertClosed();
        Descriptors.awaitAtMost(open);
    }

    @ParameterizedTest
    @EnumSource
    void endOfTheScopeEndsTheWaitAndFreesTheSocket(Wait wait) throws Exception {
        int open = Descriptors.sockets();
        Attempt attempt = new Attempt(wait);

        scope.close();

        assertThrows(CancellationException.class, () -> attempt.fork.join(Duration.ofSeconds(20)));
        assertTrue(
                attempt.failure().closedBy() == ClosedBy.CANCELLED
                        || attempt.failure().closedBy() == ClosedBy.SCOPE,
                attempt.failure()::toString);
        attempt.assertClosed();
        Descriptors.awaitAtMost(open);
    }

    @ParameterizedTest
    @EnumSource
    void interruptEndsTheWaitAndFreesTheSocket(Wait wait) throws Exception {
        int open = Descriptors.sockets();
        Attempt attempt = new Attempt(wait);

        attempt.thread.get().interrupt();

        SocketClosedException e =
                assertThrows(
                        SocketClosedException.class,
                        () -> attempt.fork.join(Duration.ofSeconds(20)));
        assertEquals(ClosedBy.INTERRUPTED, e.closedBy());
        attempt.assertClosed();
        Descriptors.awaitAtMost(open);
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NAME", "UDP_NAME"})
    void closeByAnotherThreadEndsTheWaitAndFreesTheSocket(Wait wait) throws Exception {
        int open = Descriptors.sockets();
        Attempt attempt = new Attempt(wait);

        attempt.closeSocket();

        SocketClosedException e =
                assertThrows(
                        SocketClosedException.class,
                        () -> attempt.fork.join(Duration.ofSeconds(20)));
        assertEquals(ClosedBy.CALLER, e.closedBy());
        attempt.assertClosed();
        Descriptors.awaitAtMost(open);
    }

    @Test
    void cancelEndsASleep() throws Exception {
        Fork<Boolean> fork =
                scope.fork(
                        () -> {
                            scope.sleep(Duration.ofSeconds(60));
                            return true;
                        });

        fork.cancel();

        assertThrows(CancellationException.class, () -> fork.join(Duration.ofSeconds(20)));
    }

    @Test
    void cancelledReaderLeavesNothingForThePeer() throws Exception {
        TcpSocket socket = scope.connect("127.0.0.1", silent.port());
        Fork<byte[]> fork = scope.fork(() -> socket.receive(1));

        fork.cancel();

        LoopbackPeer.awaitEnd(silent.accept());
    }

    /** A fork that has come to its wait. */
    private final class Attempt {
        final AtomicReference<Thread> thread = new AtomicReference<>();
        final Fork<Boolean> fork;
        private final TcpSocket tcp = scope.tcp();

        /** Has the place in the pool that others wait for; not what the wait held. */
        private final TcpSocket holder = scope.tcp();

        private final UdpSocket udp = scope.udp();
        private final Wait wait;
        private final AtomicReference<SocketClosedException> failure = new AtomicReference<>();

        Attempt(Wait wait) throws Exception {
            this.wait = wait;
            if (wait == Wait.QUEUE) {
                holder.connect(
                        "127.0.0.1", silent.port(), ConnectOptions.defaults().withPool(FULL));
            }
            CountDownLatch begun = new CountDownLatch(1);
            fork =
                    scope.fork(
                            () -> {
                                thread.set(Thread.currentThread());
                                begun.countDown();
                                try {
                                    run();
                                } catch (SocketClosedException e) {
                                    failure.set(e);
                                    throw e;
                                }
                                return true;
                            });
            begun.await();
            Waiting.untilParked(thread.get());
        }

        private void run() throws IOException {
            ConnectOptions options = ConnectOptions.defaults();
            switch (wait) {
                case CONNECT -> tcp.connect("127.0.0.1", hole.port());
                case QUEUE -> tcp.connect("127.0.0.1", silent.port(), options.withPool(FULL));
                case TLS_IN_CONNECT ->
                        tcp.connect(
                                "127.0.0.1", silent.port(), options.withTls(TlsOptions.defaults()));
                case START_TLS -> connected().startTls(TlsOptions.defaults());
                case NAME -> tcp.connect("peer.invalid", 9);
                case RECEIVE -> connected().receive(1);
                case RECEIVE_UNTIL -> connected().receiveUntil("\r\n");
                case SEND -> connected().send(new byte[64 << 20]);
                case UDP_NAME -> udp.connect("peer.invalid", 9);
                case UDP_RECEIVE ->
                        udp.connect("127.0.0.1", silentDatagrams.getLocalPort()).receive();
            }
        }

        private TcpSocket connected() throws IOException {
            return tcp.connect("127.0.0.1", silent.port());
        }

        SocketClosedException failure() {
            return failure.get();
        }

        void closeSocket() {
            tcp.close();
            udp.close();
        }

        void assertClosed() {
            for (PoolStats pool : runtime.pools()) {
                assertEquals(0, pool.waiting());
            }
            holder.close();
            assertFalse(tcp.isOpen());
            assertEquals(Release.CLOSED, tcp.release());
            assertThrows(SocketClosedException.class, () -> tcp.receive(1));
            assertThrows(SocketClosedException.class, udp::receive);
        }
    }
}
