package io.cosocket.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.ConnectOptions;
import io.cosocket.Cosockets;
import io.cosocket.SocketScope;
import io.cosocket.TcpSocket;
import io.cosocket.TlsOptions;
import io.cosocket.TlsSession;
import io.cosocket.transport.PemFile;
import io.cosocket.transport.TestCertificates;
import io.cosocket.transport.TestCertificates.Certified;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;

import javax.net.ssl.SSLContext;

/** What a listener can be told about TLS, and what an exchange tells of it. */
@Timeout(60)
class ServerTlsTest {
    private static TestCertificates certificates;
    private static Certified local;
    private static Certified other;

    private Cosockets runtime;
    private SocketScope scope;

    @BeforeAll
    static void makeCertificates(@TempDir Path directory) throws IOException {
        certificates = TestCertificates.in(directory);
        local = certificates.server("local", "localhost");
        other = certificates.server("other", "other.test");
    }

    @BeforeEach
    void open() {
        runtime = Cosockets.create();
        scope = runtime.openScope("client");
    }

    @AfterEach
    void close() {
        scope.close();
        runtime.close();
    }

    private static ServerTls own() {
        return ServerTls.ofPem(local.chain(), local.key());
    }

    private static TlsOptions trusting() {
        return TlsOptions.defaults().withTrustPem(certificates.root());
    }

    private static HttpServer start(ServerTls tls) throws IOException {
        return HttpServer.start(
                HttpConfig.defaults().withPort(0).withTls(tls),
                routes -> routes.content("/", ServerTlsTest::describe));
    }

    private static void describe(Exchange exchange) throws IOException {
        TlsSession tls = exchange.tls();
        exchange.setHeader(
                "TLS", tls.protocol() + " " + tls.alpn() + " " + tls.peerCertificates().size());
    }

    private TcpSocket connect(HttpServer server, TlsOptions tls) throws IOException {
        return scope.connect(
                "localhost", server.uri().getPort(), ConnectOptions.defaults().withTls(tls));
    }

    private static String described(TcpSocket socket) throws IOException {
        socket.send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        for (String line; !(line = String.valueOf(socket.receiveLine())).isEmpty(); ) {
            if (line.startsWith("TLS: ")) {
                return line.substring(5);
            }
        }
        return "nothing";
    }

    @Test
    void badValuesAreNamed() throws Exception {
        assertBad("bad protocol: TLSv9 (allowed: ", () -> own().withProtocols("TLSv9"));
        assertBad("bad cipher suite: X (allowed: ", () -> own().withCipherSuites("X"));
        assertBad("bad client auth: null", () -> own().withClientAuth(null));
        assertBad("bad context: null", () -> ServerTls.of((SSLContext) null));
        assertBad("bad PEM file: null", () -> ServerTls.ofPem(local.chain(), null));
        assertBad("bad identity: null", () -> ServerTls.of(null, new char[0]));
        assertBad("bad PEM text: null", () -> ServerCertificate.ofPem("", (String) null));
        ServerCertificate shown = ServerCertificate.ofPem(local.chain(), local.key());
        assertBad("bad time to live: null", () -> shown.withTimeToLive(null));
        assertBad("is not that of the first", () -> ServerTls.ofPem(local.chain(), other.key()));
        ServerTls given = ServerTls.of(SSLContext.getDefault());
        assertBad(
                "bad client trust: ",
                () -> given.withClientAuth(ServerTls.ClientAuth.REQUIRED, certificates.root()));
    }

    private static void assertBad(String words, Runnable call) {
        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, call::run);
        assertTrue(refusal.getMessage().contains(words), refusal.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "other.test"})
    void certificateOfAKeyStoreFollowsTheServerName(String name) throws Exception {
        char[] password = "secret".toCharArray();
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (Certified identity : new Certified[] {other, local}) {
            store.setKeyEntry(
                    identity.leaf().getFileName().toString(),
                    PemFile.read(identity.key()).privateKey(),
                    password,
                    PemFile.read(identity.chain()).certificates().toArray(X509Certificate[]::new));
        }
        try (HttpServer server = start(ServerTls.of(store, password));
                TcpSocket socket = connect(server, trusting().withServerName(name))) {
            assertEquals("TLSv1.3 null 0", described(socket));
        }
    }

    @Test
    void exchangeTellsTheApplicationProtocolThatWasAgreedOn() throws IOException {
        try (HttpServer server = start(own());
                TcpSocket without = connect(server, trusting());
                TcpSocket with = connect(server, trusting().withAlpn("x", "http/1.1"))) {
            assertEquals("TLSv1.3 null 0", described(without));
            assertEquals("TLSv1.3 http/1.1 0", described(with));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void resumedHandshakeStillTellsTheClientsChain(String protocol) throws IOException {
        ServerTls asking = own().withClientAuth(ServerTls.ClientAuth.REQUIRED, certificates.root());
        TlsOptions known =
                trusting().withProtocols(protocol).withIdentityPem(other.chain(), other.key());
        try (HttpServer server = start(asking)) {
            for (boolean again : new boolean[] {false, true}) {
                try (TcpSocket socket = connect(server, known)) {
                    assertEquals(again, socket.tls().resumed());
                    assertEquals(protocol + " null 2", described(socket));
                    socket.receiveAll(1000);
                }
            }
        }
    }

    @Test
    void agreesOnHttp10() throws IOException {
        try (HttpServer server = start(own());
                TcpSocket socket = connect(server, trusting().withAlpn("http/1.0"))) {
            assertEquals("http/1.0", socket.tls().alpn());
            assertEquals("TLSv1.3 http/1.0 0", described(socket));
        }
    }
}
