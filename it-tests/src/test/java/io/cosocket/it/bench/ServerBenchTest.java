package io.cosocket.it.bench;

import io.cosocket.it.support.CosocketJar;
import io.cosocket.it.support.JavaPeer;
import io.cosocket.it.support.NginxServer;
import io.cosocket.it.support.RedisServer;
import io.cosocket.it.support.RunningServer;
import io.cosocket.it.support.Scratch;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** CPU time and speed of the server, beside nginx with its Lua module, plain Jetty and Helidon. */
@Tag("bench")
class ServerBenchTest {
    private static final List<String> JVM =
            List.of(
                    "-Xmx1g",
                    "-Djdk.virtualThreadScheduler.parallelism="
                            + Runtime.getRuntime().availableProcessors());

    @Test
    void helloOn64Connections() throws Exception {
        try (RunningServer ours = cosocket("/hello=" + CosocketJar.example("Hello"));
                RunningServer jetty = plainJetty();
                RunningServer helidon = helidon();
                NginxServer nginx = nginx(0)) {
            new ServerRounds()
                    .with("cosocket", ours.server(), Loads.get(uri(ours.port(), "/hello")))
                    .with("plain Jetty", jetty.server(), Loads.get(uri(jetty.port(), "/hello")))
                    .with("Helidon", helidon.server(), Loads.get(uri(helidon.port(), "/hello")))
                    .with("nginx", nginx.process(), Loads.get(uri(nginx.port(), "/hello")))
                    .run("Hello on 64 connections", "request");
        }
    }

    @Test
    void postOf1KibReadThroughTheRequestSocket() throws Exception {
        try (RunningServer ours = cosocket("/any=" + CosocketJar.handler("CountAny"));
                RunningServer helidon = helidon();
                NginxServer nginx = nginx(0)) {
            new ServerRounds()
                    .with("cosocket", ours.server(), Loads.post(uri(ours.port(), "/any")))
                    .with("Helidon", helidon.server(), Loads.post(uri(helidon.port(), "/any")))
                    .with("nginx", nginx.process(), Loads.post(uri(nginx.port(), "/any")))
                    .run("POST of 1 KiB on 64 connections", "request");
        }
    }

    @Test
    void echoOf64ByteLinesOnRawSockets() throws Exception {
        try (Scratch scratch = Scratch.create();
                RunningServer ours = cosocket("/raw=" + CosocketJar.example("RawEcho"));
                RunningServer helidon = helidon();
                NginxServer nginx = nginx(0)) {
            Path client = Loads.compileEcho(scratch.folder());
            new ServerRounds()
                    .with("cosocket", ours.server(), Loads.echo(client, ours.port()))
                    .with("Helidon", helidon.server(), Loads.echo(client, helidon.port()))
                    .with("nginx", nginx.process(), Loads.echo(client, nginx.port()))
                    .run("Raw echo of 64 byte lines on 64 connections", "line");
        }
    }

    @Test
    void streamedUploadOf512Mib() throws Exception {
        try (Scratch scratch = Scratch.create();
                RunningServer ours = cosocket("/count=" + CosocketJar.handler("CountPieces"));
                RunningServer helidon = helidon();
                NginxServer nginx = nginx(0)) {
            Path file = Loads.sparseFile(scratch.folder());
            new ServerRounds()
                    .with("cosocket", ours.server(), Loads.upload(file, uri(ours.port(), "/count")))
                    .with(
                            "Helidon",
                            helidon.server(),
                            Loads.upload(file, uri(helidon.port(), "/count")))
                    .with("nginx", nginx.process(), Loads.upload(file, uri(nginx.port(), "/count")))
                    .run("Streamed upload of 512 MiB", "MiB");
        }
    }

    @Test
    void pingOfRedisOnAPooledConnection() throws Exception {
        try (RedisServer redis = RedisServer.start();
                RunningServer ours =
                        cosocket(
                                "/redis=" + CosocketJar.example("RedisPing"),
                                "-Dredis.port=" + redis.port());
                NginxServer nginx = nginx(redis.port())) {
            new ServerRounds()
                    .with("cosocket", ours.server(), Loads.get(uri(ours.port(), "/redis")))
                    .with("nginx", nginx.process(), Loads.get(uri(nginx.port(), "/redis")))
                    .run("Redis ping on 64 connections", "request");
        }
    }

    private static RunningServer cosocket(String handler, String... jvmOptions) throws IOException {
        return CosocketJar.onThisJava()
                .withJvm(JVM.toArray(String[]::new))
                .withJvm(jvmOptions)
                .serve(handler);
    }

    private static RunningServer plainJetty() throws IOException {
        // Our jar holds the engine.
        return JavaPeer.start("PlainJetty.java", System.getProperty("cosocket.jar"), JVM);
    }

    private static RunningServer helidon() throws IOException {
        return JavaPeer.start("Helidon.java", System.getProperty("java.class.path"), JVM);
    }

    private static NginxServer nginx(int redisPort) throws IOException {
        return NginxServer.start("nginx-bench.conf", Map.of("@REDIS@", String.valueOf(redisPort)));
    }

    private static String uri(int port, String path) {
        return "http://127.0.0.1:" + port + path;
    }
}
