package io.cosocket.it.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.it.support.CosocketJar;
import io.cosocket.it.support.Http;
import io.cosocket.it.support.Jcmd;
import io.cosocket.it.support.RawClient;
import io.cosocket.it.support.RedisServer;
import io.cosocket.it.support.RunningServer;
import io.cosocket.it.support.Scratch;

import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;

class PinningTest {
    private static final int CLIENTS = 16;
    private static final int ROUNDS = 10;
    private static final long TICK_MARGIN_MILLIS = 10_000;

    @Test
    void noHandlerPinsItsCarrier() throws Exception {
        try (Scratch scratch = Scratch.create();
                RedisServer redis = RedisServer.start();
                RunningServer server =
                        CosocketJar.onThisJava()
                                .withJvm("-Dredis.port=" + redis.port())
                                .serve(
                                        "/hello=" + CosocketJar.example("Hello"),
                                        "/upload=" + CosocketJar.example("Upload"),
                                        "/raw=" + CosocketJar.example("RawEcho"),
                                        "/redis=" + CosocketJar.example("RedisPing"),
                                        "/throws=" + CosocketJar.handler("Throws"),
                                        CosocketJar.handler("Ticker"))) {
            // The first call of a route loads classes, which pins for good reason.
            callEveryRoute(server);
            Http.get(server.uri("/tick"));
            Path recording = scratch.folder().resolve("pinned.jfr");
            Jcmd.run(server.server(), "JFR.start", "name=pinned", "settings=default");

            callFromManyClients(server);

            String[] gaps = Http.get(server.uri("/tick")).body().split(" ");
            Jcmd.run(server.server(), "JFR.stop", "name=pinned", "filename=" + recording);
            assertEquals(Map.of(), pinnedByReason(recording));
            long virtualGap = Long.parseLong(gaps[0]);
            long platformGap = Long.parseLong(gaps[1]);
            // A platform thread ticks beside it and suffers the same load of the machine.
            assertTrue(
                    virtualGap <= platformGap + TICK_MARGIN_MILLIS,
                    "virtual " + virtualGap + " ms, platform " + platformGap + " ms");
        }
    }

    private static void callFromManyClients(RunningServer server)
            throws InterruptedException, ExecutionException {
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> results = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                results.add(
                        clients.submit(
                                () -> {
                                    for (int round = 0; round < ROUNDS; round++) {
                                        callEveryRoute(server);
                                    }
                                    return null;
                                }));
            }
            for (Future<?> result : results) {
                result.get();
            }
        }
    }

    private static void callEveryRoute(RunningServer server)
            throws IOException, InterruptedException {
        assertEquals("hello\n", Http.get(server.uri("/hello")).body());
        assertEquals("+PONG\n", Http.get(server.uri("/redis")).body());
        assertEquals(500, Http.get(server.uri("/throws")).statusCode());
        String answer = Http.put(server.uri("/upload"), new byte[300_000]).body();
        assertTrue(answer.startsWith("300000 "), answer);
        try (RawClient raw = new RawClient(server.port())) {
            raw.send(
                    "GET /raw HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
            raw.head();
            raw.send("line\n");
            assertEquals("line", raw.line());
        }
    }

    private static Map<String, Long> pinnedByReason(Path recording) throws IOException {
        return RecordingFile.readAllEvents(recording).stream()
                .filter(event -> event.getEventType().getName().equals("jdk.VirtualThreadPinned"))
                .collect(Collectors.groupingBy(PinningTest::reason, Collectors.counting()));
    }

    private static String reason(RecordedEvent event) {
        return event.getString("pinnedReason") + " in " + event.getString("blockingOperation");
    }
}
