package io.cosocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.util.Map;

/** How the reasons of misses are counted when there are too many to name. */
class MissBookTest {
    private final MissBook book = new MissBook();

    private void miss(String why) {
        book.lost(why);
        book.count();
    }

    @Test
    void onlyCallSitesAreCountedTogetherWhenThereAreTooMany() {
        for (int i = 0; i < 100; i++) {
            miss(Miss.DIRTY + ": unread data, Site.call:" + i);
        }
        miss(Miss.AGED);
        book.count();

        Map<String, Long> counts = book.counts();
        assertEquals(1L, counts.get(Miss.AGED));
        assertEquals(1L, counts.get(Miss.NONE_IDLE));
        assertEquals(36L, counts.get("dirty: other calls"));
        assertTrue(counts.size() < 70);
    }
}
