package io.cosocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.SocketClosedException.ClosedBy;
import io.cosocket.transport.TestCertificates.Certified;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;

@Timeout(60)
class TlsHandshakeTest extends TlsDialogue {
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    @Tag("129-T2")
    @Tag("129-T8")
    @Tag("129-T15")
    @Tag("129-T32")
    @Tag("162s-T1")
    void verifiedPeerIsConnectedToAndDescribed(String protocol) throws IOException {
        try (TlsServer server = TlsServer.echo(certificates, good)) {
            TcpSocket socket =
                    scope.connect(
                            "localhost", server.port(), with(trusting().withProtocols(protocol)));

            exchange(socket);
            TlsSession session = socket.tls();
            assertNotNull(session);
            assertEquals(protocol, session.protocol());
            assertTrue(session.cipherSuite().startsWith("TLS_"));
            assertEquals("localhost", session.serverName());
            assertEquals(2, session.peerCertificates().size());
            assertNull(session.alpn());
            assertFalse(session.resumed());
            socket.close();
            assertNull(socket.tls());
        }
    }

    @Test
    @Tag("129-T22")
    void plainTextPeerFailsTheHandshake() throws IOException {
        try (TlsServer server =
                new TlsServer(
                        certificates.serverContext(good),
                        (plain, all) -> {
                            plain.getOutputStream()
                                    .write(
                                            "HTTP/1.1 400 Bad Request\r\n\r\n"
                                                    .getBytes(StandardCharsets.US_ASCII));
                            plain.getInputStream().readAllBytes();
                        })) {
            SSLException refusal = server.refuse(scope.tcp(), trusting());
            assertTrue(refusal.getMessage().contains(": handshake failed: "));
        }
    }

    @Test
    void peerThatHangsUpFailsTheHandshake() throws IOException {
        try (TlsServer server =
                new TlsServer(
                        certificates.serverContext(good),
                        (plain, all) -> plain.getInputStream().read(new byte[100]))) {
            SSLException refusal = server.refuse(scope.tcp(), trusting());
            assertTrue(refusal.getMessage().contains(": handshake failed: "), refusal.getMessage());
        }
    }

    @Test
    @Tag("129-T16")
    @Tag("129-T34")
    void nothingInCommonIsTheAlertOfThePeer() throws IOException {
        try (TlsServer server = TlsServer.echo(certificates, good)) {
            server.parameters().setProtocols(new String[] {"TLSv1.2"});

            SSLException refusal = server.refuse(scope.tcp(), trusting().withProtocols("TLSv1.3"));

            assertTrue(
                    refusal.getMessage()
                            .endsWith(
                                    "handshake failed: closed by the peer with alert"
                                            + " protocol_version"),
                    refusal.getMessage());
        }
    }

    @Test
    void nothingInCommonAmongSuites() throws IOException {
        try (TlsServer server = TlsServer.echo(certificates, good)) {
            server.parameters().setCipherSuites(new String[] {"TLS_AES_256_GCM_SHA384"});

            SSLException refusal =
                    server.refuse(
                            scope.tcp(),
                            trusting()
                                    .withProtocols("TLSv1.3")
                                    .withCipherSuites("TLS_AES_128_GCM_SHA256"));

            assertTrue(refusal.getMessage().contains("alert handshake_failure"));
        }
    }

    @Test
    @Tag("129-T13")
    @Tag("129-T14")
    void chosenSuiteIsNegotiated() throws IOException {
        try (TlsServer server = TlsServer.echo(certificates, good)) {
            String suite = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";
            TcpSocket socket =
                    scope.connect(
                            "localhost",
                            server.port(),
                            with(trusting().withProtocols("TLSv1.2").withCipherSuites(suite)));

            assertEquals(suite, socket.tls().cipherSuite());
        }
    }

