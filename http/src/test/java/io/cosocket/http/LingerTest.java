package io.cosocket.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.StreamSocket;

import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.InputStream;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** What was sent last arrives, although the client goes on sending. */
class LingerTest {
    private static final int ALL = 3_000_000;

    private static HttpServer serving(boolean tls, Duration drain, Handler handler)
            throws IOException {
        HttpConfig config =
                tls
                        ? Servers.config()
                                .withListeners(Listener.tls("localhost", 0, TestKeys.context()))
                        : Servers.config();
        return HttpServer.start(
                config.withTimeouts(config.timeouts().withDrain(drain)),
                routes -> routes.content("/*", handler));
    }

    /** Reads slowly enough that the server has closed long before, sending bytes all the time. */
    private static int readAllWhileSending(HttpServer server, String request) throws Exception {
        try (Socket socket =
                server.uri().getScheme().equals("https")
                        ? TestKeys.context().getSocketFactory().createSocket()
                        : new Socket()) {
            socket.setReceiveBufferSize(8 << 10);
            socket.setSoTimeout(15_000);
            socket.connect(new InetSocketAddress("localhost", server.uri().getPort()));
            socket.getOutputStream().write(request.getBytes());
            InputStream in = socket.getInputStream();
            byte[] piece = new byte[16 << 10];
            int body = -1;
            for (int count; (count = in.read(piece)) >= 0; ) {
                body += count;
                if (body < ALL) {
                    socket.getOutputStream().write("ping".getBytes());
                }
            }
            return body + 1;
        }
    }

    @ParameterizedTest(name = "{0}, TLS {1}")
    @CsvSource({
        "raw, false",
        "raw, true",
        "late, false",
        "late, true",
        "close, false",
        "close, true"
    })
    void theLastBytesArriveAtAClientThatSends(String path, boolean tls) throws Exception {
        Handler handler =
                x -> {
                    if (x.path().equals("/raw")) {
                        x.rawSocket().send(new byte[ALL]);
                    } else {
                        x.setHeader("Connection", "close").print(new byte[ALL]);
                    }
                };
        try (HttpServer server = serving(tls, Duration.ofSeconds(30), handler)) {
            int count = readAllWhileSending(server, "GET /" + path + " HTTP/1.0\r\n\r\n");
            assertTrue(count >= ALL, count + " bytes");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/raw", "/close"})
    void aStopLetsTheLastBytesArrive(String path) throws Exception {
        byte[] all = new byte[200_000];
        CountDownLatch logged = new CountDownLatch(1);
        Handler handler =
                x -> {
                    if (x.path().equals("/raw")) {
                        x.rawSocket().send(all);
                    } else {
                        x.setHeader("Connection", "close").print(all);
                    }
                };
        HttpServer server =
                HttpServer.start(
                        Servers.config()
                                .withShutdownTimeout(Duration.ofSeconds(60))
                                .withAccessLog(entry -> logged.countDown()),
                        routes -> routes.content("/*", handler));
        Thread stop = Thread.ofVirtual().unstarted(server::close);
        try (Socket socket = new Socket()) {
            socket.setReceiveBufferSize(8 << 10);
            socket.setSoTimeout(15_000);
            socket.connect(new InetSocketAddress("localhost", server.uri().getPort()));
            socket.getOutputStream().write(("GET " + path + " HTTP/1.0\r\n\r\n").getBytes());
            logged.await();
            stop.start();
            // long enough for a stop that does not wait
            Awaitility.await().pollDelay(Duration.ofMillis(500)).until(() -> true);
            socket.getOutputStream().write("ping".getBytes());

            assertTrue(socket.getInputStream().readAllBytes().length >= all.length);
        }
        assertTrue(stop.join(Duration.ofSeconds(20)));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRefusedUploadMayBeSentToItsEnd(boolean tls) throws Exception {
        try (HttpServer server = serving(tls, Duration.ofSeconds(30), x -> x.fail(413));
                Client client = Client.of(server)) {
            client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 20000000\r\n\r\n");
            for (int i = 0; i < 20; i++) {
                client.send(new byte[1_000_000]);
            }
            assertEquals(413, client.answer().status());
            assertTrue(client.closedByServer());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/raw", "/upload"})
    void aClientThatNeverStopsIsCut(String path) throws Exception {
        Handler handler =
                x -> {
                    if (x.path().equals("/raw")) {
                        x.rawSocket().send("bye");
                    } else {
                        x.fail(413);
                    }
                };
        try (HttpServer server = serving(false, Duration.ofMillis(200), handler);
                Client client = Client.of(server)) {
            client.send(
                    "POST " + path + " HTTP/1.1\r\nHost: t\r\nContent-Length: 2000000000\r\n\r\n");
            assertThrows(
                    IOException.class,
                    () -> {
                        byte[] piece = new byte[1000];
                        for (int i = 0; i < 2_000_000; i++) {
                            client.send(piece);
                        }
                    });
        }
    }

    @ParameterizedTest(name = "TLS {0}")
    @ValueSource(booleans = {false, true})
    void theLastBytesArriveAfterAReadThatTimedOut(boolean tls) throws Exception {
        byte[] all = new byte[200_000];
        CountDownLatch completed = new CountDownLatch(1);
        HttpConfig config = Servers.config().withAccessLog(entry -> completed.countDown());
        if (tls) {
            config = config.withListeners(Listener.tls("localhost", 0, TestKeys.context()));
        }
        Handler handler =
                x -> {
                    StreamSocket client = x.rawSocket();
                    client.receiveTimeout(Duration.ofMillis(50));
                    assertThrows(SocketTimeoutException.class, client::receiveLine);
                    client.send(all);
                };
        try (HttpServer server = HttpServer.start(config, r -> r.content("/*", handler));
                Client client = Client.of(server)) {
            client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
            completed.await();
            for (int i = 0; i < 20; i++) {
                client.send("ping");
                Awaitility.await().pollDelay(Duration.ofMillis(10)).until(() -> true);
            }

            assertEquals(all.length, client.rest().length());
        }
    }

    /** With bytes behind the head the engine holds a buffer when the connection is taken. */
    @ParameterizedTest
    @CsvSource({"/close, Accept: *", "/raw, Accept: *", "/raw, Upgrade: x"})
    void theEnginesBuffersAreUsedAgain(String path, String header) throws Exception {
        int connections = 300;
        String request =
                "POST "
                        + path
                        + " HTTP/1.1\r\nHost: t\r\nConnection: upgrade\r\n"
                        + header
                        + "\r\nContent-Length: 5\r\n\r\nhello";
        Handler handler =
                x -> {
                    if (x.path().equals("/raw")) {
                        x.rawSocket().send("done");
                    } else {
                        x.setHeader("Connection", "close").print("done");
                    }
                };
        try (HttpServer server = Servers.serving(handler)) {
            long before = directBytes();
            for (int i = 0; i < connections; i++) {
                try (Client client = Client.of(server)) {
                    assertTrue(client.send(request).rest().endsWith("done"));
                }
            }
            long each = (directBytes() - before) / connections;
            assertTrue(each < 4096, each + " bytes of direct memory for each connection");
        }
    }

    private static long directBytes() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }
}
