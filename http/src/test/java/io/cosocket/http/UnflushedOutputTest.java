package io.cosocket.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.TcpSocket;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.stream.LongStream;

class UnflushedOutputTest {
    private static final int BLOCKS = 20;
    private static final int EXCHANGES = 500;

    @Tag("186-T1")
    @Test
    void unflushedOutputDoesNotSlowDownSocketOperations() throws Exception {
        long[] nanos = new long[BLOCKS];
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                HttpServer server =
                        Servers.serving(
                                exchange -> {
                                    exchange.say("hello");
                                    TcpSocket echo =
                                            exchange.sockets()
                                                    .connect("127.0.0.1", listener.getLocalPort());
                                    for (int block = 0; block < BLOCKS; block++) {
                                        long before = System.nanoTime();
                                        pingPong(echo);
                                        nanos[block] = System.nanoTime() - before;
                                    }
                                });
                Client client = Client.of(server)) {
            Thread.ofVirtual().start(() -> echo(listener));

            assertEquals("hello\n", client.get("/").body());
        }

        // the quickest of several blocks, so that a busy machine cannot decide
        long early = LongStream.of(nanos).skip(5).limit(5).min().orElseThrow();
        long late = LongStream.of(nanos).skip(15).min().orElseThrow();
        assertTrue(late < 4 * early, () -> early + " ns grew to " + late);
    }

    private static void pingPong(TcpSocket echo) throws IOException {
        for (int i = 0; i < EXCHANGES; i++) {
            echo.send("hello");
            if (echo.receive(5).length != 5) {
                throw new IOException("no echo");
            }
        }
    }

    private static void echo(ServerSocket listener) {
        try (Socket peer = listener.accept()) {
            peer.setTcpNoDelay(true);
            peer.getInputStream().transferTo(peer.getOutputStream());
        } catch (IOException e) {
            // the test is over
        }
    }
}
