package io.cosocket.it.lifecycle;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.it.support.CosocketJar;
import io.cosocket.it.support.FreePort;
import io.cosocket.it.support.RawClient;
import io.cosocket.it.support.RunningServer;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.time.Duration;
import java.util.stream.Stream;

/** The first request to stop drains, the second cuts, whichever process the signals reach. */
class StopSignalTest {
    /** Who gets a signal, and which one. */
    record Stop(CosocketJar jar, String name, boolean all) {
        void send(RunningServer server) throws IOException, InterruptedException {
            if (all) {
                server.signalAll(name);
            } else {
                server.signal(name);
            }
        }

        @Override
        public String toString() {
            return name + (all ? " to all" : " to one") + " on " + jar.java().getParent();
        }
    }

    static Stream<Stop> stops() {
        return Stream.of(CosocketJar.onThisJava(), CosocketJar.onDefaultJava())
                .flatMap(
                        jar ->
                                Stream.of(
                                        new Stop(jar, "TERM", false),
                                        new Stop(jar, "TERM", true),
                                        new Stop(jar, "INT", true)));
    }

    @ParameterizedTest
    @MethodSource("stops")
    void firstSignalLetsARequestFinish(Stop stop) throws Exception {
        try (RunningServer server = serve(stop);
                RawClient client = new RawClient(server.port())) {
            begin(client, "3000");

            stop.send(server);

            String rest = client.rest();
            assertTrue(rest.contains("done"), rest);
            assertEquals(0, server.exitStatus());
        }
    }

    @ParameterizedTest
    @MethodSource("stops")
    void secondSignalCuts(Stop stop) throws Exception {
        try (RunningServer server = serve(stop);
                RawClient client = new RawClient(server.port())) {
            begin(client, "600000");

            stop.send(server);
            // Draining accepts nobody, which also tells that the first signal has arrived.
            await().atMost(Duration.ofSeconds(30)).until(() -> !FreePort.accepts(server.port()));
            stop.send(server);

            assertNotEquals(0, server.exitStatus());
        }
    }

    private static RunningServer serve(Stop stop) throws IOException {
        return stop.jar().serve("--shutdown-timeout", "300s", CosocketJar.handler("Slow"));
    }

    private static void begin(RawClient client, String millis) throws IOException {
        client.send("GET /?" + millis + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assertEquals("HTTP/1.1 200 OK", client.head());
        client.line();
        assertEquals("begun", client.line());
    }
}
