package io.cosocket.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.util.concurrent.CompletableFuture;

@ExtendWith(OnVirtualThread.class)
class GivingWayTest {
    private final GivingWay reader = new GivingWay();

    /** Waits that found nothing after giving way. */
    private int givenWayInVain(int waits) {
        int count = 0;
        for (int i = 0; i < waits; i++) {
            if (reader.giveWay()) {
                count++;
                assertFalse(reader.giveWay());
            }
        }
        return count;
    }

    @Test
    void readerWaitsAfterItGaveWayOnce() {
        assertTrue(reader.giveWay());
        assertFalse(reader.giveWay());
    }

    @Test
    void readerGivesWayEachTimeWhereThatFindsSomething() {
        for (int i = 0; i < 100; i++) {
            assertTrue(reader.giveWay());
            reader.found();
        }
    }

    @Test
    void readerTriesSeldomWhereNothingComesSoSoon() {
        givenWayInVain(10);

        assertEquals(10, givenWayInVain(320));
    }

    @Test
    void readerGivesWayAgainOnceATrialFoundSomething() {
        givenWayInVain(10);
        while (!reader.giveWay()) {
            // a wait without a trial
        }

        reader.found();

        assertTrue(reader.giveWay());
    }

    @Test
    void readerOnAPlatformThreadWaitsAtOnce() throws Exception {
        CompletableFuture<Boolean> gaveWay = new CompletableFuture<>();
        Thread.ofPlatform().start(() -> gaveWay.complete(reader.giveWay()));

        assertFalse(gaveWay.get());
    }
}
