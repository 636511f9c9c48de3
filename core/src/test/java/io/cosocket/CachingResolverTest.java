package io.cosocket;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import org.junit.jupiter.api.Test;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** What stands around the question of every real resolver, with questions that block. */
class CachingResolverTest {
    private static final int PERMITS = 2;
    private static final List<InetAddress> FOUND = List.of(InetAddress.ofLiteral("10.0.0.1"));

    private final CountDownLatch answers = new CountDownLatch(1);

    private final CachingResolver resolver =
            new CachingResolver("nobody", PERMITS, System::nanoTime) {
                @Override
                Answer ask(String host) throws InterruptedException {
                    if (host.equals("broken.test")) {
                        throw new IllegalStateException("broken");
                    }
                    answers.await();
                    return Answer.of(FOUND, Duration.ZERO);
                }
            };

    @Test
    void noMoreQuestionsAreUnderWayThanThereArePermits() throws Exception {
        List<FutureTask<List<InetAddress>>> lookUps = new ArrayList<>();
        for (int i = 0; i < 3 * PERMITS; i++) {
            String host = i + ".test";
            FutureTask<List<InetAddress>> lookUp =
                    new FutureTask<>(() -> resolver.resolve(host, ofSeconds(60)));
            lookUps.add(lookUp);
            Thread.ofVirtual().start(lookUp);
        }
        await().until(() -> resolver.underWay() == PERMITS);

        UnknownHostException late =
                assertThrows(
                        UnknownHostException.class,
                        () -> resolver.resolve("late.test", ofMillis(50)));
        assertTrue(late.getMessage().contains("(110: Operation timed out)"), late.getMessage());
        assertEquals(PERMITS, resolver.underWay());

        answers.countDown();
        for (FutureTask<List<InetAddress>> lookUp : lookUps) {
            assertEquals(FOUND, lookUp.get(60, TimeUnit.SECONDS));
        }
    }

    @Test
    void aQuestionThatBreaksIsAFailureThatIsNotRemembered() {
        for (int i = 0; i < 2 * PERMITS; i++) {
            UnknownHostException error =
                    assertThrows(
                            UnknownHostException.class,
                            () -> resolver.resolve("broken.test", ofSeconds(60)));
            assertEquals(
                    "broken.test could not be resolved (2: Server failure), asked nobody",
                    error.getMessage());
        }
    }
}
