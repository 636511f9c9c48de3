package io.cosocket;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Finds for every miss the connection that should have been there: losses are noted as they happen,
 * and a miss takes the latest one nobody has been charged for. Without one nothing was idle. So the
 * counts add up to the connections opened. Guarded by the lock of the pool.
 */
final class MissBook {
    /** Losses longer ago than these do not explain a miss any more. */
    private static final int REMEMBERED = 256;

    /** Reasons name call sites, of which a program has many. */
    private static final int REASONS_MAX = 64;

    private static final String OTHERS = Miss.DIRTY + ": other calls";

    private final Map<String, Long> counts = new HashMap<>();
    private final String[] losses = new String[REMEMBERED];
    private int next;
    private int known;

    void lost(String why) {
        losses[next] = why;
        next = (next + 1) % REMEMBERED;
        known = Math.min(REMEMBERED, known + 1);
    }

    void count() {
        String why = Miss.NONE_IDLE;
        if (known > 0) {
            next = (next + REMEMBERED - 1) % REMEMBERED;
            known--;
            why = losses[next];
        }
        if (counts.size() >= REASONS_MAX
                && why.startsWith(Miss.DIRTY)
                && !counts.containsKey(why)) {
            why = OTHERS;
        }
        counts.merge(why, 1L, Long::sum);
    }

    Map<String, Long> counts() {
        return new TreeMap<>(counts);
    }
}
