package io.cosocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.net.Socket;
import java.util.concurrent.CountDownLatch;

/** What the end of the runtime ends, and what use after it gives. */
class CosocketsCloseTest {
    @Test
    void closeEndsRunsAndSocketsAndIdleConnections() throws Exception {
        try (LoopbackPeer peer = LoopbackPeer.listening()) {
            Cosockets runtime = Cosockets.create();
            SocketScope scope = runtime.openScope("run");
            scope.connect("127.0.0.1", peer.port()).release();
            Socket idle = peer.accept();
            Waiting.Task<byte[]> reader =
                    Waiting.start(() -> scope.tcp().connect(peerHost(), peer.port()).receive(1));
            Waiting.untilParked(reader.thread());

            runtime.close();
            runtime.close();

            assertInstanceOf(SocketClosedException.class, reader.failure());
            LoopbackPeer.awaitEnd(idle);
            assertTrue(scope.isClosed());
        }
    }

    private static String peerHost() {
        return "127.0.0.1";
    }

    @Test
    void useAfterCloseIsRefused() throws Exception {
        Cosockets runtime = Cosockets.create();
        SocketScope scope = runtime.openScope("run");
        SocketPair pair = StreamSocket.inMemory(runtime);
        runtime.close();

        IllegalStateException e =
                assertThrows(IllegalStateException.class, () -> runtime.openScope("late"));
        assertTrue(e.getMessage().startsWith("process exiting"), e.getMessage());
        assertThrows(SocketClosedException.class, () -> scope.connect("127.0.0.1", 9));
        assertThrows(IllegalStateException.class, () -> scope.fork(() -> 1));
        assertFalse(pair.left().isOpen());
        assertThrows(SocketClosedException.class, () -> pair.right().receive(1));
        assertFalse(StreamSocket.inMemory(runtime).left().isOpen());
        assertTrue(runtime.pools().isEmpty() || runtime.pools().getFirst().open() == 0);
    }

    @Test
    void closeWithinARunEndsIt() throws Exception {
        Cosockets runtime = Cosockets.create();
        CountDownLatch forked = new CountDownLatch(1);

        try (SocketScope scope = runtime.openScope("run")) {
            scope.run(
                    sockets -> {
                        Fork<Boolean> fork =
                                sockets.fork(
                                        () -> {
                                            forked.countDown();
                                            new CountDownLatch(1).await();
                                            return true;
                                        });
                        forked.await();
                        runtime.close();
                        assertFalse(Thread.currentThread().isInterrupted());
                        assertThrows(java.util.concurrent.CancellationException.class, fork::join);
                    });
            assertTrue(scope.isClosed());
        }
    }

    @Test
    void releaseAfterCloseOfTheRuntimeClosesTheConnection() throws Exception {
        try (LoopbackPeer peer = LoopbackPeer.listening()) {
            Cosockets runtime = Cosockets.create();
            TcpSocket socket = runtime.openScope("run").connect("127.0.0.1", peer.port());
            runtime.close();

            assertEquals(Release.CLOSED, socket.release());
            LoopbackPeer.awaitEnd(peer.accept());
        }
    }
}
