package io.cosocket.it.bench;

import io.cosocket.Cosockets;
import io.cosocket.SocketScope;
import io.cosocket.TcpSocket;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/** What a read with a time-out of 60 s costs beside an untimed blocking channel. */
@Tag("bench")
class StreamBenchTest {
    private static final int MESSAGE_BYTES = 64;
    private static final long ROUND_NANOS = 300_000_000;
    private static final int ROUNDS = 15;

    /** Sends one message and waits for its echo. */
    @FunctionalInterface
    private interface Exchange {
        void once() throws IOException;
    }

    @FunctionalInterface
    private interface Client {
        void talk(Conversation conversation) throws IOException;
    }

    @FunctionalInterface
    private interface Conversation {
        void run(Exchange exchange) throws IOException;
    }

    @Test
    void pingPongBesideUntimedChannel() throws Exception {
        try (EchoPeer peer = EchoPeer.start();
                Cosockets cosockets = Cosockets.create()) {
            for (int connections : new int[] {1, 16, 64, 1000}) {
                int port = peer.port();
                new Rounds()
                        .with("SocketChannel, untimed", all(connections, c -> channel(port, c)))
                        .with(
                                "TcpSocket receive(ByteBuffer)",
                                all(connections, c -> socket(cosockets, port, c, true)))
                        .with(
                                "TcpSocket receive(64)",
                                all(connections, c -> socket(cosockets, port, c, false)))
                        .run("ping-pong, " + connections + " conns", ROUNDS, ROUND_NANOS);
            }
        }
    }

    private static void channel(int port, Conversation conversation) throws IOException {
        try (SocketChannel channel = SocketChannel.open()) {
            channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            ByteBuffer in = ByteBuffer.allocate(MESSAGE_BYTES);
            ByteBuffer out = ByteBuffer.allocate(MESSAGE_BYTES);
            conversation.run(
                    () -> {
                        out.clear();
                        while (out.hasRemaining()) {
                            channel.write(out);
                        }
                        in.clear();
                        while (in.hasRemaining()) {
                            channel.read(in);
                        }
                    });
        }
    }

    private static void socket(
            Cosockets cosockets, int port, Conversation conversation, boolean buffer)
            throws IOException {
        byte[] message = new byte[MESSAGE_BYTES];
        ByteBuffer in = ByteBuffer.allocate(MESSAGE_BYTES);
        try (SocketScope scope = cosockets.openScope("bench");
                TcpSocket socket = scope.connect("127.0.0.1", port)) {
            conversation.run(
                    () -> {
                        socket.send(message);
                        if (!buffer) {
                            socket.receive(MESSAGE_BYTES);
                            return;
                        }
                        in.clear();
                        while (in.hasRemaining()) {
                            socket.receive(in);
                        }
                    });
        }
    }

    /** Runs one client on each of so many virtual threads, all starting together. */
    private static Rounds.Variant all(int connections, Client client) {
        return nanos -> {
            AtomicLong count = new AtomicLong();
            AtomicLong until = new AtomicLong();
            CountDownLatch ready = new CountDownLatch(connections);
            CountDownLatch go = new CountDownLatch(1);
            CountDownLatch done = new CountDownLatch(connections);
            for (int i = 0; i < connections; i++) {
                Thread.startVirtualThread(
                        () -> {
                            try {
                                client.talk(
                                        exchange -> {
                                            ready.countDown();
                                            await(go);
                                            long mine = 0;
                                            while (System.nanoTime() - until.get() < 0) {
                                                exchange.once();
                                                mine++;
                                            }
                                            count.addAndGet(mine);
                                        });
                            } catch (IOException e) {
                                throw new java.io.UncheckedIOException(e);
                            } finally {
                                done.countDown();
                            }
                        });
            }
            ready.await();
            until.set(System.nanoTime() + nanos);
            go.countDown();
            done.await();
            return count.get();
        };
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
