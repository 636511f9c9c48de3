package io.cosocket.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.ConnectOptions;
import io.cosocket.Cosockets;
import io.cosocket.SocketClosedException;
import io.cosocket.SocketScope;
import io.cosocket.TcpSocket;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

class ServerLifeTest {
    @Test
    void closeLetsExchangesFinishAndTellsThem() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        Handler handler =
                x -> {
                    running.countDown();
                    while (!x.draining()) {
                        x.sockets().sleep(Duration.ofMillis(5));
                    }
                    x.sockets().sleep(Duration.ofMillis(300));
                    x.print("finished");
                };
        HttpServer server = Servers.serving(handler);
        try (Client client = Client.of(server);
                Client late = Client.of(server)) {
            client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
            running.await();
            Thread closer = Thread.startVirtualThread(server::close);

            Client.Answer answer = client.answer();
            assertEquals("finished", answer.body());
            assertEquals("close", answer.header("Connection"));
            assertTrue(client.closedByServer());
            closer.join();
            assertTrue(late.closedByServer());
            assertThrows(ConnectException.class, () -> Client.of(server));
        }
    }

    @Test
    void closeCutsWhatDoesNotFinishRawSocketsToo() throws Exception {
        LinkedBlockingQueue<String> ended = new LinkedBlockingQueue<>();
        CountDownLatch running = new CountDownLatch(2);
        Handler handler =
                x -> {
                    try {
                        if (x.path().equals("/raw")) {
                            var raw = x.rawSocket();
                            running.countDown();
                            raw.receive(1);
                        } else {
                            running.countDown();
                            x.sockets().sleep(Duration.ofSeconds(60));
                        }
                    } catch (SocketClosedException e) {
                        ended.add(x.path() + " " + e.closedBy());
                        throw e;
                    }
                };
        HttpConfig config = Servers.config().withShutdownTimeout(Duration.ofMillis(300));
        HttpServer server = HttpServer.start(config, routes -> routes.content("/*", handler));
        try (Client raw = Client.of(server);
                Client parked = Client.of(server)) {
            raw.send("GET /raw HTTP/1.1\r\nHost: t\r\n\r\n");
            parked.send("GET /parked HTTP/1.1\r\nHost: t\r\n\r\n");
            running.await();
            long since = System.nanoTime();
            server.close();

            long millis = (System.nanoTime() - since) / 1_000_000;
            assertTrue(millis >= 300 && millis < 10_000, millis + " ms");
            assertTrue(raw.closedByServer());
            assertEquals(503, parked.answer().status());
            assertTrue(parked.closedByServer());
            assertEquals(2, ended.size(), ended.toString());
        }
    }

    @Test
    void servesSeveralListenersAtOnce(@TempDir Path directory) throws Exception {
        Path path = directory.resolve("of http.sock");
        HttpConfig config =
                Servers.config()
                        .withListener(Listener.unix(path))
                        .withListener(Listener.tls("localhost", 0, TestKeys.context()));
        Handler handler =
                x -> {
                    if (x.path().equals("/raw")) {
                        x.rawSocket().send("raw");
                    } else {
                        x.print(x.scheme() + " " + new String(x.readBody(100)));
                    }
                };
        try (HttpServer server = HttpServer.start(config, routes -> routes.content("/*", handler));
                Cosockets sockets = Cosockets.create();
                SocketScope scope = sockets.openScope("test")) {
            try (Client tcp = Client.of(Servers.uri(server, 0));
                    Client tls = Client.of(Servers.uri(server, 2))) {
                assertEquals("http x", tcp.post("/", "x").body());
                assertEquals("https y", tls.post("/", "y").body());
            }
            assertEquals("unix", Servers.uri(server, 1).getScheme());
            assertEquals(path.toString(), Servers.uri(server, 1).getPath());
            for (String target : new String[] {"/", "/raw"}) {
                TcpSocket unix =
                        scope.connect(UnixDomainSocketAddress.of(path), ConnectOptions.defaults());
                unix.send("POST " + target + " HTTP/1.0\r\nContent-Length: 1\r\n\r\nz");
                String all = new String(unix.receiveAll(1000));
                assertTrue(
                        all.endsWith(target.equals("/raw") ? "raw" : "http z"),
                        target + ": " + all);
            }
        }
        assertFalse(Files.exists(path), "the socket file must go with the server");
    }

    @Test
    void aUnixSocketInUseIsRefusedAndAStaleOneReplaced(@TempDir Path directory) throws Exception {
        Path path = directory.resolve("http.sock");
        HttpConfig config = Servers.config().withListeners(Listener.unix(path));
        Application app = routes -> routes.content("/*", x -> x.print("ok"));
        try (HttpServer server = HttpServer.start(config, app)) {
            IOException error =
                    assertThrows(IOException.class, () -> HttpServer.start(config, app));
            assertTrue(error.getMessage().contains("address already in use"), error.getMessage());
            assertEquals("unix:" + path, server.uri().toString());
        }
        try (var stale = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            stale.bind(UnixDomainSocketAddress.of(path));
        }
        HttpServer.start(config, app).close();
    }

    @Test
    void whatIsNoSocketIsNotReplacedByOne(@TempDir Path directory) throws Exception {
        Path path = directory.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", path.toString()).start().waitFor());
        HttpConfig config = Servers.config().withListeners(Listener.unix(path));

        IOException error =
                assertThrows(IOException.class, () -> HttpServer.start(config, routes -> {}));

        assertTrue(error.getMessage().contains("it is not a socket"), error.getMessage());
        assertTrue(Files.exists(path));
    }

    @Test
    void everyExchangeIsLoggedOnce() throws Exception {
        LinkedBlockingQueue<AccessLog.Entry> log = new LinkedBlockingQueue<>();
        Handler handler =
                x -> {
                    switch (x.path()) {
                        case "/raw" -> {
                            var raw = x.rawSocket();
                            raw.send(raw.receive(5));
                            raw.receiveAny(1);
                        }
                        case "/boom" -> throw new IllegalStateException("provoked by the test");
                        case "/sleep" -> x.sockets().sleep(Duration.ofSeconds(60));
                        default -> x.print("hello" + x.readBody(100).length);
                    }
                };
        try (HttpServer server =
                HttpServer.start(
                        Servers.config().withAccessLog(log::add),
                        routes -> routes.content("/*", handler))) {
            try (Client client = Client.of(server)) {
                client.post("/ok?a=b", "four");
                check(log, "POST /ok?a=b 200 4 6 done");
                client.get("/boom");
                check(log, "GET /boom 500 0 17 done");
                client.send("GET /raw HTTP/1.1\r\nHost: t\r\n\r\nhello").read(5);
                client.shutdownOutput().rest();
                check(log, "GET /raw 0 5 5 raw closed by client");
            }
            try (Client client = Client.of(server)) {
                client.send("GET /sleep HTTP/1.1\r\nHost: t\r\n\r\n");
                Awaitility.await().pollDelay(Duration.ofMillis(300)).until(() -> true);
            }
            check(log, "GET /sleep 499 0 0 client aborted");
            try (Client client = Client.of(server)) {
                client.send("POST /left HTTP/1.1\r\nHost: t\r\nContent-Length: 9\r\n\r\nfour");
            }
            AccessLog.Entry left = log.poll(10, TimeUnit.SECONDS);
            assertEquals(
                    "499 client aborted", left == null ? "" : left.status() + " " + left.end());
            try (Client client = Client.of(server)) {
                client.send("HEAD /head HTTP/1.1\r\nHost: t\r\n\r\n").answer(false);
            }
            check(log, "HEAD /head 200 0 0 done");
            try (Client client = Client.of(server)) {
                client.send("nonsense\r\n\r\n").rest();
                AccessLog.Entry refused = log.poll(10, TimeUnit.SECONDS);
                assertEquals(400, refused == null ? 0 : refused.status());
            }
            assertTrue(log.isEmpty(), log.toString());
        }
    }

    private static void check(LinkedBlockingQueue<AccessLog.Entry> log, String expected)
            throws InterruptedException {
        AccessLog.Entry e = log.poll(10, TimeUnit.SECONDS);
        assertEquals(
                expected,
                e == null
                        ? "nothing"
                        : e.method()
                                + " "
                                + e.target()
                                + " "
                                + e.status()
                                + " "
                                + e.bytesIn()
                                + " "
                                + e.bytesOut()
                                + " "
                                + e.end());
    }

    @Test
    void serverAndDateHeadersAreConfigurable() throws Exception {
        Application app = routes -> routes.content("/*", x -> x.print("ok"));
        try (HttpServer server =
                        HttpServer.start(
                                Servers.config().withServerHeader("mine").withDateHeader(true),
                                app);
                Client client = Client.of(server)) {
            Client.Answer answer = client.get("/");
            assertEquals("mine", answer.header("Server"));
            assertFalse(answer.header("Date").isEmpty());
        }
        try (HttpServer server =
                        HttpServer.start(
                                Servers.config().withServerHeader(null).withDateHeader(false),
                                app);
                Client client = Client.of(server)) {
            Client.Answer answer = client.get("/");
            assertEquals("", answer.header("Server") + answer.header("Date"));
        }
    }
}
