package io.cosocket.cli;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.http.AccessLog;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.concurrent.CountDownLatch;

class AccessLogTest {
    private static AccessLog.Entry entry(SocketAddress client, String target) {
        Instant start =
                LocalDateTime.of(2026, 3, 4, 5, 6, 7).atZone(ZoneId.systemDefault()).toInstant();
        return new AccessLog.Entry(
                start,
                client,
                "GET",
                target,
                "HTTP/1.1",
                200,
                7,
                6,
                Duration.ofMillis(1023),
                "done");
    }

    private static String line(AccessLog.Entry entry) {
        StringBuilder line = new StringBuilder();
        AccessLogLine.append(line, entry);
        return line.toString();
    }

    @Test
    void lineHasTheCommonFormatAndThenBytesInSecondsAndTheEnd() throws Exception {
        SocketAddress client = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 5);

        String line = line(entry(client, "/a?b"));

        assertTrue(line.startsWith("192.0.2.1 - - [04/Mar/2026:05:06:07 "), line);
        assertTrue(line.endsWith("] \"GET /a?b HTTP/1.1\" 200 6 7 1.023 \"done\"\n"), line);
    }

    @Test
    void targetCannotEndItsQuotes() {
        String line = line(entry(UnixDomainSocketAddress.of(""), "/\"\\\u001b\n"));

        assertTrue(line.startsWith("unix: - - ["), line);
        assertTrue(line.contains("\"GET /\\x22\\x5C\\x1B\\x0A HTTP/1.1\""), line);
    }

    @Test
    void closeWritesWhatWaits() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        AccessLogQueue log = new AccessLogQueue(out);
        for (int i = 0; i < 3000; i++) {
            log.log(entry(UnixDomainSocketAddress.of(""), "/" + i));
        }
        log.start();

        log.close();

        assertEquals(3000, out.toString().lines().count());
        assertTrue(out.toString().contains("\"GET /2999 "), "the last line");
    }

    @Test
    void stalledTargetHoldsNoExchangeUp() {
        CountDownLatch stalled = new CountDownLatch(1);
        AccessLogQueue log =
                new AccessLogQueue(
                        new OutputStream() {
                            @Override
                            public void write(int b) throws IOException {
                                try {
                                    stalled.await();
                                } catch (InterruptedException e) {
                                    throw new IOException(e);
                                }
                            }
                        });
        log.start();

        for (int i = 0; i < 100_000; i++) {
            log.log(entry(UnixDomainSocketAddress.of(""), "/"));
        }

        stalled.countDown();
        log.close();
    }

    @Test
    void fileIsMadeAnewWhenItWasRenamed(@TempDir Path folder) throws Exception {
        Path path = folder.resolve("access.log");
        Files.writeString(path, "old\n");
        LogFile file = new LogFile(path);
        file.write("one\n".getBytes());

        Files.move(path, folder.resolve("access.log.1"));

        await().atMost(Duration.ofSeconds(30))
                .until(
                        () -> {
                            file.write("two\n".getBytes());
                            return Files.exists(path);
                        });
        assertEquals("two\n", Files.readString(path));
        assertTrue(Files.readString(folder.resolve("access.log.1")).startsWith("old\none\n"));
    }
}