    @Test
    void applicationProtocolIsNegotiated() throws IOException {
        try (TlsServer server = TlsServer.echo(certificates, good)) {
            server.parameters().setApplicationProtocols(new String[] {"h2", "http/1.1"});

            TcpSocket socket =
                    scope.connect(
                            "localhost",
                            server.port(),
                            with(trusting().withAlpn("spdy/9", "http/1.1")));

            assertEquals("http/1.1", socket.tls().alpn());
        }
    }

    @Test
    @Tag("129-T25")
    void silentPeerIsATimeOutOfTls() throws IOException {
        CountDownLatch over = new CountDownLatch(1);
        try (TlsServer server =
                new TlsServer(certificates.serverContext(good), (plain, all) -> over.await())) {
            ConnectOptions options =
                    with(trusting())
                            .withTimeouts(Timeouts.defaults().withConnect(Duration.ofMillis(200)));
            TcpSocket socket = scope.tcp();

            OperationTimeoutException end =
                    assertThrows(
                            OperationTimeoutException.class,
                            () -> socket.connect("localhost", server.port(), options));

            assertEquals("tls", end.operation());
            assertEquals(Duration.ofMillis(200), end.limit());
            assertFalse(socket.isOpen());
        } finally {
            over.countDown();
        }
    }

    @Test
    void closeEndsAHandshakeThatWaits() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        try (TlsServer server =
                new TlsServer(
                        certificates.serverContext(good),
                        (plain, all) -> {
                            plain.getInputStream().read();
                            arrived.countDown();
                            plain.getInputStream().readAllBytes();
                        })) {
            TcpSocket socket = scope.tcp();
            Fork<TcpSocket> connecting =
                    scope.fork(() -> socket.connect("localhost", server.port(), with(trusting())));
            assertTrue(arrived.await(20, TimeUnit.SECONDS));

            socket.close();

            SocketClosedException end = assertThrows(SocketClosedException.class, connecting::join);
            assertEquals(ClosedBy.CALLER, end.closedBy());
        }
    }

    @Test
    void interruptEndsAHandshakeThatWaits() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        BlockingQueue<Object> outcome = new ArrayBlockingQueue<>(1);
        try (TlsServer server =
                new TlsServer(
                        certificates.serverContext(good),
                        (plain, all) -> {
                            plain.getInputStream().read();
                            arrived.countDown();
                            plain.getInputStream().readAllBytes();
                        })) {
            TcpSocket socket = scope.connect("localhost", server.port());
            Thread thread =
                    Thread.startVirtualThread(
                            () -> {
                                try {
                                    outcome.add(socket.startTls(trusting()));
                                } catch (IOException e) {
                                    outcome.add(e);
                                }
                            });
            assertTrue(arrived.await(20, TimeUnit.SECONDS));

            thread.interrupt();

            Object end = outcome.poll(20, TimeUnit.SECONDS);
            assertTrue(end instanceof SocketClosedException, String.valueOf(end));
            assertFalse(socket.isOpen());
        }
    }

    @Test
    void plainConnectionIsEncryptedMidway() throws IOException {
        try (TlsServer server = startTlsServer("220 go ahead\n")) {
            TcpSocket socket = scope.connect("localhost", server.port());
            socket.send("STARTTLS\n");
            assertEquals("220 go ahead", socket.receiveLine());

            TlsSession session = socket.startTls(trusting());

            assertSame(session, socket.tls());
            exchange(socket);
        }
    }

    @Test
    void readTimeOutBeforeTheHandshakeIsNoPlainByte() throws IOException {
        try (TlsServer server = TlsServer.echo(certificates, good)) {
            TcpSocket socket = scope.connect("localhost", server.port());
            socket.receiveTimeout(Duration.ofMillis(20));
            assertThrows(OperationTimeoutException.class, () -> socket.receive(1));
            socket.receiveTimeout(Duration.ofSeconds(20));

            socket.startTls(trusting());

            exchange(socket);
        }
    }

    @Test
    void plainBytesBeforeTheHandshakeAreNeverMixedIn() throws IOException {
        try (TlsServer server = startTlsServer("220 go ahead\ninjected\n")) {
            TcpSocket socket = scope.connect("localhost", server.port());
            socket.send("STARTTLS\n");
            assertEquals("220 go ahead", socket.receiveLine());

            SSLException refusal =
                    assertThrows(SSLException.class, () -> socket.startTls(trusting()));

            assertTrue(refusal.getMessage().contains("plain bytes"));
            assertFalse(socket.isOpen());
        }
    }

    private static TlsServer startTlsServer(String answer) throws IOException {
        return new TlsServer(
                certificates.serverContext(good),
                (plain, all) -> {
                    while (plain.getInputStream().read() != '\n') {}
                    OutputStream out = plain.getOutputStream();
                    out.write(answer.getBytes(StandardCharsets.US_ASCII));
                    TlsServer.echoLines(all.encrypt(plain));
                });
    }

    @Test
    @Tag("129-T24")
    @Tag("129-T26")
    @Tag("129-T27")
    void secondHandshakeOnTheSameTermsGivesTheSessionThereIs() throws IOException {
        try (TlsServer server = TlsServer.echo(certificates, good)) {
            TcpSocket socket = scope.connect("localhost", server.port());

            TlsSession first = socket.startTls(trusting());

            assertSame(first, socket.startTls(trusting()));
            exchange(socket);
        }
    }

    @Test
    @Tag("193-T6")
    void termsOfAnEncryptedConnectionCannotBeChanged() throws IOException {
        try (TlsServer server = TlsServer.echo(certificates, good)) {
            TcpSocket socket = scope.connect("localhost", server.port(), with(trusting()));

            SSLException refusal =
                    assertThrows(SSLException.class, () -> socket.startTls(TlsOptions.defaults()));

            assertTrue(refusal.getMessage().contains("ssl handshake already done"));
            exchange(socket);
        }
    }

    @Test
    @Tag("193-T4")
    void handshakeNeedsAConnection() throws IOException {
        assertThrows(SocketClosedException.class, () -> scope.tcp().startTls(trusting()));
        try (TlsServer server = TlsServer.echo(certificates, good)) {
            TcpSocket socket = scope.connect("localhost", server.port());
            socket.close();
            assertThrows(SocketClosedException.class, () -> socket.startTls(trusting()));
        }
    }

    @Test
    void clientShowsItsCertificate() throws Exception {
        Certified client = certificates.server("client", "client.test");
        BlockingQueue<String> seen = new ArrayBlockingQueue<>(2);
        try (TlsServer server =
                new TlsServer(
                        certificates.serverContext(good),
                        (plain, all) -> {
                            SSLSocket socket = all.encrypt(plain);
                            seen.add(socket.getSession().getPeerPrincipal().getName());
                            TlsServer.echoLines(socket);
                        })) {
            server.parameters().setNeedClientAuth(true);

            exchange(
                    scope.connect(
                            "localhost",
                            server.port(),
                            with(trusting().withIdentityPem(client.chain(), client.key()))));

            assertEquals("CN=client", seen.poll(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void certificateThatNobodyKnowsIsShownAllTheSame() throws IOException {
        Certified alone = certificates.selfSigned("stranger", "client.test");
        try (TlsServer server = TlsServer.echo(certificates, good)) {
            server.parameters().setNeedClientAuth(true);
            TcpSocket socket =
                    scope.connect(
                            "localhost",
                            server.port(),
                            with(trusting().withIdentityPem(alone.chain(), alone.key())));

            SSLException refusal = assertThrows(SSLException.class, socket::receiveLine);

            assertTrue(
                    refusal.getMessage().endsWith(" alert certificate_unknown"),
                    refusal.getMessage());
        }
    }

    @Test
    @Tag("162s-T2")
    void missingClientCertificateIsTheAlertOfThePeer() throws IOException {
        try (TlsServer server = TlsServer.echo(certificates, good)) {
            server.parameters().setNeedClientAuth(true);
            TcpSocket socket = scope.connect("localhost", server.port(), with(trusting()));

            SSLException refusal = assertThrows(SSLException.class, socket::receiveLine);

            assertTrue(
                    refusal.getMessage().startsWith("receive tls 127.0.0.1:"),
                    refusal.getMessage());
            assertTrue(refusal.getMessage().contains(": closed by the peer with alert "));
            assertFalse(socket.isOpen());
        }
    }

    @Test
    void truncationIsAnErrorUnlessTolerated() throws IOException {
        try (TlsServer server =
                new TlsServer(
                        certificates.serverContext(good),
                        (plain, all) -> {
                            OutputStream out = all.encrypt(plain).getOutputStream();
                            out.write("12345".getBytes(StandardCharsets.US_ASCII));
                            plain.shutdownOutput();
                            plain.getInputStream().readAllBytes();
                        })) {
            TcpSocket strict = scope.connect("localhost", server.port(), with(trusting()));
            assertThrows(SSLException.class, () -> strict.receiveAll(100));
            assertFalse(strict.isOpen());

            TcpSocket tolerant =
                    scope.connect(
                            "localhost",
                            server.port(),
                            with(trusting().withTolerateTruncation(true)));
            assertEquals(5, tolerant.receiveAll(100).length);
        }
    }

    @Test
    void closeTellsThePeer() throws Exception {
        BlockingQueue<Object> end = new ArrayBlockingQueue<>(2);
        try (TlsServer server =
                new TlsServer(
                        certificates.serverContext(good),
                        (plain, all) -> {
                            Socket socket = all.encrypt(plain);
                            try {
                                end.add(socket.getInputStream().readAllBytes().length);
                            } catch (IOException e) {
                                end.add(e);
                            }
                        })) {
            TcpSocket socket = scope.connect("localhost", server.port(), with(trusting()));
            socket.send("12345");
            socket.close();

            // an SSLException would say that close_notify was missing
            assertEquals(5, end.poll(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void halfCloseLetsThePeerAnswer() throws IOException {
        try (TlsServer server =
                new TlsServer(
                        certificates.serverContext(good),
                        (plain, all) -> {
                            Socket socket = all.encrypt(plain);
                            byte[] question = socket.getInputStream().readAllBytes();
                            socket.getOutputStream().write(question);
                            socket.close();
                        })) {
            TcpSocket socket = scope.connect("localhost", server.port(), with(trusting()));
            socket.send("12345");
            socket.shutdownSend();

            assertEquals(5, socket.receiveAll(100).length);
        }
    }

    @Test
    void writeThatRacesCloseEndsAsClosed() throws Exception {
        try (TlsServer server =
                new TlsServer(
                        certificates.serverContext(good),
                        (plain, all) -> {
                            Socket socket = all.encrypt(plain);
                            socket.getInputStream().transferTo(OutputStream.nullOutputStream());
                        })) {
            byte[] much = new byte[100_000];
            for (int round = 0; round < 50; round++) {
                TcpSocket socket = scope.connect("localhost", server.port(), with(trusting()));
                CountDownLatch writing = new CountDownLatch(1);
                Fork<IOException> writer =
                        scope.fork(
                                () ->
                                        assertThrows(
                                                SocketClosedException.class,
                                                () -> {
                                                    while (true) {
                                                        socket.send(much);
                                                        writing.countDown();
                                                    }
                                                }));
                Fork<IOException> reader =
                        scope.fork(
                                () ->
                                        assertThrows(
                                                SocketClosedException.class,
                                                () -> socket.receive(1)));
                assertTrue(writing.await(20, TimeUnit.SECONDS));

                socket.close();

                writer.join();
                reader.join();
            }
        }
    }
}
