package io.cosocket.it.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cosocket.it.support.CosocketJar;
import io.cosocket.it.support.Http;
import io.cosocket.it.support.RedisServer;
import io.cosocket.it.support.RunningServer;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

class UpstreamReuseTest {
    private static final int REQUESTS = 200;

    @Test
    void connectionsOfConcurrentRequestsAreReusedInTheNextRound() throws Exception {
        try (RedisServer redis = RedisServer.start();
                RunningServer server =
                        CosocketJar.onThisJava()
                                .withJvm("-Dredis.port=" + redis.port())
                                .serve(CosocketJar.example("RedisPing"));
                HttpClient client = Http.client()) {
            Http.get(server.uri("/"));
            long before = redis.info("total_connections_received");

            List<Integer> first = round(redis, server, client);
            List<Integer> second = round(redis, server, client);

            // One connection was there already. Each measurement and each pause makes one as well.
            long opened = redis.info("total_connections_received") - before;
            assertEquals(REQUESTS - 1 + 2 + 1, opened);
            assertEquals(REQUESTS - 1, first.stream().filter(count -> count == 0).count());
            assertEquals(0, second.stream().filter(count -> count == 0).count());
        }
    }

    /** Makes all requests at once and gives how often the connection of each was reused. */
    private static List<Integer> round(RedisServer redis, RunningServer server, HttpClient client)
            throws IOException {
        // Redis accepts but answers nobody for a while, so that all are under way together.
        assertEquals("+OK", redis.command("CLIENT PAUSE 3000 ALL"));
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            answers.add(
                    client.sendAsync(
                            Http.request(server.uri("/")), HttpResponse.BodyHandlers.ofString()));
        }
        List<Integer> counts = new ArrayList<>();
        for (CompletableFuture<HttpResponse<String>> answer : answers) {
            HttpResponse<String> response = answer.join();
            assertEquals("+PONG\n", response.body());
            counts.add(Integer.parseInt(response.headers().firstValue("X-Reuse-Count").get()));
        }
        return counts;
    }
}
