package io.cosocket.it.fault;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.http.Exchange;
import io.cosocket.it.support.CosocketJar;
import io.cosocket.it.support.Holdings;
import io.cosocket.it.support.Http;
import io.cosocket.it.support.Jcmd;
import io.cosocket.it.support.LiveHeap;
import io.cosocket.it.support.RedisServer;
import io.cosocket.it.support.RunningServer;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.time.Duration;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Good and bad clients by the thousand leave right answers and nothing else. */
class ServerSoakTest {
    private static final int CLIENTS = 48;
    private static final long SEED = Long.getLong("soak.seed", System.nanoTime());

    /** What pools of buffers and caches may keep, by the luck of the last moment. */
    private static final long HEAP_MARGIN = 6 << 20;

    private static final long DIRECT_MARGIN = 4 << 20;

    /** The virtual machine starts compilers and collectors as it likes, but not many. */
    private static final int THREAD_MARGIN = 8;

    private static final Pattern FAILURE =
            Pattern.compile("(?:Caused by: )?([\\w.$]+\\.\\w*(?:Exception|Error|Failure))\\b");

    /** What a handler meets when its client does wrong. */
    private static final Set<String> EXPECTED =
            Set.of(
                    "io.cosocket.SocketClosedException",
                    "io.cosocket.UnexpectedEndException",
                    "java.io.EOFException",
                    "java.io.IOException",
                    "java.net.SocketException",
                    "org.eclipse.jetty.io.EofException",
                    "java.nio.channels.ClosedChannelException",
                    "org.eclipse.jetty.http.BadMessageException");

    private static final String CONNECTION = "org.eclipse.jetty.server.internal.HttpConnection";

    /** What the server holds when no client is there. */
    private record State(Holdings holdings, LiveHeap heap, long directBytes) {
        static State of(RunningServer server, int sockets)
                throws IOException, InterruptedException {
            awaitQuiet(server, sockets);
            LiveHeap heap = LiveHeap.of(server.server());
            return new State(Holdings.of(server.server()), heap, vitals(server)[0]);
        }

        @Override
        public String toString() {
            return holdings + ", " + heap.bytes() + " bytes live, " + directBytes + " direct";
        }
    }

    @Test
    void nothingIsLeftAfterAMinute() throws Exception {
        soak(Duration.ofSeconds(10), Duration.ofSeconds(45));
    }

    @Test
    @Tag("soak")
    void nothingIsLeftAfterTenMinutes() throws Exception {
        soak(Duration.ofSeconds(60), Duration.ofMinutes(10));
    }

    private static void soak(Duration warmUp, Duration time) throws Exception {
        try (RedisServer redis = RedisServer.start();
                RunningServer server =
                        CosocketJar.onThisJava()
                                .withJvm(
                                        "-Xmx256m",
                                        "-XX:+ExitOnOutOfMemoryError",
                                        "-Dredis.port=" + redis.port())
                                .serve(
                                        "/upload=" + CosocketJar.example("Upload"),
                                        CosocketJar.handler("Mixed"))) {
            // The first command opens a socket for all further ones.
            Jcmd.run(server.server(), "VM.version");
            vitals(server);
            int sockets = Holdings.of(server.server()).sockets();
            load(server, SEED, warmUp);
            State before = State.of(server, sockets);

            MixedLoad load = load(server, SEED + CLIENTS, time);

            State after = State.of(server, sockets);
            System.out.printf(
                    "%nSoak of %s: %s%n  before %s%n  after  %s%n", time, load, before, after);
            assertNothingLeft(before, after);
            assertEquals(Set.of(), unexpected(server), "seed " + SEED);
            assertTrue(redis.info("connected_clients") <= 1, "seed " + SEED);
        }
    }

    private static MixedLoad load(RunningServer server, long seed, Duration time)
            throws InterruptedException {
        MixedLoad load = MixedLoad.start(server.port(), CLIENTS, seed);
        new CountDownLatch(1).await(time.toMillis(), TimeUnit.MILLISECONDS);
        load.stop();
        Queue<String> wrong = load.wrong();
        assertTrue(wrong.isEmpty(), load::toString);
        return load;
    }

    private static void assertNothingLeft(State before, State after) {
        String all = "seed " + SEED + "\nbefore " + before + "\nafter " + after + "\n";
        assertTrue(after.holdings.descriptors() <= before.holdings.descriptors() + 2, all);
        assertTrue(after.holdings.threads() <= before.holdings.threads() + THREAD_MARGIN, all);
        assertTrue(after.directBytes <= before.directBytes + DIRECT_MARGIN, all);
        String growth = all + after.heap.growthSince(before.heap);
        assertTrue(after.heap.bytes() <= before.heap.bytes() + HEAP_MARGIN, growth);
        assertTrue(after.heap.instances(Exchange.class) <= 1, growth);
        assertTrue(after.heap.instances(CONNECTION) <= 1, growth);
    }

    /** Waits until every connection is closed, but the one that asks. */
    private static void awaitQuiet(RunningServer server, int sockets) {
        await().atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofMillis(500))
                .untilAsserted(
                        () -> {
                            assertEquals(0, vitals(server)[1], "pooled connections");
                            assertTrue(
                                    Holdings.of(server.server()).sockets() <= sockets,
                                    () -> "more than " + sockets + " sockets");
                        });
    }

    /** Gives direct bytes and pooled connections of the server. */
    private static long[] vitals(RunningServer server) throws IOException, InterruptedException {
        String[] words = Http.get(server.uri("/vitals")).body().split(" ");
        return new long[] {Long.parseLong(words[0]), Long.parseLong(words[1])};
    }

    /** Gives the failures in the log that no fault of a client explains. */
    private static Set<String> unexpected(RunningServer server) throws IOException {
        return server.errors()
                .lines()
                .map(FAILURE::matcher)
                .filter(Matcher::lookingAt)
                .map(matcher -> matcher.group(1))
                .filter(name -> !EXPECTED.contains(name))
                .collect(Collectors.toSet());
    }
}
