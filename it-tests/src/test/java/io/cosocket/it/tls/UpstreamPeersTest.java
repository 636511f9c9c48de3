package io.cosocket.it.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.ConnectOptions;
import io.cosocket.Cosockets;
import io.cosocket.PoolStats;
import io.cosocket.Release;
import io.cosocket.SocketScope;
import io.cosocket.TcpSocket;
import io.cosocket.TlsOptions;
import io.cosocket.TlsSession;
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
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import javax.net.ssl.SSLException;

/** Our TLS against servers on OpenSSL. */
@Timeout(120)
class UpstreamPeersTest {
    private static Path directory;
    private static TestCertificates certificates;
    private static Certified good;

    private Cosockets runtime;
    private SocketScope scope;

    @BeforeAll
    static void makeCertificates(@TempDir Path where) throws IOException {
        directory = where;
        certificates = TestCertificates.in(where);
        good = certificates.server("good", "localhost");
    }

    @BeforeEach
    void open() {
        runtime = Cosockets.create();
        scope = runtime.openScope("test");
    }

    @AfterEach
    void close() {
        scope.close();
        runtime.close();
    }

    private static TlsOptions trusting() {
        return TlsOptions.defaults().withTrustPem(certificates.root());
    }

    private TcpSocket connect(Peer peer, TlsOptions tls) throws IOException {
        return scope.connect("localhost", peer.port, ConnectOptions.defaults().withTls(tls));
    }

    /** A server that sends lines back the other way round. */
    private static Peer reversing(Certified identity, String... options) throws IOException {
        List<String> all = new ArrayList<>(shown(identity));
        all.add("-rev");
        all.addAll(List.of(options));
        return Peer.openssl(directory, all.toArray(String[]::new));
    }

    private static List<String> shown(Certified identity) {
        List<String> options =
                new ArrayList<>(
                        List.of(
                                "-cert",
                                identity.leaf().toString(),
                                "-key",
                                identity.key().toString()));
        if (!identity.chain().equals(identity.leaf())) {
            options.add("-cert_chain");
            options.add(certificates.intermediate().toString());
        }
        return options;
    }

    private static void exchange(TcpSocket socket) throws IOException {
        socket.send("hello\n");
        assertEquals("olleh", socket.receiveLine());
    }

