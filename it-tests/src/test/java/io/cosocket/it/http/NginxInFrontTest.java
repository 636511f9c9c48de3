package io.cosocket.it.http;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.it.support.Command;
import io.cosocket.it.support.CosocketJar;
import io.cosocket.it.support.NginxServer;
import io.cosocket.it.support.RawClient;
import io.cosocket.it.support.RunningServer;
import io.cosocket.it.support.Scratch;
import io.cosocket.it.support.Seen;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;

/** nginx as reverse proxy in front of our server. */
class NginxInFrontTest {
    private static Scratch scratch;
    private static RunningServer server;
    private static NginxServer nginx;
    private static Path log;

    @BeforeAll
    static void start() throws IOException {
        scratch = Scratch.create();
        log = scratch.folder().resolve("access.log");
        server =
                CosocketJar.onThisJava()
                        .serve(
                                "/hello=" + CosocketJar.example("Hello"),
                                "/upload=" + CosocketJar.example("Upload"),
                                "/raw=" + CosocketJar.example("RawEcho"),
                                "/any=" + CosocketJar.handler("CountAny"),
                                CosocketJar.handler("Observed"));
        nginx =
                NginxServer.start(
                        "nginx-front.conf",
                        Map.of(
                                "@UPSTREAM@",
                                String.valueOf(server.port()),
                                "@LOG@",
                                log.toString()));
    }

    @AfterAll
    static void stop() throws IOException {
        nginx.close();
        server.close();
        scratch.close();
    }

    @Test
    void oneConnectionCarriesOneRequestAfterAnother() throws Exception {
        Set<String> ports = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            ports.add(Command.output("curl", "-sS", uri("/port")));
            assertEquals("404 Not Found\n", Command.output("curl", "-sS", uri("/nowhere")));
        }

        // Each worker of nginx keeps its own.
        assertTrue(ports.size() <= 2, ports.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/streamed/"})
    void chunkedUploadArrivesWhole(String location) throws Exception {
        byte[] bytes = new byte[64 << 20];
        new Random(3).nextBytes(bytes);
        Path file = Files.write(scratch.folder().resolve("upload"), bytes);
        byte[] sum = MessageDigest.getInstance("SHA-256").digest(bytes);

        String answer =
                Command.output(
                        "curl",
                        "-sS",
                        "-H",
                        "Transfer-Encoding: chunked",
                        "-T",
                        file.toString(),
                        uri(location + "upload"));

        assertEquals(bytes.length + " " + HexFormat.of().formatHex(sum) + "\n", answer);
    }

    @Test
    void streamedUploadIsReadWhileItIsSent() throws Exception {
        Seen before = Seen.by(server);
        try (RawClient client = new RawClient(nginx.port())) {
            client.send("POST /streamed/count HTTP/1.1\r\nHost: x\r\nContent-Length: 3000\r\n\r\n");
            for (int i = 1; i <= 3; i++) {
                client.send("x".repeat(1000));
                long expected = before.received() + i * 1000;
                awaitSeen(() -> Seen.by(server).received() == expected);
            }

            assertEquals("HTTP/1.1 200 OK", client.head());
            assertEquals("3000", client.line());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/direct/"})
    void longAnswerArrivesWhole(String location) throws Exception {
        Path file = scratch.folder().resolve("download");

        Command.output("curl", "-sS", "-o", file.toString(), uri(location + "bytes?" + (40 << 20)));

        byte[] bytes = Files.readAllBytes(file);
        assertEquals(40 << 20, bytes.length);
        assertEquals(39, bytes[bytes.length - 1]);
    }

    @Test
    void clientThatLeavesNginxCancelsTheRunBehindIt() throws Exception {
        Seen before = Seen.by(server);
        try (RawClient client = new RawClient(nginx.port())) {
            client.send("GET /park HTTP/1.1\r\nHost: x\r\n\r\n");
            awaitSeen(() -> Seen.by(server).parked() == 1);
        }

        awaitSeen(() -> Seen.by(server).aborted() == before.aborted() + 1);
        awaitSeen(() -> Seen.by(server).parked() == 0);
        awaitSeen(() -> Files.readString(log).contains("\"GET /park HTTP/1.1\" 499 "));
    }

    @Test
    void clientThatLeavesAmidAStreamedUploadEndsTheReadOfItsBody() throws Exception {
        Seen before = Seen.by(server);
        try (RawClient client = new RawClient(nginx.port())) {
            client.send("POST /streamed/count HTTP/1.1\r\nHost: x\r\nContent-Length: 3000\r\n\r\n");
            client.send("x".repeat(1000));
            awaitSeen(() -> Seen.by(server).received() == before.received() + 1000);
        }

        awaitSeen(() -> Seen.by(server).cut() == before.cut() + 1);
    }

    @Test
    void clientThatLeavesAmidALongAnswerHarmsNobody() throws Exception {
        for (int i = 0; i < 20; i++) {
            try (RawClient client = new RawClient(nginx.port())) {
                client.send("GET /direct/bytes?100000000 HTTP/1.1\r\nHost: x\r\n\r\n");
                assertEquals("HTTP/1.1 200 OK", client.head());
            }
        }

        assertEquals("hello\n", Command.output("curl", "-sS", uri("/hello")));
    }

    @Test
    void upgradedConnectionPassesThrough() throws Exception {
        try (RawClient client = new RawClient(nginx.port())) {
            client.send(
                    "GET /raw HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
            assertEquals("HTTP/1.1 101 Switching Protocols", client.head());

            for (int i = 0; i < 100; i++) {
                client.send("line " + i + "\n");
                assertEquals("line " + i, client.line());
            }
        }
    }

    @Test
    void noRequestFailsUnderLoadOnKeptConnections() throws Exception {
        String report =
                Command.output(
                        "wrk",
                        "-t1",
                        "-c64",
                        "-d4s",
                        "-s",
                        "src/test/resources/peers/checked-post.lua",
                        uri("/any"));

        assertFalse(report.contains("Socket errors"), report);
        assertFalse(report.contains("Non-2xx"), report);
        assertFalse(report.contains("wrong answer"), report);
    }

    private static void awaitSeen(Callable<Boolean> condition) {
        await().atMost(Duration.ofSeconds(30)).until(condition);
    }

    private static String uri(String path) {
        return "http://127.0.0.1:" + nginx.port() + path;
    }
}
