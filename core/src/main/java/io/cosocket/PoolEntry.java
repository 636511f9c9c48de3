package io.cosocket;

import org.jspecify.annotations.Nullable;

/**
 * A connection as the books of its pool see it. Every field belongs to the {@link PoolLedger} and
 * is guarded by the lock of its pool.
 *
 * <pre>
 *   opened ──► LEASED ──give back──► IDLE ──claim──► PROBED
 *                │ ▲                  │ │              │ │
 *                │ └──────take────────┘ │◄──put back───┘ │
 *                └──────────────┬───────┴────────────────┘
 *                               ▼ closed, refused, expired, evicted, dead
 *                              GONE
 * </pre>
 */
abstract class PoolEntry {
    enum Place {
        LEASED,
        IDLE,
        PROBED,
        GONE
    }

    Place place = Place.LEASED;

    /** The neighbours among the idle; {@code older} also chains those that must be closed. */
    @Nullable PoolEntry newer;

    @Nullable PoolEntry older;

    /** When the connection was opened. */
    long bornNanos;

    long idleSinceNanos;
    long expiryNanos;

    /** Whether {@link #expiryNanos} comes from the maximum age. */
    boolean expiresByAge;

    /** Whether the idle watcher looks at it since it became idle. */
    boolean watched;

    int reuseCount;
}
