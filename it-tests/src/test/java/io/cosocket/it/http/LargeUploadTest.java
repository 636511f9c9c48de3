package io.cosocket.it.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cosocket.it.support.CosocketJar;
import io.cosocket.it.support.RunningServer;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Random;

/** A body much larger than the server's heap passes through it. */
class LargeUploadTest {
    private static final int PIECE = 1 << 20;

    @Test
    void aGibibyteOfChunksPassesThroughASmallHeap() throws Exception {
        uploadChunked(1024);
    }

    @Test
    @Tag("soak")
    void tenGibibytesOfChunksPassThroughASmallHeap() throws Exception {
        uploadChunked(10 * 1024);
    }

    private static void uploadChunked(int pieces) throws Exception {
        try (RunningServer server =
                CosocketJar.onDefaultJava()
                        .withJvm("-Xmx64m", "-XX:+ExitOnOutOfMemoryError")
                        .serve(CosocketJar.example("Upload"))) {
            Process curl =
                    new ProcessBuilder(
                                    "curl",
                                    "--silent",
                                    "--show-error",
                                    "--header",
                                    "Transfer-Encoding: chunked",
                                    "--upload-file",
                                    "-",
                                    server.uri("/").toString())
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();

            String digest = feed(curl.getOutputStream(), pieces);

            String answer = new String(curl.getInputStream().readAllBytes());
            assertEquals(0, curl.waitFor());
            assertEquals((long) pieces * PIECE + " " + digest + "\n", answer);
        }
    }

    /** Writes random pieces, each of them different, and gives the digest of it all. */
    private static String feed(OutputStream target, int pieces) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        byte[] piece = new byte[PIECE];
        new Random(1).nextBytes(piece);
        try (target) {
            for (int i = 0; i < pieces; i++) {
                piece[i % PIECE]++;
                digest.update(piece);
                write(target, piece);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void write(OutputStream target, byte[] piece) throws IOException {
        target.write(piece);
    }
}
