package io.cosocket.it.cli;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.it.support.CosocketJar;
import io.cosocket.it.support.RunningServer;
import io.cosocket.transport.TestCertificates;
import io.cosocket.transport.TestCertificates.Certified;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** TLS and Unix-domain listeners, response headers and the access log, with curl as the client. */
class ListenersTest {
    @TempDir private static Path folder;
    private static TestCertificates certificates;
    private static Certified server;
    private static Certified client;

    @BeforeAll
    static void makeCertificates() throws IOException {
        certificates = TestCertificates.in(folder);
        server = certificates.server("server", "127.0.0.1", "localhost");
        client = certificates.server("client", "client.test");
    }

    /** Gives what curl says, or its exit status when it fails. */
    private static String curl(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("curl", "-sS", "-m", "60"));
        command.addAll(List.of(arguments));
        Process curl = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(curl.getInputStream().readAllBytes());
        int status = curl.waitFor();
        return status == 0 ? said : "exit " + status;
    }

    private static String root() {
        return certificates.root().toString();
    }

    private static RunningServer serve(String name, String text) throws IOException {
        Path file = Files.writeString(folder.resolve(name + ".conf"), text);
        return CosocketJar.onThisJava()
                .start(List.of("run", "--config", file.toString(), CosocketJar.example("Hello")));
    }

    private static String tls() {
        return "tls { certificate = \"%s\", key = \"%s\" }\n"
                .formatted(server.chain(), server.key());
    }

    @Test
    void severalListenersServeAtOnceAndEachHasItsLine() throws Exception {
        Path socket = folder.resolve("several.sock");
        String listen =
                "listen = [\"http://127.0.0.1:0\", \"https://127.0.0.1:0\", \"unix:%s\"]\n"
                        .formatted(socket);
        try (RunningServer running = serve("several", listen + tls())) {
            URI https = running.nextUri();
            URI unix = running.nextUri();

            assertEquals("http", running.uri().getScheme());
            assertEquals("https", https.getScheme());
            assertEquals("unix:" + socket, unix.toString());
            assertEquals("hello\n", curl(running.uri().toString()));
            assertEquals(
                    "hello\n2",
                    curl("--cacert", root(), "-w", "%{http_version}", https.toString()));
            assertEquals("hello\n", curl("--unix-socket", socket.toString(), "http://x/"));

            running.signal("TERM");
            assertEquals(0, running.exitStatus());
            assertFalse(Files.exists(socket));
        }
    }

    @Test
    void certificateOfAFlagTurnsTlsOn() throws Exception {
        String[] flags = {
            "--tls-cert", server.chain().toString(), "--tls-key", server.key().toString()
        };
        try (RunningServer running =
                CosocketJar.onThisJava().serve(flags[0], flags[1], flags[2], flags[3], hello())) {
            assertEquals("https", running.uri().getScheme());
            assertEquals("hello\n", curl("--cacert", root(), running.uri().toString()));
        }
    }

    private static String hello() {
        return CosocketJar.example("Hello");
    }

    @Test
    void requiredClientCertificateKeepsOthersOut() throws Exception {
        try (RunningServer running = serve("required", authentication("required"))) {
            String uri = running.uri().toString();

            assertTrue(curl("--cacert", root(), uri).startsWith("exit "), "without one");
            assertEquals("hello\n", curlWithCertificate(uri));
        }
    }

    @Test
    void optionalClientCertificateLetsOthersIn() throws Exception {
        try (RunningServer running = serve("optional", authentication("optional"))) {
            String uri = running.uri().toString();

            assertEquals("hello\n", curl("--cacert", root(), uri));
            assertEquals("hello\n", curlWithCertificate(uri));
        }
    }

    private static String authentication(String when) {
        return "port = 0\n"
                + tls()
                + "tls { client-auth = %s, client-trust = \"%s\" }\n"
                        .formatted(when, certificates.root());
    }

    private static String curlWithCertificate(String uri) throws Exception {
        return curl(
                "--cacert",
                root(),
                "--cert",
                client.chain().toString(),
                "--key",
                client.key().toString(),
                uri);
    }

    @Test
    void protocolsAndHttp2CanBeNarrowed() throws Exception {
        String narrow = "port = 0\n" + tls() + "tls { protocols = [TLSv1.3], http2 = off }\n";
        try (RunningServer running = serve("narrow", narrow)) {
            String uri = running.uri().toString();

            assertTrue(curl("--cacert", root(), "--tls-max", "1.2", uri).startsWith("exit "));
            assertEquals("hello\n1.1", curl("--cacert", root(), "-w", "%{http_version}", uri));
        }
    }

    @Test
    void headersOfTheServersOwnCanBeSwitchedOff() throws Exception {
        String off = "port = 0, http { server-header = none, date-header = off }\n";
        try (RunningServer plain = serve("plain", "port = 0, http.server-header = acme\n");
                RunningServer silent = serve("silent", off)) {
            String head = curl("-i", plain.uri().toString()).toLowerCase();
            assertTrue(head.contains("server: acme\r\n"), head);
            assertTrue(head.contains("date: "), head);

            head = curl("-i", silent.uri().toString()).toLowerCase();
            assertFalse(head.contains("server:"), head);
            assertFalse(head.contains("date:"), head);
        }
    }

    @Test
    void errorAnswerHasEachHeaderOnce() throws Exception {
        try (RunningServer running = CosocketJar.onThisJava().serve("/here=" + hello())) {
            String head = curl("-i", running.uri("/elsewhere").toString());

            List<String> names =
                    head.lines()
                            .skip(1)
                            .takeWhile(line -> !line.isEmpty())
                            .map(line -> line.replaceFirst(":.*", ""))
                            .sorted()
                            .toList();
            assertEquals(List.of("Content-Length", "Content-Type", "Date", "Server"), names);
        }
    }

    @Test
    void accessLogOnStandardOutputComesAfterTheLinesOfTheListeners() throws Exception {
        try (RunningServer running =
                CosocketJar.onThisJava()
                        .serve("--access-log", "-", CosocketJar.example("Upload"))) {
            curl("-d", "1234567", running.uri("/a?b=c").toString());

            String line = String.valueOf(running.line());
            assertTrue(line.startsWith("127.0.0.1 - - ["), line);
            assertTrue(line.contains("] \"POST /a?b=c HTTP/1.1\" 200 67 7 "), line);
            assertTrue(line.endsWith(" \"done\""), line);
        }
    }

    @Test
    void accessLogInAFileIsCompleteAfterTheStopAndSurvivesRotation() throws Exception {
        Path log = folder.resolve("access.log");
        Path rotated = folder.resolve("access.log.1");
        try (RunningServer running = serve("logged", "port = 0, access-log = \"" + log + "\"")) {
            String uri = running.uri("/first").toString();
            curl(uri);
            await().atMost(Duration.ofSeconds(30)).until(() -> Files.size(log) > 0);
            Files.move(log, rotated);

            await().atMost(Duration.ofSeconds(60))
                    .until(
                            () -> {
                                curl(running.uri("/later").toString());
                                return Files.exists(log);
                            });
            curl(running.uri("/last").toString());
            running.signal("TERM");
            assertEquals(0, running.exitStatus());
        }
        assertTrue(Files.readString(rotated).contains("\"GET /first HTTP/1.1\" 200 6 0 "));
        assertTrue(Files.readString(log).contains("\"GET /last HTTP/1.1\" 200 6 0 "));
    }
}
