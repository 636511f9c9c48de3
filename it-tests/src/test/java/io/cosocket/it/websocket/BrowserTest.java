package io.cosocket.it.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.cosocket.it.support.CosocketJar;
import io.cosocket.it.support.RunningServer;
import io.cosocket.it.support.Scratch;

import org.junit.jupiter.api.Test;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A real browser and the example that echoes. */
class BrowserTest {
    @Test
    void aBrowserExchangesCompressedTextAndBinaryWithTheExample() throws Exception {
        try (RunningServer server =
                CosocketJar.onThisJava()
                        .serve(
                                "/echo=" + CosocketJar.example("WebSocketEcho"),
                                "/*=" + CosocketJar.handler("BrowserPage"))) {
            String page = load(server.uri("/"));

            List.of(
                            "extensions permessage-deflate",
                            "text 180000 true",
                            "binary 200000 true",
                            "text 0 true",
                            "close 3001 true")
                    .forEach(line -> assertTrue(page.contains(line), page));
            assertEquals("", server.errors());
        }
    }

    /** Lets the browser load a page and gives what the page has become. */
    private static String load(URI page) throws Exception {
        try (Scratch profile = Scratch.create()) {
            Path dom = profile.folder().resolve("dom");
            Process browser =
                    new ProcessBuilder(
                                    "chromium",
                                    "--headless",
                                    "--no-sandbox",
                                    "--disable-gpu",
                                    "--disable-quic",
                                    "--no-first-run",
                                    "--disable-background-networking",
                                    "--disable-component-update",
                                    "--disable-sync",
                                    "--no-proxy-server",
                                    "--user-data-dir=" + profile.folder().resolve("profile"),
                                    "--dump-dom",
                                    page.toString())
                            .redirectOutput(dom.toFile())
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            try {
                assertTrue(browser.waitFor(60, SECONDS));
            } finally {
                browser.descendants().forEach(ProcessHandle::destroyForcibly);
                browser.destroyForcibly().waitFor();
            }
            return Files.readString(dom);
        }
    }
}
