package io.cosocket.it.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cosocket.http.HttpConfig;
import io.cosocket.http.HttpServer;
import io.cosocket.http.ServerCertificate;
import io.cosocket.http.ServerTls;
import io.cosocket.transport.TestCertificates;
import io.cosocket.transport.TestCertificates.Certified;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Clients on OpenSSL, and a browser, against our server. */
@Timeout(120)
class DownstreamPeersTest {
    private static Path directory;
    private static TestCertificates certificates;
    private static HttpServer plain;
    private static HttpServer hooked;

    @BeforeAll
    static void start(@TempDir Path where) throws IOException {
        directory = where;
        certificates = TestCertificates.in(where);
        Certified local = certificates.server("local", "localhost", "127.0.0.1");
        Certified other = certificates.server("other", "other.test");
        HttpConfig config = HttpConfig.defaults().withPort(0);
        plain =
                HttpServer.start(
                        config.withTls(ServerTls.ofPem(local.chain(), local.key())),
                        routes -> routes.content("/*", e -> e.say(e.protocol() + " served")));
        hooked =
                HttpServer.start(
                        config.withTls(ServerTls.ofHandler()),
                        routes ->
                                routes.certificate(
                                                hello ->
                                                        "other.test".equals(hello.serverName())
                                                                ? ServerCertificate.ofPem(
                                                                        other.chain(), other.key())
                                                                : null)
                                        .content("/*", e -> e.say(e.protocol() + " served")));
    }

    @AfterAll
    static void stop() {
        plain.close();
        hooked.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--http1.1", "--http2"})
    void curlIsServed(String version) throws Exception {
        String said =
                Peer.run(
                        directory,
                        "",
                        "curl",
                        "-sS",
                        version,
                        "--cacert",
                        "root.pem",
                        plain.uri() + "/");

        assertEquals((version.equals("--http2") ? "HTTP/2.0" : "HTTP/1.1") + " served\n", said);
    }

    @Test
    void curlIsServedByTheChosenCertificate() throws Exception {
        int port = hooked.uri().getPort();
        String said =
                Peer.run(
                        directory,
                        "",
                        "curl",
                        "-sS",
                        "--cacert",
                        "root.pem",
                        "--resolve",
                        "other.test:" + port + ":127.0.0.1",
                        "https://other.test:" + port + "/");
        assertEquals("HTTP/2.0 served\n", said);

        String refused =
                Peer.run(
                        directory,
                        "",
                        "curl",
                        "-sS",
                        "--cacert",
                        "root.pem",
                        "https://localhost:" + port + "/");
        assertTrue(refused.contains("unrecognized name"), refused);
    }

    @Test
    void browserIsServed() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/chromium")), "chromium is not installed");

        String said =
                Peer.run(
                        directory,
                        "",
                        "timeout",
                        "60",
                        "/usr/bin/chromium",
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--ignore-certificate-errors", // it knows authorities from its store only
                        "--user-data-dir=" + directory.resolve("browser"),
                        "--dump-dom",
                        plain.uri() + "/");

        assertTrue(said.contains("HTTP/2.0 served"), said);
    }

    private static String client(HttpServer server, String input, String... options)
            throws Exception {
        String[] command = new String[options.length + 8];
        System.arraycopy(
                new String[] {
                    "openssl",
                    "s_client",
                    "-connect",
                    "127.0.0.1:" + server.uri().getPort(),
                    "-CAfile",
                    "root.pem",
                    "-verify_return_error",
                    "-ign_eof"
                },
                0,
                command,
                0,
                8);
        System.arraycopy(options, 0, command, 8, options.length);
        return Peer.run(directory, input, command);
    }

    private static final String REQUEST =
            "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_3", "-tls1_2"})
    void openSslClientIsServed(String protocol) throws Exception {
        String said =
                client(plain, REQUEST, protocol, "-alpn", "http/1.1", "-servername", "localhost");

        assertTrue(said.contains("Verify return code: 0 (ok)"), said);
        assertTrue(said.contains("ALPN protocol: http/1.1"), said);
        assertTrue(said.contains("HTTP/1.1 served"), said);
        assertFalse(said.contains("unexpected eof"), said);
    }

    @Test
    void sessionsAreResumedThroughTheHooks() throws Exception {
        String first =
                client(hooked, REQUEST, "-tls1_2", "-servername", "other.test", "-sess_out", "s");
        String second =
                client(hooked, REQUEST, "-tls1_2", "-servername", "other.test", "-sess_in", "s");

        assertTrue(first.contains("New, TLSv1.2"), first);
        assertTrue(second.contains("Reused, TLSv1.2"), second);
        assertTrue(second.contains("HTTP/1.1 served"), second);
    }

    @Test
    void renegotiationIsRefused() throws Exception {
        String said = client(plain, "R\n" + REQUEST, "-tls1_2", "-servername", "localhost");

        assertFalse(said.contains("served"), said);
    }
}
