package io.cosocket.transport;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.ChildJvm;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.time.Duration;
import java.util.ArrayList;
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

    /** The wheel may hold it for ten seconds more. */
    @Test
    void aClosedWaiterHoldsItsChannelNoMore() throws IOException {
        List<Waiter> waiters = new ArrayList<>();
        WeakReference<DatagramChannel> channel = waitAndClose(waiters);

        await().until(
                        () -> {
                            System.gc();
                            return channel.get() == null;
                        });

        Reference.reachabilityFence(waiters);
    }

    private static WeakReference<DatagramChannel> waitAndClose(List<Waiter> waiters)
            throws IOException {
        try (DatagramChannel channel = DatagramChannel.open()) {
            channel.configureBlocking(false);
            waiters.add(Readiness.chosen().reader(channel));
            waiters.add(Readiness.chosen().writer(channel, SelectionKey.OP_WRITE));
            for (Waiter waiter : waiters) {
                waiter.await(Deadline.after(Duration.ofMillis(1)));
                waiter.close();
            }
            return new WeakReference<>(channel);
        }
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
