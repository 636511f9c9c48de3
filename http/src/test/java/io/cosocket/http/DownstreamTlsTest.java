package io.cosocket.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.ConnectOptions;
import io.cosocket.Cosockets;
import io.cosocket.Fork;
import io.cosocket.OperationTimeoutException;
import io.cosocket.SocketScope;
import io.cosocket.TcpSocket;
import io.cosocket.Timeouts;
import io.cosocket.TlsOptions;
import io.cosocket.TlsSession;
import io.cosocket.UdpSocket;
import io.cosocket.transport.TestCertificates;
import io.cosocket.transport.TestCertificates.Certified;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import javax.net.ssl.SSLException;

@Timeout(60)
class DownstreamTlsTest {
    private static TestCertificates certificates;
    private static Certified local;
    private static Certified other;

    private Cosockets runtime;
    private SocketScope scope;
    private HttpServer server;

    @BeforeAll
    static void makeCertificates(@TempDir Path directory) throws IOException {
        certificates = TestCertificates.in(directory);
        local = certificates.server("local", "localhost", "127.0.0.1");
        other = certificates.server("other", "other.test", "test.com");
    }

    @BeforeEach
    void open() {
        runtime = Cosockets.create();
        scope = runtime.openScope("client");
    }

    @AfterEach
    void close() {
        if (server != null) {
            server.close();
        }
        scope.close();
        runtime.close();
    }

    private static ServerTls own() {
        return ServerTls.ofPem(local.chain(), local.key());
    }

    private void start(ServerTls tls, Application application) throws IOException {
        server =
                HttpServer.start(
                        HttpConfig.defaults().withPort(0).withTls(tls),
                        routes -> {
                            routes.content("/*", DownstreamTlsTest::describe);
                            application.configure(routes);
                        });
    }

    private static void describe(Exchange exchange) throws IOException {
        TlsSession tls = exchange.tls();
        assertNotNull(tls);
        exchange.say(
                exchange.scheme()
                        + " "
                        + tls.protocol()
                        + " "
                        + tls.serverName()
                        + " "
                        + tls.peerCertificates().size());
    }

    private static TlsOptions trusting() {
        return TlsOptions.defaults().withTrustPem(certificates.root());
    }

    private TcpSocket connect(TlsOptions tls) throws IOException {
        return scope.connect(
                "localhost", server.uri().getPort(), ConnectOptions.defaults().withTls(tls));
    }

    private String get(TcpSocket socket) throws IOException {
        socket.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assertEquals("HTTP/1.1 200 OK", socket.receiveLine());
        int length = 0;
        for (String line; !(line = socket.receiveLine()).isEmpty(); ) {
            if (line.startsWith("Content-Length: ")) {
                length = Integer.parseInt(line.substring(16));
            }
        }
        return new String(socket.receive(length), StandardCharsets.UTF_8).trim();
    }

    private String get(TlsOptions tls) throws IOException {
        try (TcpSocket socket = connect(tls)) {
            return get(socket);
        }
    }

