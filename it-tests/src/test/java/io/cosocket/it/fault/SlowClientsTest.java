package io.cosocket.it.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.it.support.CosocketJar;
import io.cosocket.it.support.Http;
import io.cosocket.it.support.RunningServer;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** slowhttptest holds as many connections as it can; others are served all the same. */
class SlowClientsTest {
    private static final Pattern COLOUR = Pattern.compile("\u001b\\[[0-9;]*[A-Za-z]");

    /** Slow heads, slow bodies, slow reading. */
    private static final List<List<String>> ATTACKS =
            List.of(
                    List.of("-H", "-i", "2"),
                    List.of("-B", "-i", "2", "-s", "100000"),
                    List.of("-X", "-w", "1", "-y", "2", "-n", "5", "-z", "32", "-k", "3"));

    @Test
    void serverStaysAvailableToOthers() throws Exception {
        attack(300, 12);
    }

    @Test
    @Tag("soak")
    void serverStaysAvailableToOthersForMinutes() throws Exception {
        attack(3000, 180);
    }

    private static void attack(int connections, int seconds) throws Exception {
        List<Process> attackers = new ArrayList<>();
        List<Path> logs = new ArrayList<>();
        try (RunningServer server =
                CosocketJar.onThisJava()
                        .serve(
                                "/hello=" + CosocketJar.example("Hello"),
                                "/any=" + CosocketJar.handler("CountAny"),
                                CosocketJar.handler("Observed"))) {
            for (List<String> attack : ATTACKS) {
                Path log = Files.createTempFile("cosocket-it", ".slow");
                logs.add(log);
                attackers.add(start(server, attack, connections, seconds, log));
            }
            int served = 0;
            while (attackers.stream().anyMatch(Process::isAlive)) {
                assertEquals("hello\n", Http.get(server.uri("/hello")).body());
                assertEquals("1000\n", Http.put(server.uri("/any"), new byte[1000]).body());
                served++;
            }

            assertTrue(served > 0, "the attack was over at once");
            for (int i = 0; i < attackers.size(); i++) {
                String report = Files.readString(logs.get(i));
                assertEquals(0, attackers.get(i).waitFor(), report);
                assertAvailable(report, connections);
            }
        } finally {
            attackers.forEach(Process::destroyForcibly);
            for (Path log : logs) {
                Files.delete(log);
            }
        }
    }

    private static Process start(
            RunningServer server, List<String> attack, int connections, int seconds, Path log)
            throws IOException {
        String path =
                switch (attack.getFirst()) {
                    case "-X" -> "/bytes?1000000";
                    case "-B" -> "/any";
                    default -> "/hello";
                };
        List<String> command = new ArrayList<>(List.of("slowhttptest"));
        command.addAll(attack);
        command.addAll(List.of("-c", String.valueOf(connections)));
        command.addAll(List.of("-r", String.valueOf(connections / 3)));
        command.addAll(List.of("-l", String.valueOf(seconds)));
        // After so many seconds without an answer its own probe calls the service unavailable.
        command.addAll(List.of("-p", "10", "-t", attack.getFirst().equals("-B") ? "POST" : "GET"));
        command.addAll(List.of("-u", "http://127.0.0.1:" + server.port() + path));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    private static void assertAvailable(String report, int connections) {
        String plain = COLOUR.matcher(report).replaceAll("").replaceAll(" +", " ");
        assertTrue(plain.contains("number of connections: " + connections), plain);
        assertTrue(plain.contains("service available: YES"), plain);
        assertFalse(plain.contains("service available: NO"), plain);
    }
}
