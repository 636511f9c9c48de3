package io.cosocket.it.pool;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.time.Duration.ofSeconds;

import io.cosocket.Cosockets;
import io.cosocket.PoolStats;
import io.cosocket.SocketScope;
import io.cosocket.TcpSocket;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** An nginx upstream that ends kept connections: after a while, and after three requests. */
class NginxIdleCloseTest {
    @TempDir private Path directory = Path.of("");
    private final Cosockets runtime = Cosockets.create();
    private final SocketScope scope = runtime.openScope("nginx");
    private int port;
    private PeerProcess nginx;

    @BeforeEach
    void start() throws IOException {
        port = PeerProcess.freePort();
        Path conf = directory.resolve("nginx.conf");
        Files.writeString(
                conf,
                """
                daemon off;
                master_process off;
                pid %1$s/nginx.pid;
                error_log %1$s/error.log;
                events { worker_connections 512; }
                http {
                    access_log off;
                    client_body_temp_path %1$s/body;
                    proxy_temp_path %1$s/proxy;
                    fastcgi_temp_path %1$s/fastcgi;
                    uwsgi_temp_path %1$s/uwsgi;
                    scgi_temp_path %1$s/scgi;
                    server {
                        listen 127.0.0.1:%2$d;
                        keepalive_timeout 1s;
                        keepalive_requests 3;
                        location / { return 200 "hello"; }
                    }
                }
                """
                        .formatted(directory, port));
        nginx =
                PeerProcess.start(
                        directory,
                        port,
                        "nginx",
                        "-c",
                        conf.toString(),
                        "-p",
                        directory.toString());
    }

    @AfterEach
    void stop() {
        runtime.close();
        nginx.close();
    }

    /** Whether the last answer announced that it is the last of its connection. */
    private boolean announcedClose;

    private TcpSocket get() throws IOException {
        TcpSocket socket = scope.connect("127.0.0.1", port);
        socket.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assertTrue(String.valueOf(socket.receiveLine()).contains(" 200 "));
        int length = 0;
        announcedClose = false;
        for (String line; (line = socket.receiveLine()) != null && !line.isEmpty(); ) {
            String lower = line.toLowerCase(Locale.ROOT);
            announcedClose |= lower.equals("connection: close");
            if (lower.startsWith("content-length:")) {
                length = Integer.parseInt(lower.substring("content-length:".length()).strip());
            }
        }
        assertEquals("hello", new String(socket.receive(length)));
        return socket;
    }

    private PoolStats stats() {
        return runtime.pools().getFirst();
    }

    @Test
    void theEndOfIdleConnectionsIsNoticed() throws Exception {
        List<TcpSocket> sockets = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            sockets.add(get());
        }
        sockets.forEach(socket -> assertTrue(socket.release().kept()));
        assertEquals(20, stats().idle());

        await().atMost(ofSeconds(20)).until(() -> stats().open() == 0);

        TcpSocket fresh = get();
        assertEquals(0, fresh.reuseCount());
        assertEquals(1, stats().misses().get("peer closed"));
        fresh.release();
    }

    @Test
    @Tag("058-T73")
    void threeRequestsShareAConnectionAndTheEndIsNoticedAtRelease() throws IOException {
        for (int i = 0; i < 300; i++) {
            TcpSocket socket = get();
            assertEquals(i % 3, socket.reuseCount());
            assertEquals(i % 3 == 2, announcedClose);
            if (announcedClose) {
                assertEquals(0, socket.peek(1).length, "the end has arrived");
                assertFalse(socket.release().kept());
            } else {
                assertTrue(socket.release().kept());
            }
        }

        PoolStats stats = stats();
        assertEquals(300, stats.acquired());
        assertEquals(200, stats.reused());
        assertEquals(99, stats.misses().get("peer closed"));
    }
}
