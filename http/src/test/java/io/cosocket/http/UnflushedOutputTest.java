package io.cosocket.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cosocket.TcpSocket;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** 186-T1 without a clock: what no operation touches cannot slow it down. */
class UnflushedOutputTest {
    private static final int EXCHANGES = 10_000;

    @Tag("186-T1")
    @Test
    void socketOperationsLeaveUnflushedOutputAlone() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                HttpServer server =
                        Servers.serving(
                                exchange -> {
                                    exchange.say("hello");
                                    TcpSocket echo =
                                            exchange.sockets()
                                                    .connect("127.0.0.1", listener.getLocalPort());
                                    pingPong(echo);
                                });
                Client client = Client.of(server)) {
            Thread.ofVirtual().start(() -> echo(listener));

            Client.Answer answer = client.get("/");

            assertEquals("hello\n", answer.body());
            // known only because nothing was sent before the handler's end
            assertEquals("6", answer.header("Content-Length"));
        }
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
