package io.cosocket.it.cli;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.it.support.CosocketJar;
import io.cosocket.it.support.FreePort;
import io.cosocket.it.support.Http;
import io.cosocket.it.support.RawClient;
import io.cosocket.it.support.RedisServer;
import io.cosocket.it.support.RunningServer;

import org.junit.jupiter.api.Test;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

class ExamplesTest {
    private static RunningServer serve(String example) throws IOException {
        return CosocketJar.onThisJava().serve(CosocketJar.example(example));
    }

    @Test
    void helloSaysHello() throws Exception {
        try (RunningServer server = serve("Hello")) {
            HttpResponse<String> answer = Http.get(server.uri("/any/path"));

            assertEquals(200, answer.statusCode());
            assertEquals("hello\n", answer.body());
        }
    }

    @Test
    void firstSocketTalksToAPeerAndCloses() throws Exception {
        try (RunningServer server = serve("FirstSocket");
                ServerSocket peer = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> answerOneLine(peer));

            HttpResponse<String> answer = Http.get(server.uri("/?port=" + peer.getLocalPort()));

            assertEquals("successfully connected!\nreceived: HELLO\n", answer.body());
        }
    }

    private static void answerOneLine(ServerSocket listener) {
        try (Socket socket = listener.accept()) {
            var in = new BufferedReader(new InputStreamReader(socket.getInputStream()));
            String line = in.readLine().toUpperCase(java.util.Locale.ROOT) + "\n";
            socket.getOutputStream().write(line.getBytes(StandardCharsets.US_ASCII));
            in.readLine();
        } catch (IOException e) {
            // The answer of the example tells what went wrong.
        }
    }

    @Test
    void firstSocketNamesTheStepThatFailed() throws Exception {
        try (RunningServer server = serve("FirstSocket")) {
            HttpResponse<String> answer = Http.get(server.uri("/?port=" + FreePort.find()));

            assertTrue(answer.body().startsWith("failed to connect: connect tcp"), answer.body());
            assertTrue(answer.body().contains("connection refused"), answer.body());
        }
    }

    @Test
    void uploadTellsLengthAndDigestOfTheBody() throws Exception {
        try (RunningServer server = serve("Upload")) {
            byte[] body = "abc".getBytes(StandardCharsets.US_ASCII);

            assertEquals(
                    "3 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n",
                    Http.put(server.uri("/"), body).body());
        }
    }

    @Test
    void rawEchoEchoesLinesAfterTheUpgrade() throws Exception {
        try (RunningServer server = serve("RawEcho");
                RawClient client = new RawClient(server.port())) {
            client.send(
                    "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
            assertEquals("HTTP/1.1 101 Switching Protocols", client.head());

            client.send("one\n");
            assertEquals("one", client.line());
            client.send("two\n").shutdownOutput();
            assertEquals("two\n", client.rest());
        }
    }

    @Test
    void redisPingAsksRedisAndReusesItsConnection() throws Exception {
        try (RedisServer redis = RedisServer.start();
                RunningServer server =
                        CosocketJar.onThisJava()
                                .withJvm("-Dredis.port=" + redis.port())
                                .serve(CosocketJar.example("RedisPing"))) {
            HttpResponse<String> first = Http.get(server.uri("/"));
            HttpResponse<String> second = Http.get(server.uri("/"));

            assertEquals("+PONG\n", first.body());
            assertEquals("0", first.headers().firstValue("X-Reuse-Count").orElse(""));
            assertEquals("1", second.headers().firstValue("X-Reuse-Count").orElse(""));
        }
    }

    @Test
    void gatewayPassesRequestsOnWhileItsUpstreamIsUp() throws Exception {
        try (RunningServer upstream = serve("Hello");
                RunningServer server =
                        CosocketJar.onThisJava()
                                .withJvm("-Dupstream=" + upstream.uri().getAuthority())
                                .serve(CosocketJar.example("Gateway"))) {
            assertEquals("hello\n", Http.get(server.uri("/")).body());
            assertEquals(405, Http.put(server.uri("/"), new byte[1]).statusCode());

            upstream.signal("KILL");

            await().atMost(Duration.ofSeconds(30))
                    .until(() -> Http.get(server.uri("/")).statusCode() == 503);
        }
    }
}