    private String refusal(TlsOptions tls) {
        return String.valueOf(assertThrows(SSLException.class, () -> get(tls)).getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void pemFilesServe(String protocol) throws IOException {
        start(own(), routes -> {});

        assertTrue(server.uri().toString().startsWith("https://127.0.0.1:"));
        assertEquals("https " + protocol + " localhost 0", get(trusting().withProtocols(protocol)));
    }

    @Test
    void http2IsOfferedUnlessSwitchedOff() throws IOException {
        start(own(), routes -> {});
        assertEquals("h2", connect(trusting().withAlpn("h2", "http/1.1")).tls().alpn());
        assertEquals("http/1.1", connect(trusting().withAlpn("http/1.1")).tls().alpn());
        server.close();

        start(own().withHttp2(false), routes -> {});
        TcpSocket socket = connect(trusting().withAlpn("h2", "http/1.1"));
        assertFalse("h2".equals(socket.tls().alpn()));
    }

    @Test
    void protocolsCanBeNarrowed() throws IOException {
        start(own().withProtocols("TLSv1.2"), routes -> {});

        assertEquals("https TLSv1.2 localhost 0", get(trusting()));
        assertTrue(refusal(trusting().withProtocols("TLSv1.3")).contains("alert"));
    }

    @Test
    void requiredClientCertificateIsDemanded() throws IOException {
        Certified client = certificates.server("client", "client.test");
        start(
                own().withClientAuth(ServerTls.ClientAuth.REQUIRED, certificates.root()),
                routes -> {});

        assertEquals(
                "https TLSv1.3 localhost 2",
                get(trusting().withIdentityPem(client.chain(), client.key())));
        assertThrows(IOException.class, () -> get(trusting()));
    }

    @Test
    void optionalClientCertificateIsVerifiedWhenShown(@TempDir Path directory) throws IOException {
        Certified stranger = TestCertificates.in(directory).server("stranger", "stranger.test");
        start(
                own().withClientAuth(ServerTls.ClientAuth.OPTIONAL, certificates.root()),
                routes -> {});

        assertEquals("https TLSv1.3 localhost 0", get(trusting()));
        TlsOptions shown = trusting().withIdentityPem(stranger.chain(), stranger.key());
        assertThrows(SSLException.class, () -> get(shown));
    }

    @Test
    void certificateComesFromTheHandler() throws IOException {
        start(
                ServerTls.ofHandler(),
                routes ->
                        routes.certificate(
                                hello ->
                                        "other.test".equals(hello.serverName())
                                                ? ServerCertificate.ofPem(
                                                        other.chain(), other.key())
                                                : ServerCertificate.ofPem(
                                                        local.chain(), local.key())));

        assertEquals("https TLSv1.3 other.test 0", get(trusting().withServerName("other.test")));
        assertEquals("https TLSv1.3 localhost 0", get(trusting()));
    }

    @Test
    @Tag("139-T4")
    @Tag("139-T2")
    void certificateHandlerFetchesFromAnotherServer() throws Exception {
        String pem =
                Files.readString(other.chain()).replace("\n", "|")
                        + "\n"
                        + Files.readString(other.key()).replace("\n", "|")
                        + "\n";
        try (ServerSocket store = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread.startVirtualThread(() -> answer(store, pem));
            start(
                    own(),
                    routes ->
                            routes.certificate(
                                    hello -> {
                                        hello.sockets().sleep(Duration.ofMillis(100));
                                        TcpSocket socket =
                                                hello.sockets()
                                                        .connect("127.0.0.1", store.getLocalPort());
                                        socket.send("get " + hello.serverName() + "\n");
                                        String chain = socket.receiveLine().replace("|", "\n");
                                        String key = socket.receiveLine().replace("|", "\n");
                                        return ServerCertificate.ofPem(chain, key);
                                    }));

            assertEquals("https TLSv1.3 test.com 0", get(trusting().withServerName("test.com")));
        }
    }

    private static void answer(ServerSocket store, String answer) {
        try {
            while (true) {
                try (Socket client = store.accept()) {
                    while (client.getInputStream().read() != '\n') {}
                    client.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                }
            }
        } catch (IOException e) {
            // closed
        }
    }

    @Test
    void chosenCertificateIsKeptForItsTimeToLive() throws IOException {
        AtomicInteger calls = new AtomicInteger();
        AtomicReference<Duration> timeToLive = new AtomicReference<>(Duration.ofMinutes(1));
        start(
                ServerTls.ofHandler(),
                routes ->
                        routes.certificate(
                                hello -> {
                                    calls.incrementAndGet();
                                    return ServerCertificate.ofPem(local.chain(), local.key())
                                            .withTimeToLive(timeToLive.get());
                                }));
        get(trusting());
        assertEquals(1, calls.get());
        try (TcpSocket again = connect(trusting())) {
            get(again);
            assertTrue(again.tls().resumed());
        }
        assertEquals(1, calls.get());

        timeToLive.set(Duration.ofNanos(1));
        get(trusting().withServerName("127.0.0.1"));
        try (TcpSocket again = connect(trusting().withServerName("127.0.0.1"))) {
            get(again);
            assertTrue(again.tls().resumed(), "an unchanged certificate keeps its sessions");
        }
        assertEquals(3, calls.get());
    }

    @Test
    void handlerWithoutAnAnswerFallsBackToTheListener() throws IOException {
        start(own(), routes -> routes.certificate(hello -> null));
        assertEquals("https TLSv1.3 localhost 0", get(trusting()));
        server.close();

        start(ServerTls.ofHandler(), routes -> routes.certificate(hello -> null));
        assertTrue(refusal(trusting()).endsWith("alert unrecognized_name"));
    }

    @Test
    @Tag("139-T6")
    @Tag("139-T8")
    void certificateHandlerRefuses() throws IOException {
        start(
                own(),
                routes ->
                        routes.certificate(
                                hello -> {
                                    hello.sockets().sleep(Duration.ofMillis(5));
                                    hello.refuse("not today");
                                    return null;
                                }));

        assertTrue(refusal(trusting()).endsWith("alert access_denied"));
    }

    @Test
    @Tag("139-T9")
    void certificateHandlerThrows() throws IOException {
        start(
                own(),
                routes ->
                        routes.certificate(
                                hello -> {
                                    throw new IllegalStateException("bang");
                                }));

        assertTrue(refusal(trusting()).endsWith("alert internal_error"));
    }

    @Test
    @Tag("166h-T2")
    @Tag("166h-T4")
    void helloHandlerSeesTheClientAndUsesSockets() throws Exception {
        AtomicReference<ClientHello> seen = new AtomicReference<>();
        try (ServerSocket lines = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread.startVirtualThread(() -> answer(lines, "OK\n"));
            start(
                    own(),
                    routes ->
                            routes.clientHello(
                                    hello -> {
                                        assertTrue(Thread.currentThread().isVirtual());
                                        hello.sockets().sleep(Duration.ofMillis(100));
                                        TcpSocket socket =
                                                hello.sockets()
                                                        .connect("127.0.0.1", lines.getLocalPort());
                                        socket.send("flush_all\r\n");
                                        assertEquals("OK", socket.receiveLine());
                                        seen.set(hello);
                                    }));

            get(trusting().withAlpn("http/1.1", "x").withProtocols("TLSv1.3", "TLSv1.2"));
        }

        ClientHello hello = seen.get();
        assertEquals("localhost", hello.serverName());
        assertEquals(List.of("http/1.1", "x"), hello.alpn());
        assertEquals(List.of("TLSv1.3", "TLSv1.2"), hello.protocols());
        assertTrue(hello.remoteAddress().toString().contains("127.0.0.1"));
        assertTrue(hello.localAddress().toString().endsWith(":" + server.uri().getPort()));
        assertThrows(IllegalStateException.class, hello::sockets);
    }

    @Test
    @Tag("166h-T6")
    @Tag("166h-T8")
    void helloHandlerRefuses() throws IOException {
        start(own(), routes -> routes.clientHello(hello -> hello.refuse("closed today")));

        assertTrue(
                refusal(trusting())
                        .endsWith(
                                "handshake failed: closed by the peer with alert"
                                        + " access_denied"));
    }

    @Test
    @Tag("166h-T10")
    void helloHandlerThrows() throws IOException {
        start(
                own(),
                routes ->
                        routes.clientHello(
                                hello -> {
                                    hello.sockets().sleep(Duration.ofMillis(5));
                                    throw new IOException("no answer");
                                }));

        assertTrue(refusal(trusting()).endsWith("alert internal_error"));
    }

    @Test
    @Tag("166h-T12")
    void helloHandlerOutlivesAnImpatientClient() throws Exception {
        CountDownLatch gone = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        start(
                own(),
                routes ->
                        routes.clientHello(
                                hello -> {
                                    gone.await();
                                    ended.countDown();
                                }));
        ConnectOptions impatient =
                ConnectOptions.defaults()
                        .withTls(trusting())
                        .withTimeouts(Timeouts.of(Duration.ofSeconds(2)));

        assertThrows(
                OperationTimeoutException.class,
                () -> scope.connect("localhost", server.uri().getPort(), impatient));
        gone.countDown();

        assertTrue(ended.await(20, TimeUnit.SECONDS));
    }

    @Test
    @Tag("139-T3")
    @Tag("166h-T3")
    @Tag("139-T16")
    @Tag("166h-T16")
    @Tag("139-T26")
    @Tag("166h-T29")
    void hooksHaveForksAndTimers() throws Exception {
        CountDownLatch fired = new CountDownLatch(2);
        start(
                own(),
                routes -> {
                    routes.clientHello(hello -> forkAndTime(hello, fired));
                    routes.certificate(
                            hello -> {
                                forkAndTime(hello, fired);
                                return null;
                            });
                });

        assertEquals(
                "https TLSv1.3 test.com 0",
                get(trusting().withVerify(false).withServerName("test.com")));

        assertTrue(fired.await(20, TimeUnit.SECONDS));
    }

    private static void forkAndTime(ClientHello hello, CountDownLatch fired) throws Exception {
        SocketScope sockets = hello.sockets();
        sockets.runtime().after(Duration.ofMillis(1), timer -> fired.countDown());
        Fork<Integer> fork =
                sockets.fork(
                        () -> {
                            sockets.sleep(Duration.ofMillis(1));
                            return 32;
                        });
        assertEquals(32, fork.join());
        Fork<Integer> slow =
                sockets.fork(
                        () -> {
                            sockets.sleep(Duration.ofSeconds(50));
                            return 1;
                        });
        slow.cancel();
        slow.cancel();
    }

    @Test
    @Tag("166h-T28")
    void helloHandlerSpeaksUdp() throws Exception {
        try (DatagramSocket peer = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            Thread.startVirtualThread(
                    () -> {
                        try {
                            DatagramPacket packet = new DatagramPacket(new byte[100], 100);
                            peer.receive(packet);
                            byte[] answer = "hello, world".getBytes(StandardCharsets.US_ASCII);
                            peer.send(
                                    new DatagramPacket(
                                            answer, answer.length, packet.getSocketAddress()));
                        } catch (IOException e) {
                            // the handler will tell
                        }
                    });
            AtomicInteger length = new AtomicInteger();
            start(
                    own(),
                    routes ->
                            routes.clientHello(
                                    hello -> {
                                        UdpSocket udp =
                                                hello.sockets()
                                                        .udp("127.0.0.1", peer.getLocalPort());
                                        udp.send(new byte[] {1});
                                        length.set(udp.receive().length);
                                    }));

            get(trusting());

            assertEquals(12, length.get());
        }
    }

    @Test
    void helloInPiecesIsWaitedFor() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        start(own(), routes -> routes.clientHello(hello -> calls.incrementAndGet()));
        int port = server.uri().getPort();
        try (ServerSocket relay = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread.startVirtualThread(() -> dribble(relay, port));
            try (TcpSocket socket =
                    scope.connect(
                            "localhost",
                            relay.getLocalPort(),
                            ConnectOptions.defaults().withTls(trusting()))) {
                assertEquals("https TLSv1.3 localhost 0", get(socket));
            }
        }
        assertEquals(1, calls.get());
    }

    /** Passes bytes on one by one. */
    private static void dribble(ServerSocket relay, int port) {
        try (Socket client = relay.accept();
                Socket upstream = new Socket(InetAddress.getLoopbackAddress(), port)) {
            upstream.setTcpNoDelay(true);
            Thread.startVirtualThread(
                    () -> {
                        try {
                            upstream.getInputStream().transferTo(client.getOutputStream());
                        } catch (IOException e) {
                            // the other direction ends too
                        }
                    });
            for (int b; (b = client.getInputStream().read()) >= 0; ) {
                upstream.getOutputStream().write(b);
            }
        } catch (IOException e) {
            // the client is done
        }
    }

    @Test
    void clientThatSpeaksNoTlsIsRefused() throws IOException {
        AtomicInteger calls = new AtomicInteger();
        start(own(), routes -> routes.clientHello(hello -> calls.incrementAndGet()));
        try (TcpSocket plain = scope.connect("localhost", server.uri().getPort())) {
            plain.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");

            byte[] alert = plain.receiveAll(100);

            assertEquals(7, alert.length);
            assertEquals(50, alert[6]);
        }
        assertEquals(0, calls.get());
    }

    @Test
    void clientsThatLeaveInTheMiddleLeaveNothingBehind() throws IOException {
        start(own(), routes -> routes.clientHello(hello -> {}));
        get(trusting());
        int before = descriptors();
        byte[] hello = {22, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3};
        for (int i = 0; i < 500; i++) {
            try (Socket socket =
                    new Socket(InetAddress.getLoopbackAddress(), server.uri().getPort())) {
                socket.getOutputStream().write(hello, 0, i % (hello.length + 1));
            }
        }

        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> descriptors() <= before + 2);
    }

    private static int descriptors() {
        String[] open = new java.io.File("/proc/self/fd").list();
        return open == null ? 0 : open.length;
    }

    @Test
    void listenerWithoutACertificateIsRefusedAtTheStart() {
        assertThrows(
                IllegalArgumentException.class, () -> start(ServerTls.ofHandler(), routes -> {}));
    }
}
