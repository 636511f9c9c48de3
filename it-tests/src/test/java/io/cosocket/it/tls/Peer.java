package io.cosocket.it.tls;

import io.cosocket.it.support.FreePort;

import org.awaitility.Awaitility;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** A real server as a process; its output is kept. */
final class Peer implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Process process;
    private final StringBuffer output = new StringBuffer();
    final int port;

    private Peer(Path directory, int port, List<String> command) throws IOException {
        this.port = port;
        this.process =
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .start();
        Thread.startVirtualThread(this::collect);
    }

    /** Starts {@code openssl s_server} on a free port. */
    static Peer openssl(Path directory, String... options) throws IOException {
        int port = FreePort.find();
        List<String> command =
                new ArrayList<>(List.of("openssl", "s_server", "-accept", "127.0.0.1:" + port));
        command.addAll(Arrays.asList(options));
        Peer peer = new Peer(directory, port, command);
        return peer.up(() -> peer.output().contains("ACCEPT"));
    }

    /** Starts {@code openssl s_server} on a Unix-domain path. */
    static Peer opensslUnix(Path directory, Path socket, String... options) throws IOException {
        List<String> command =
                new ArrayList<>(List.of("openssl", "s_server", "-unix", socket.toString()));
        command.addAll(Arrays.asList(options));
        Peer peer = new Peer(directory, 0, command);
        // it says ACCEPT before it binds
        return peer.up(() -> Files.exists(socket));
    }

    /** Starts nginx with what belongs into its {@code http} block; {@code PORT} is replaced. */
    static Peer nginx(Path directory, String http) throws IOException {
        int port = FreePort.find();
        Path file = directory.resolve("nginx.conf");
        Files.writeString(
                file,
                ("""
                daemon off;
                worker_processes 1;
                pid DIR/nginx.pid;
                error_log stderr info;
                events { worker_connections 1024; }
                http {
                    access_log off;
                    client_body_temp_path DIR/body;
                    proxy_temp_path DIR/proxy;
                    fastcgi_temp_path DIR/fastcgi;
                    uwsgi_temp_path DIR/uwsgi;
                    scgi_temp_path DIR/scgi;
                """
                                + http
                                + "\n}\n")
                        .replace("DIR", directory.toString())
                        .replace("PORT", Integer.toString(port)));
        Peer peer =
                new Peer(
                        directory,
                        port,
                        List.of("nginx", "-p", directory.toString(), "-c", file.toString()));
        return peer.up(() -> FreePort.accepts(port));
    }

    /** Waits until it serves; one that does not come up is ended. */
    private Peer up(Callable<Boolean> serves) throws IOException {
        try {
            Awaitility.await().atMost(LIMIT).until(serves);
        } catch (RuntimeException e) {
            close();
            throw new IOException("the peer did not come up: " + output(), e);
        }
        return this;
    }

    /** Runs a client to its end and gives what it said. */
    static String run(Path directory, String input, String... command) throws Exception {
        Process client =
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .start();
        try (OutputStream in = client.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // it did not want to read all
        }
        String said = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        client.waitFor();
        return said;
    }

    private void collect() {
        try (InputStream in = process.getInputStream()) {
            byte[] buffer = new byte[4096];
            for (int count; (count = in.read(buffer)) >= 0; ) {
                output.append(new String(buffer, 0, count, StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            // the process has ended
        }
    }

    String output() {
        return output.toString();
    }

    void awaitOutput(String words) {
        Awaitility.await().atMost(LIMIT).until(() -> output().contains(words));
    }

    void awaitOutput(String words, int times) {
        Awaitility.await()
                .atMost(LIMIT)
                .until(() -> output().split(Pattern.quote(words), -1).length > times);
    }

    /** Types a line into the server. */
    void type(String line) throws IOException {
        OutputStream in = process.getOutputStream();
        in.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        in.flush();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
