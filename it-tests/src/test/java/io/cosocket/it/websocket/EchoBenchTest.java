package io.cosocket.it.websocket;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.it.support.CpuTime;
import io.cosocket.it.support.NginxServer;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Echoes text beside Jetty's WebSocket and a WebSocket in Lua on nginx's raw socket. */
@Tag("bench")
class EchoBenchTest {
    private static final int CONNECTIONS = 64;
    private static final int ROUNDS = 5;
    private static final int WARM_UP_ROUNDS = 2;
    private static final long ROUND_MILLIS = 3000;

    /** A server under test. */
    private record Peer(int port, ProcessHandle process) {}

    @ParameterizedTest
    @ValueSource(ints = {64, 65_536})
    void echo(int bytes) throws Exception {
        try (ServerProcess ours = ServerProcess.start(EchoServer.class);
                ServerProcess jetty = ServerProcess.start(JettyEcho.class);
                NginxServer nginx = NginxServer.start("websocket/nginx.conf", Map.of())) {
            Map<String, Peer> peers = new LinkedHashMap<>();
            peers.put("Cosocket", new Peer(ours.port(), ours.handle()));
            peers.put("Jetty WebSocket", new Peer(jetty.port(), jetty.handle()));
            peers.put("nginx+Lua raw socket", new Peer(nginx.port(), nginx.process()));
            Map<String, double[][]> results = new LinkedHashMap<>();
            peers.keySet().forEach(name -> results.put(name, new double[ROUNDS][]));
            for (int round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
                for (Map.Entry<String, Peer> peer : peers.entrySet()) {
                    double[] result = measure(peer.getValue(), bytes);
                    if (round >= 0) {
                        results.get(peer.getKey())[round] = result;
                    }
                }
            }
            results.forEach((name, each) -> print(bytes, name, each));
        }
    }

    /** Gives the server's CPU time for each message in microseconds, and messages a second. */
    private static double[] measure(Peer peer, int bytes) throws Exception {
        try (LoadClient client = LoadClient.busy(peer.port(), CONNECTIONS, bytes)) {
            double cpu = CpuTime.micros(peer.process());
            long count = client.count();
            long start = System.nanoTime();
            // Time to measure in, not to wait for something.
            assertTrue(!new CountDownLatch(1).await(ROUND_MILLIS, TimeUnit.MILLISECONDS));
            double messages = client.count() - count;
            assertTrue(messages > 0);
            double seconds = (System.nanoTime() - start) / 1e9;
            return new double[] {
                (CpuTime.micros(peer.process()) - cpu) / messages, messages / seconds
            };
        }
    }

    private static void print(int bytes, String name, double[][] rounds) {
        System.out.printf(
                Locale.ROOT,
                "websocket echo %6d B %-22s cpu %8.2f us/message  %8.0f messages/s%n",
                bytes,
                name,
                median(rounds, 0),
                median(rounds, 1));
    }

    private static double median(double[][] rounds, int column) {
        double[] values = Arrays.stream(rounds).mapToDouble(each -> each[column]).toArray();
        Arrays.sort(values);
        return values[values.length / 2];
    }
}
