package io.cosocket.it.cli;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.it.support.CosocketJar;
import io.cosocket.it.support.CosocketJar.Outcome;
import io.cosocket.it.support.Http;
import io.cosocket.it.support.RunningServer;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The launcher under the machine's default Java, where that is older than the program needs. */
class LauncherTest {
    private static final CosocketJar COSOCKET = CosocketJar.onDefaultJava();
    private static final String TELL_OPTIONS =
            "out.println(Runtime.getRuntime().maxMemory() / 1048576"
                    + " + \" \" + System.getProperty(\"from.call\")"
                    + " + \" \" + System.getProperty(\"from.variable\")"
                    + " + \" \" + Runtime.version().feature());";

    @Test
    void jvmOptionsOfTheCallAreHandedOn() throws Exception {
        Outcome outcome = COSOCKET.withJvm("-Xmx64m", "-Dfrom.call=a b").call("eval", TELL_OPTIONS);

        assertTrue(outcome.out().startsWith("64 a b null "), outcome.toString());
    }

    @Test
    void jvmOptionsOfTheVariableReachTheProgram() throws Exception {
        Outcome outcome =
                COSOCKET.withVariable("JDK_JAVA_OPTIONS", "-Xmx48m -Dfrom.variable=v")
                        .call("eval", TELL_OPTIONS);

        String[] words = outcome.out().trim().split(" ");
        assertEquals(List.of("48", "null", "v"), Arrays.asList(words).subList(0, 3));
        assertTrue(Integer.parseInt(words[3]) >= 25, outcome.out());
    }

    @Test
    void argumentsArriveAsTheyAre() throws Exception {
        List<String> odd = List.of("", "a b", "*", "\"q\"", "@x", "-jar");
        List<String> call = new ArrayList<>(List.of("eval", "args.forEach(out::println)", "--"));
        call.addAll(odd);

        Outcome outcome = COSOCKET.call(call.toArray(String[]::new));

        assertEquals(odd, outcome.out().lines().toList(), outcome.err());
    }

    @Test
    void exitStatusPassesThrough() throws Exception {
        assertEquals(7, COSOCKET.call("eval", "System.exit(7)").status());
        assertEquals(2, COSOCKET.call("run", "--bogus").status());
    }

    @Test
    void homeThatIsNoJdkIsRefusedInOneLine() throws Exception {
        Outcome outcome = COSOCKET.withVariable("COSOCKET_JAVA_HOME", "/nowhere").call("--version");

        if (outcome.status() == 0) {
            // The default Java is new enough, so that nobody looks for another.
            assertTrue(outcome.out().startsWith("cosocket "));
        } else {
            assertEquals(1, outcome.status());
            assertEquals(1, outcome.err().lines().count(), outcome.err());
            assertTrue(outcome.err().contains("/nowhere"), outcome.err());
        }
    }

    @Test
    void serverIsUpAndAnswers() throws Exception {
        try (RunningServer server = COSOCKET.serve(CosocketJar.example("Hello"))) {
            assertEquals("hello\n", Http.get(server.uri("/")).body());
        }
    }

    @Test
    void childGoesWithAStubThatIsKilled() throws Exception {
        try (RunningServer server = COSOCKET.serve(CosocketJar.example("Hello"))) {
            ProcessHandle child = server.server();

            server.signal("KILL");

            await().atMost(Duration.ofSeconds(20)).until(() -> !child.isAlive());
        }
    }

    @Test
    void stubGoesWithAChildThatIsKilled() throws Exception {
        try (RunningServer server = COSOCKET.serve(CosocketJar.example("Hello"))) {
            assertTrue(server.server().destroyForcibly());

            assertNotEquals(0, server.exitStatus());
        }
    }

    @Test
    void hangUpEndsNeither() throws Exception {
        try (RunningServer server = COSOCKET.serve(CosocketJar.example("Hello"))) {
            server.signalAll("HUP");

            assertEquals("hello\n", Http.get(server.uri("/")).body());
            assertTrue(server.process().isAlive());
            assertFalse(server.errors().contains("HUP"));
        }
    }
}
