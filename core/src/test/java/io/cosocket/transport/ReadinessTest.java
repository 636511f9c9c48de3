package io.cosocket.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.ChildJvm;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.List;

/** Which of the two ways to wait a process gets. */
class ReadinessTest {
    private static final String EXPORT = "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED";

    @Test
    void theseTestsRunOnTheOneTheyAreMeantFor() {
        assertEquals(
                System.getProperty("cosocket.test.readiness", "poller"), Readiness.chosen().name());
    }

    @Test
    void theExportDecides() throws Exception {
        assertEquals("poller", chosenWith(List.of(EXPORT)));
        assertEquals("selector", chosenWith(List.of()));
    }

    @Test
    void thePropertyForcesOne() throws Exception {
        assertEquals("selector", chosenWith(List.of(EXPORT, "-Dcosocket.readiness=selector")));
        IOException e =
                assertThrows(
                        IOException.class,
                        () -> chosenWith(List.of("-Dcosocket.readiness=poller")));
        assertTrue(e.getMessage().contains("--add-exports"), e.getMessage());
        IOException bad =
                assertThrows(
                        IOException.class, () -> chosenWith(List.of("-Dcosocket.readiness=x")));
        assertTrue(
                bad.getMessage().contains("bad cosocket.readiness: x (allowed: poller, selector)"),
                bad.getMessage());
    }

    private static String chosenWith(List<String> options) throws Exception {
        return ChildJvm.run("true", options, Child.class).lines().toList().getLast();
    }

    /** Prints the choice. */
    static final class Child {
        public static void main(String[] args) {
            System.out.println(Readiness.chosen().name());
        }
    }
}
