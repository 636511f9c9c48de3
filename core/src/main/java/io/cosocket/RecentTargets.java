package io.cosocket;

import org.jspecify.annotations.Nullable;

/**
 * The targets of the last connects, so that the next one to the same place parses nothing.
 *
 * <p>Threads: any. Two that write the same slot cost one of them another parse, no more.
 */
final class RecentTargets {
    private static final int SLOTS = 64;

    private final @Nullable Target[] slots = new Target[SLOTS];

    /** As {@link Target#of(String, int)}. */
    Target of(String host, int port) {
        int slot = (Checks.notNull("host", host).hashCode() + 31 * port) & (SLOTS - 1);
        Target known = slots[slot];
        if (known == null || known.port() != port || !known.host().equals(host)) {
            known = Target.of(host, port);
            slots[slot] = known;
        }
        return known;
    }
}
