package io.cosocket.it.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.it.support.Command;
import io.cosocket.it.support.CosocketJar;
import io.cosocket.it.support.RunningServer;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Random;

/** nghttp and h2load, whose reading of HTTP/2 is the strictest there is. */
class Http2ClientsTest {
    private static RunningServer server;
    private static String hello;
    private static String upload;
    private static String digest;
    private static String file;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        byte[] bytes = new byte[5_000_000];
        new Random(2).nextBytes(bytes);
        file = Files.write(folder.resolve("upload"), bytes).toString();
        byte[] sum = MessageDigest.getInstance("SHA-256").digest(bytes);
        digest = bytes.length + " " + HexFormat.of().formatHex(sum) + "\n";
        server =
                CosocketJar.onThisJava()
                        .serve(
                                "/hello=" + CosocketJar.example("Hello"),
                                "/upload=" + CosocketJar.example("Upload"));
        hello = server.uri("/hello").toString();
        upload = server.uri("/upload").toString();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @Test
    void uploadArrivesWhole() throws Exception {
        assertEquals(digest, Command.output("nghttp", "-d", file, upload));
    }

    @Test
    void uploadAfterAnUpgradeArrivesWhole() throws Exception {
        assertEquals(digest, Command.output("nghttp", "--upgrade", "-d", file, upload));
    }

    @Test
    void answerThroughAWindowOfOneByteArrivesWhole() throws Exception {
        // The windows of streams and connection are given in bits.
        String out = Command.output("nghttp", "-w", "1", "-W", "1", "-d", file, upload);

        assertEquals(digest, out);
    }

    @Test
    void uploadWithTrailersArrivesWholeAndNothingIsReset() throws Exception {
        String out = Command.output("nghttp", "-v", "--trailer=sum: 1", "-d", file, upload);

        assertTrue(out.contains(digest.strip()), out);
        assertFalse(out.contains("RST_STREAM"), out);
    }

    @Test
    void eachOfManyStreamsIsAnswered() throws Exception {
        String report = Command.output("h2load", "-n", "20000", "-c", "8", "-m", "32", hello);

        assertTrue(report.contains("20000 succeeded, 0 failed, 0 errored, 0 timeout"), report);
        assertTrue(report.contains("20000 2xx, 0 3xx, 0 4xx, 0 5xx"), report);
    }

    @Test
    void eachOfManyUploadsAtOnceIsAnswered() throws Exception {
        String report =
                Command.output("h2load", "-n", "64", "-c", "4", "-m", "8", "-d", file, upload);

        assertTrue(report.contains("64 succeeded, 0 failed, 0 errored, 0 timeout"), report);
        assertTrue(report.contains("64 2xx, 0 3xx, 0 4xx, 0 5xx"), report);
        // Each answer is as long as the right one.
        assertTrue(report.contains(" (" + 64 * digest.length() + ") data"), report);
    }
}
