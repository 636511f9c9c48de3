package io.cosocket.it.http;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.it.support.CosocketJar;
import io.cosocket.it.support.Http;
import io.cosocket.it.support.RawClient;
import io.cosocket.it.support.RunningServer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.http.HttpResponse;

class HandlerFailureTest {
    private RunningServer server;

    @BeforeEach
    void start() throws IOException {
        server = CosocketJar.onThisJava().serve(CosocketJar.handler("Throws"));
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Test
    void failureBeforeOutputIsAnsweredWith500AndLoggedOnce() throws Exception {
        HttpResponse<String> answer = Http.get(server.uri("/before"));

        assertEquals(500, answer.statusCode());
        assertFalse(answer.body().contains("thrown on purpose"), answer.body());
        await().until(() -> logged() == 1);
    }

    @Test
    void failureAfterOutputClosesTheConnectionWithoutAnEnd() throws Exception {
        try (RawClient client = new RawClient(server.port())) {
            client.send("GET /after HTTP/1.1\r\nHost: x\r\n\r\n");

            assertEquals("HTTP/1.1 200 OK", client.head());
            String rest = client.rest();
            assertTrue(rest.contains("partial"), rest);
            assertFalse(rest.contains("0\r\n\r\n"), rest);
            await().until(() -> logged() == 1);
        }
    }

    @Test
    void serverGoesOnAfterFailures() throws Exception {
        for (int i = 0; i < 20; i++) {
            assertEquals(500, Http.get(server.uri("/before")).statusCode());
        }
    }

    private long logged() throws IOException {
        return server.errors().lines().filter(line -> line.contains("handler failed")).count();
    }
}
