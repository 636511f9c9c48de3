package io.cosocket.it.http;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.http.Exchange;
import io.cosocket.it.support.CosocketJar;
import io.cosocket.it.support.Holdings;
import io.cosocket.it.support.JavaProgram;
import io.cosocket.it.support.LiveHeap;
import io.cosocket.it.support.RunningServer;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.time.Duration;
import java.util.Locale;

/** Thousands of connections that wait cost little, and each of them goes on in the end. */
class ParkedConnectionsTest {
    private static final int WARM_UP = 10;

    /** A buffer kept by mistake would go beyond it. */
    private static final long MOST_BYTES = 32 << 10;

    @Test
    void fiveHundredOfEachKindWaitAndGoOn() throws Exception {
        park(500);
    }

    @Test
    @Tag("bench")
    void fourThousandOfEachKindWaitAndGoOn() throws Exception {
        park(4000);
    }

    /** Raw sockets that wait for their client, and handlers that wait for an upstream each. */
    private static void park(int count) throws Exception {
        String number = String.valueOf(count);
        try (JavaProgram upstream =
                        JavaProgram.start(HoldingPeer.class, String.valueOf(count + WARM_UP));
                RunningServer server =
                        CosocketJar.onThisJava()
                                .withJvm("-Dupstream.port=" + upstream.line())
                                .serve(CosocketJar.handler("Parked"))) {
            warmUp(server);
            LiveHeap empty = LiveHeap.of(server.server());
            int sockets = Holdings.of(server.server()).sockets();
            try (JavaProgram raw = clients(server, "raw", count)) {
                assertEquals("parked", raw.line());
                LiveHeap withRaw = LiveHeap.of(server.server());
                try (JavaProgram handlers = clients(server, "upstream", count)) {
                    assertEquals("parked", handlers.line());
                    assertEquals("parked", upstream.line());
                    LiveHeap withAll = LiveHeap.of(server.server());
                    assertEquals(sockets + 3 * count, Holdings.of(server.server()).sockets());
                    report("raw sockets", count, empty, withRaw);
                    report("handlers with an upstream read", count, withRaw, withAll);

                    upstream.tell();
                    assertEquals("answered", upstream.line());
                    handlers.tell();
                    assertEquals(number, handlers.line());
                    raw.tell();
                    assertEquals(number, raw.line());
                }
            }
            awaitNoExchange(server);
        }
    }

    /** Loads the classes of both kinds; the clients leave before they have an answer. */
    private static void warmUp(RunningServer server) throws IOException {
        for (String kind : new String[] {"raw", "upstream"}) {
            try (JavaProgram clients = clients(server, kind, WARM_UP)) {
                assertEquals("parked", clients.line());
                await().atMost(Duration.ofSeconds(30))
                        .until(
                                () ->
                                        LiveHeap.of(server.server()).instances(Exchange.class)
                                                == WARM_UP);
            }
            awaitNoExchange(server);
        }
    }

    private static void awaitNoExchange(RunningServer server) {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> LiveHeap.of(server.server()).instances(Exchange.class) == 0);
    }

    private static JavaProgram clients(RunningServer server, String kind, int count)
            throws IOException {
        return JavaProgram.start(
                ParkedClients.class, String.valueOf(server.port()), kind, String.valueOf(count));
    }

    private static void report(String what, int count, LiveHeap before, LiveHeap after) {
        long each = (after.bytes() - before.bytes()) / count;
        System.out.printf(
                Locale.ROOT, "%d parked %s: %d bytes of live heap each%n", count, what, each);
        assertTrue(each <= MOST_BYTES, () -> each + "\n" + after.growthSince(before));
    }
}
