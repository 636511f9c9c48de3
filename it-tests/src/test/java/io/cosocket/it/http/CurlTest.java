package io.cosocket.it.http;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.it.support.Command;
import io.cosocket.it.support.CosocketJar;
import io.cosocket.it.support.CosocketJar.Outcome;
import io.cosocket.it.support.RunningServer;
import io.cosocket.it.support.Scratch;
import io.cosocket.it.support.Seen;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;

/** What curl sends, on each version of HTTP, is answered as curl expects. */
class CurlTest {
    private static final int SIZE = 3_000_000;

    private static Scratch scratch;
    private static RunningServer server;
    private static Path file;
    private static String digest;

    @BeforeAll
    static void start() throws Exception {
        scratch = Scratch.create();
        byte[] bytes = new byte[SIZE];
        new Random(1).nextBytes(bytes);
        file = Files.write(scratch.folder().resolve("upload"), bytes);
        digest = SIZE + " " + hex(MessageDigest.getInstance("SHA-256").digest(bytes)) + "\n";
        server =
                CosocketJar.onThisJava()
                        .serve(
                                "/hello=" + CosocketJar.example("Hello"),
                                "/upload=" + CosocketJar.example("Upload"),
                                CosocketJar.handler("Observed"));
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
        scratch.close();
    }

    @ParameterizedTest
    @CsvSource({
        "--http1.0,               1.1",
        "--http1.1,               1.1",
        "--http2,                 2",
        "--http2-prior-knowledge, 2"
    })
    void everyVersionIsAnswered(String version, String answered) throws Exception {
        String out = curl(version, "--write-out", "%{http_version}", uri("/hello"));

        assertEquals("hello\n" + answered, out);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--http1.0",
                "--http1.1",
                "--http2-prior-knowledge",
                "--http1.1 --header Transfer-Encoding:chunked",
                "--http1.1 --header Expect:",
                "--http2"
            })
    void uploadArrivesWhole(String options) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(options.split(" ")));
        arguments.addAll(List.of("--upload-file", file.toString(), uri("/upload")));

        assertEquals(digest, curl(arguments.toArray(String[]::new)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--http1.0", "--http1.1", "--http2-prior-knowledge"})
    void downloadArrivesWhole(String version) throws Exception {
        long size = (40 << 20) + 1;
        Path target = scratch.folder().resolve("download");

        curl(version, "--output", target.toString(), uri("/bytes?" + size));

        byte[] bytes = Files.readAllBytes(target);
        assertEquals(size, bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != i >> 20) {
                throw new AssertionError("byte " + i + " is " + bytes[i]);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--http1.0", "--http1.1", "--http2-prior-knowledge"})
    void headTellsTheLengthOnly(String version) throws Exception {
        String out = curl(version, "--head", uri("/hello"));

        assertTrue(out.toLowerCase(Locale.ROOT).contains("content-length: 6\r\n"), out);
        assertTrue(out.endsWith("\r\n\r\n"), out);
    }

    @Test
    void uploadThatWaitsIsToldToContinue() throws Exception {
        // Without the word curl would wait longer than it may take in all.
        Outcome outcome =
                Command.run(
                        "curl",
                        "--silent",
                        "--verbose",
                        "--max-time",
                        "60",
                        "--expect100-timeout",
                        "600",
                        "--header",
                        "Expect: 100-continue",
                        "--upload-file",
                        file.toString(),
                        uri("/upload"));

        assertEquals(digest, outcome.out(), outcome.err());
        assertTrue(outcome.err().contains("< HTTP/1.1 100 Continue"), outcome.err());
    }

    @Test
    void refusedUploadIsNeverSent() throws Exception {
        String out =
                curl(
                        "--expect100-timeout",
                        "600",
                        "--header",
                        "Expect: 100-continue",
                        "--upload-file",
                        file.toString(),
                        "--write-out",
                        "%{http_code} %{size_upload}",
                        uri("/refuse"));

        assertTrue(out.endsWith("413 0"), out);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--http1.1", "--http1.0 --header Connection:keep-alive"})
    void connectionIsKeptAcrossAnswersOfEveryKind(String options) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(options.split(" ")));
        arguments.addAll(List.of("--write-out", "%{http_code} %{num_connects},"));
        for (String path : List.of("/hello", "/nowhere", "/bytes?0", "/bytes?100000", "/hello")) {
            arguments.addAll(List.of("--output", "/dev/null", uri(path)));
        }

        // A long answer to HTTP/1.0 has no other end than that of the connection.
        String last = options.startsWith("--http1.0") ? "200 1," : "200 0,";
        assertEquals(
                "200 1,404 0,200 0,200 0," + last, curl(arguments.toArray(String[]::new)), options);
    }

    @Test
    void connectionIsKeptAcrossUploads() throws Exception {
        String[] arguments = {
            "--upload-file",
            "{" + file + "," + file + "," + file + "}",
            "--write-out",
            "%{num_connects} ",
            uri("/upload")
        };

        assertEquals(digest + "1 " + digest + "0 " + digest + "0 ", curl(arguments));
    }

    @Test
    void fiftyRequestsAtOnceGetTheirOwnAnswers() throws Exception {
        // With prior knowledge this curl fails to share a connection, nginx's too.
        curl(
                "--http2",
                "--parallel",
                "--parallel-max",
                "50",
                "--output",
                scratch.folder().resolve("answer#1").toString(),
                uri("/number?[1-500]"));

        for (int i = 1; i <= 500; i++) {
            assertEquals(i + "\n", Files.readString(scratch.folder().resolve("answer" + i)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--http1.1", "--http2-prior-knowledge"})
    void curlKilledAmidAnUploadEndsTheReadOfItsBody(String version) throws Exception {
        Seen before = Seen.by(server);
        Process curl =
                new ProcessBuilder(
                                "curl",
                                "--silent",
                                version,
                                "--upload-file",
                                "-",
                                "--expect100-timeout",
                                "0.1",
                                uri("/count"))
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        OutputStream input = curl.getOutputStream();
        input.write(new byte[100_000]);
        input.flush();
        awaitSeen(() -> Seen.by(server).received() >= before.received() + 50_000);

        curl.destroyForcibly();

        awaitSeen(() -> Seen.by(server).cut() == before.cut() + 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--http1.1", "--http2-prior-knowledge"})
    void curlKilledAmidAParkedRequestCancelsIt(String version) throws Exception {
        Seen before = Seen.by(server);
        Process curl = new ProcessBuilder("curl", "--silent", version, uri("/park")).start();
        awaitSeen(() -> Seen.by(server).parked() == 1);

        curl.destroyForcibly();

        awaitSeen(() -> Seen.by(server).aborted() == before.aborted() + 1);
        awaitSeen(() -> Seen.by(server).parked() == 0);
    }

    private static void awaitSeen(Callable<Boolean> condition) {
        await().atMost(Duration.ofSeconds(30)).until(condition);
    }

    private static String curl(String... arguments) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of("curl", "--silent", "--show-error", "--max-time", "120"));
        command.addAll(List.of(arguments));
        return Command.output(command.toArray(String[]::new));
    }

    private static String uri(String path) {
        return server.uri().toString() + path;
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