    private void refused(String words, Certified identity, TlsOptions tls) throws IOException {
        try (Peer peer = reversing(identity)) {
            SSLException refusal = assertThrows(SSLException.class, () -> connect(peer, tls));
            assertTrue(refusal.getMessage().contains(": " + words), refusal.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_3", "-tls1_2"})
    @Tag("129-T2")
    void exchangesLines(String protocol) throws IOException {
        try (Peer peer = reversing(good, protocol)) {
            TcpSocket socket = connect(peer, trusting());
            exchange(socket);
            byte[] big = new byte[300_000];
            Arrays.fill(big, (byte) 'x');
            big[big.length - 1] = '\n';
            scope.fork(
                    () -> {
                        socket.send(big);
                        return 1;
                    });
            assertTrue(socket.receive(16_000).length == 16_000);
            assertEquals(
                    protocol.equals("-tls1_3") ? "TLSv1.3" : "TLSv1.2", socket.tls().protocol());
        }
    }

    @Test
    @Tag("129-T30")
    void selfSigned() throws IOException {
        Certified alone = certificates.selfSigned("alone", "localhost");
        refused("18: self-signed certificate", alone, trusting());
        try (Peer peer = reversing(alone)) {
            exchange(connect(peer, TlsOptions.defaults().withTrustPem(alone.leaf())));
        }
    }

    @Test
    void expired() throws IOException {
        refused(
                "10: certificate has expired",
                certificates.expired("expired", "localhost"),
                trusting());
    }

    @Test
    @Tag("129-T5")
    void wrongHost() throws IOException {
        refused(
                "certificate host mismatch",
                certificates.server("wrong", "wrong.test"),
                trusting());
    }

    @Test
    void incompleteChain() throws IOException {
        refused(
                "20: unable to get local issuer certificate; 21: unable to verify the first"
                        + " certificate",
                new Certified(good.leaf(), good.leaf(), good.key()),
                trusting());
    }

    @Test
    void clientCertificateRequired() throws IOException {
        Certified client = certificates.server("client", "client.test");
        String root = certificates.root().toString();
        try (Peer peer = reversing(good, "-Verify", "3", "-verify_return_error", "-CAfile", root)) {
            // s_server serves one connection at a time
            try (TcpSocket with =
                    connect(peer, trusting().withIdentityPem(client.chain(), client.key()))) {
                exchange(with);
            }

            TcpSocket without = connect(peer, trusting());
            SSLException refusal =
                    assertThrows(
                            SSLException.class,
                            () -> {
                                without.receiveLine();
                            });
            assertTrue(refusal.getMessage().contains("alert certificate_required"));
        }
    }

    @Test
    @Tag("129-T14")
    void noCommonSuite() throws IOException {
        try (Peer peer = reversing(good, "-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384")) {
            SSLException refusal =
                    assertThrows(
                            SSLException.class,
                            () ->
                                    connect(
                                            peer,
                                            trusting()
                                                    .withCipherSuites(
                                                            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256")));
            assertTrue(refusal.getMessage().contains("handshake failed: "), refusal.getMessage());
            exchange(connect(peer, trusting()));
        }
    }

    @Test
    @Tag("129-T14")
    @Tag("129-T20")
    void unixSocket() throws IOException {
        // openssl knows no path longer than 31 characters
        Path place = Files.createTempDirectory("c");
        Path path = place.resolve("s");
        try (Peer peer =
                Peer.opensslUnix(
                        directory,
                        path,
                        "-cert",
                        good.leaf().toString(),
                        "-key",
                        good.key().toString(),
                        "-rev")) {
            ConnectOptions lax =
                    ConnectOptions.defaults().withTls(TlsOptions.defaults().withVerify(false));
            try (TcpSocket socket = scope.connect("unix:" + path, lax)) {
                exchange(socket);
            }

            ConnectOptions nameless = ConnectOptions.defaults().withTls(trusting());
            SSLException refusal =
                    assertThrows(SSLException.class, () -> scope.connect("unix:" + path, nameless));
            assertTrue(refusal.getMessage().contains("no server name"), peer.output());
        } finally {
            Files.deleteIfExists(path);
            Files.delete(place);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_3", "-tls1_2"})
    @Tag("129-T4")
    void sessionIsResumed(String protocol) throws IOException {
        try (Peer peer = reversing(good, protocol)) {
            try (TcpSocket first = connect(peer, trusting())) {
                exchange(first);
                assertFalse(first.tls().resumed());
            }
            TcpSocket second = connect(peer, trusting());
            TlsSession session = second.tls();
            exchange(second);
            assertTrue(session.resumed());
        }
    }

    @Test
    void pooledConnectionSurvivesLateTickets() throws IOException {
        try (Peer peer = reversing(good, "-num_tickets", "5")) {
            TcpSocket socket = connect(peer, trusting());
            exchange(socket);
            assertEquals(Release.KEPT, socket.release());
            TcpSocket again = connect(peer, trusting());
            assertEquals(1, again.reuseCount());
            exchange(again);
        }
    }

    @Test
    void keyUpdateGoesOnInBothDirections() throws IOException {
        try (Peer peer =
                Peer.openssl(
                        directory,
                        "-cert",
                        good.leaf().toString(),
                        "-cert_chain",
                        certificates.intermediate().toString(),
                        "-key",
                        good.key().toString(),
                        "-msg",
                        "-tls1_3")) {
            TcpSocket socket = connect(peer, trusting());
            socket.send("before\n");
            peer.awaitOutput("before");
            for (int i = 0; i < 3; i++) {
                // asks us for new keys as well
                peer.type("K");
                peer.awaitOutput(">>> TLS 1.3, Handshake [length 0005], KeyUpdate", i + 1);
                peer.type("line " + i);
                assertEquals("line " + i, socket.receiveLine());
                socket.send("answer " + i + "\n");
                peer.awaitOutput("answer " + i);
            }
        }
    }

    @Test
    void renegotiationIsRefused() throws IOException {
        try (Peer peer =
                Peer.openssl(
                        directory,
                        "-cert",
                        good.leaf().toString(),
                        "-cert_chain",
                        certificates.intermediate().toString(),
                        "-key",
                        good.key().toString(),
                        "-tls1_2")) {
            TcpSocket socket = connect(peer, trusting());
            socket.send("before\n");
            peer.awaitOutput("before");
            peer.type("r");

            SSLException refusal = assertThrows(SSLException.class, socket::receiveLine);

            assertTrue(refusal.getMessage().endsWith(": renegotiation refused"));
            assertFalse(socket.isOpen());
        }
    }

    @Test
    @Tag("162s-T2")
    void nginxAnswersOverPooledConnections() throws IOException {
        try (Peer nginx =
                Peer.nginx(
                        directory,
                        """
                            server {
                                listen 127.0.0.1:PORT ssl;
                                ssl_protocols TLSv1.2 TLSv1.3;
                                ssl_certificate %s;
                                ssl_certificate_key %s;
                                ssl_client_certificate %s;
                                ssl_verify_client optional;
                                location / { return 200 "$ssl_protocol $ssl_client_verify\\n"; }
                                location /closed { if ($ssl_client_verify != SUCCESS) { return 496; }
                                                   return 200 "in\\n"; }
                            }
                        """
                                .formatted(good.chain(), good.key(), certificates.root()))) {
            for (int i = 0; i < 20; i++) {
                TcpSocket socket = connect(nginx, trusting());
                assertEquals(i, socket.reuseCount());
                assertEquals("TLSv1.3 NONE", get(socket, "/", "200"));
                assertEquals(Release.KEPT, socket.release());
            }
            get(connect(nginx, trusting()), "/closed", "400");
            Certified client = certificates.server("client2", "client.test");
            TcpSocket known =
                    connect(nginx, trusting().withIdentityPem(client.chain(), client.key()));
            assertEquals("TLSv1.3 SUCCESS", get(known, "/", "200"));
            try (TcpSocket fresh = connect(nginx, trusting().withAlpn("http/1.1"))) {
                assertEquals("TLSv1.3 NONE", get(fresh, "/", "200"));
            }
        }
    }

    private static String get(TcpSocket socket, String path, String status) throws IOException {
        socket.send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assertEquals("HTTP/1.1 " + status, socket.receiveLine().substring(0, 12));
        int length = 0;
        for (String line; !(line = socket.receiveLine()).isEmpty(); ) {
            if (line.startsWith("Content-Length: ")) {
                length = Integer.parseInt(line.substring(16));
            }
        }
        return new String(socket.receive(length), StandardCharsets.UTF_8).trim();
    }

    @Test
    void connectionsCutInTheHandshakeLeakNothing() throws Exception {
        cutMany(200);
    }

    @Test
    @Tag("soak")
    @Timeout(1800)
    void tenThousandConnectionsCutInTheHandshakeLeakNothing() throws Exception {
        cutMany(10_000);
    }

    /** Goes through a relay that cuts each connection some bytes later than the one before. */
    private void cutMany(int count) throws Exception {
        try (Peer peer = reversing(good);
                ServerSocket relay = new ServerSocket(0, 100)) {
            Thread.startVirtualThread(() -> relayAndCut(relay, peer.port));
            TlsOptions tls = trusting().withSessionReuse(false);
            long before = sockets();
            int failed = 0;
            for (int i = 0; i < count; i++) {
                try (TcpSocket socket =
                        scope.connect(
                                "localhost",
                                relay.getLocalPort(),
                                ConnectOptions.defaults().withTls(tls))) {
                    socket.receive(1);
                } catch (IOException e) {
                    failed++;
                }
            }
            assertEquals(count, failed);
            Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> sockets() <= before);
            assertEquals(
                    0, runtime.pools().stream().mapToInt(PoolStats::open).sum(), "places in pools");
        }
    }

    /** Counts open sockets; the JDK opens descriptors of other kinds when it likes. */
    private static long sockets() {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(UpstreamPeersTest::isSocket).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isSocket(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
        } catch (IOException e) {
            return false; // closed meanwhile
        }
    }

    private static void relayAndCut(ServerSocket relay, int port) {
        for (int cut = 0; ; cut = (cut + 17) % 1500) {
            try (Socket client = relay.accept();
                    Socket upstream = new Socket("127.0.0.1", port)) {
                Thread.startVirtualThread(
                        () -> {
                            try {
                                client.getInputStream().transferTo(upstream.getOutputStream());
                            } catch (IOException e) {
                                // cut
                            }
                        });
                upstream.setSoTimeout(20);
                for (int sent = 0; sent < cut; ) {
                    byte[] bytes = new byte[cut - sent];
                    int got = upstream.getInputStream().read(bytes);
                    if (got < 0) {
                        break;
                    }
                    client.getOutputStream().write(bytes, 0, got);
                    sent += got;
                }
            } catch (IOException e) {
                if (relay.isClosed()) {
                    return;
                }
            }
        }
    }
}
