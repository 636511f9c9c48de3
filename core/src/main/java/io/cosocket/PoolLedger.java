package io.cosocket;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * The books of one pool: who is idle, leased or being opened, who waits, and what each change does.
 * Pure logic without locks, clock or I/O; the caller holds the pool's lock and passes the time.
 *
 * <p>What is freed is handed on at once: a connection given back goes to the first waiter, a freed
 * slot too. So nobody waits while there is an idle connection or a free slot, a newcomer cannot
 * overtake, and no wake-up can be lost. The change notes whom to wake and what to close; the caller
 * collects both with {@link #takeWoken()} and {@link #takeDoomed()} and acts after unlocking.
 *
 * <p>Counted as open is everything that has or will have a descriptor: opening, leased, idle,
 * probed and closing, which ends with {@link #closed(int, long)}. Limits only shrink; connections
 * above a smaller limit go when they are given back.
 */
final class PoolLedger<E extends PoolEntry> {
    /** Expiry of what never expires; far enough from any clock value. */
    private static final long NEVER_NANOS = Long.MAX_VALUE / 2;

    /** What became of a connection that was given back. */
    enum Return {
        KEPT,
        FULL,
        AGED,
        CLOSED
    }

    private PoolLimits limits;
    private boolean closed;

    private int opening;
    private int leased;
    private int probed;
    private int closing;
    private int idle;
    private int waiting;

    private @Nullable E newest;
    private @Nullable E oldest;
    private @Nullable PoolWaiter<E> first;
    private @Nullable PoolWaiter<E> last;

    /** Not later than the first expiry of an idle connection. */
    private long nextExpiryNanos;

    private @Nullable E doomed;
    private @Nullable PoolWaiter<E> woken;
    private final MissBook misses = new MissBook();
    private long acquired;
    private long reused;
    private long waitedNanos;

    PoolLedger(PoolLimits limits) {
        this.limits = limits;
    }

    // --- a connect

    /**
     * Takes the connection that became idle last, or null when none is usable. It counts as leased
     * and reused from here on.
     */
    @Nullable E takeIdle(long nowNanos) {
        while (true) {
            E entry = newest;
            if (entry == null) {
                return null;
            }
            unlink(entry);
            if (entry.expiryNanos - nowNanos > 0) {
                lease(entry);
                return entry;
            }
            doom(entry, entry.expiresByAge ? Miss.AGED : Miss.IDLE_EXPIRED);
        }
    }

    /** Reserves the right to open a connection; false when the pool is full. */
    boolean reserve() {
        if (closed || open() >= limits.maxOpen()) {
            return false;
        }
        opening++;
        return true;
    }

    /** Queues a waiter; false when enough wait already. */
    boolean enqueue(PoolWaiter<E> waiter) {
        if (closed || waiting >= limits.maxWaiting()) {
            return false;
        }
        waiter.ahead = last;
        if (last == null) {
            first = waiter;
        } else {
            last.behind = waiter;
        }
        last = waiter;
        waiting++;
        return true;
    }

    /** Takes a waiter out of the queue; false when it has its outcome already. */
    boolean leave(PoolWaiter<E> waiter, long nowNanos) {
        if (!waiter.waiting()) {
            return false;
        }
        dequeue(waiter, PoolWaiter.Outcome.LEFT, nowNanos);
        return true;
    }

    /** Notes that a reserved slot became a connection. */
    void opened(E entry, long nowNanos) {
        opening--;
        leased++;
        acquired++;
        misses.count();
        entry.place = PoolEntry.Place.LEASED;
        entry.bornNanos = nowNanos;
    }

    /** Notes that a reserved slot was not used. */
    void openFailed(long nowNanos) {
        opening--;
        handOn(nowNanos);
    }

    /**
     * Notes that a connection just taken is dead. Gives another one, or null: then the caller holds
     * a reserved slot instead.
     */
    @Nullable E replaceDead(E dead, String why, long nowNanos) {
        unlease(dead, why);
        E next = takeIdle(nowNanos);
        if (next == null) {
            opening++;
        } else {
            handOn(nowNanos);
        }
        return next;
    }

    private void unlease(E entry, String why) {
        acquired--;
        reused--;
        leased--;
        entry.place = PoolEntry.Place.GONE;
        misses.lost(why);
    }

    // --- the end of a lease

    /**
     * Takes a clean connection back, for at most {@code idleNanos}. Unless it is kept, the caller
     * still has it, closes it and reports it {@link #lost}.
     */
    Return giveBack(E entry, long idleNanos, long nowNanos) {
        long ageLeft = ageLeftNanos(entry, nowNanos);
        Return verdict = verdict(ageLeft);
        if (verdict != Return.KEPT) {
            return verdict;
        }
        leased--;
        entry.idleSinceNanos = nowNanos;
        entry.expiresByAge = ageLeft < idleNanos;
        entry.expiryNanos = nowNanos + Math.min(NEVER_NANOS, Math.min(idleNanos, ageLeft));
        if (!handTo(entry, nowNanos)) {
            pushNewest(entry);
            if (idle > limits.maxIdle()) {
                dropIdle(oldest(), Miss.EVICTED);
            }
        }
        return Return.KEPT;
    }

    /** As {@link #giveBack}, of what a waiter was given too late: it counts as never used. */
    Return returnUnused(E entry, long nowNanos) {
        entry.reuseCount--;
        acquired--;
        reused--;
        return giveBack(entry, Math.max(1, entry.expiryNanos - nowNanos), nowNanos);
    }

    private Return verdict(long ageLeftNanos) {
        if (closed) {
            return Return.CLOSED;
        }
        if (ageLeftNanos <= 0) {
            return Return.AGED;
        }
        boolean room = open() <= limits.maxOpen() && (waiting > 0 || limits.maxIdle() > 0);
        return room ? Return.KEPT : Return.FULL;
    }

    private long ageLeftNanos(E entry, long nowNanos) {
        long maxAge = limits.maxAgeNanos();
        return maxAge == Long.MAX_VALUE ? NEVER_NANOS : maxAge - (nowNanos - entry.bornNanos);
    }

    /** Notes that a leased connection is closed and why it will not come back. */
    void lost(E entry, String why, long nowNanos) {
        if (entry.place == PoolEntry.Place.GONE) {
            return;
        }
        leased--;
        entry.place = PoolEntry.Place.GONE;
        misses.lost(why);
        handOn(nowNanos);
    }

    // --- the idle ones

    /** Drops the idle connections whose time is up. */
    void expire(long nowNanos) {
        if (idle == 0 || nextExpiryNanos - nowNanos > 0) {
            return;
        }
        long next = nowNanos + NEVER_NANOS;
        for (E entry = oldest; entry != null; ) {
            E newer = newerThan(entry);
            if (entry.expiryNanos - nowNanos <= 0) {
                dropIdle(entry, entry.expiresByAge ? Miss.AGED : Miss.IDLE_EXPIRED);
            } else if (entry.expiryNanos - next < 0) {
                next = entry.expiryNanos;
            }
            entry = newer;
        }
        nextExpiryNanos = next;
    }

    /**
     * Gives the connections idle since {@code beforeNanos} or earlier that nobody watches yet, and
     * notes them as watched. They sit on top of the watched ones, so this looks at no others.
     */
    List<E> unwatched(long beforeNanos) {
        List<E> found = List.of();
        for (E entry = newest; entry != null && !entry.watched; entry = olderThan(entry)) {
            if (entry.idleSinceNanos - beforeNanos <= 0) {
                if (found.isEmpty()) {
                    found = new ArrayList<>();
                }
                entry.watched = true;
                found.add(entry);
            }
        }
        return found;
    }

    /** Takes an idle connection aside to look at it; false when it is not idle any more. */
    boolean claim(E entry) {
        if (entry.place != PoolEntry.Place.IDLE) {
            return false;
        }
        unlink(entry);
        entry.place = PoolEntry.Place.PROBED;
        probed++;
        return true;
    }

    /** Puts a connection taken aside back where it was, or hands it to a waiter. */
    void putBack(E entry, long nowNanos) {
        probed--;
        if (closed || open() >= limits.maxOpen() || idle >= limits.maxIdle()) {
            doom(entry, Miss.EVICTED);
        } else if (!handTo(entry, nowNanos)) {
            E below = newest;
            while (below != null && below.idleSinceNanos - entry.idleSinceNanos > 0) {
                below = olderThan(below);
            }
            link(entry, below, below == null ? oldest : newerThan(below));
            entry.watched = true; // it still is, and what lies below it must be too
        }
    }

    /** Notes that a connection taken aside is dead; the caller closes it. */
    void dropProbed(E entry, String why, long nowNanos) {
        probed--;
        entry.place = PoolEntry.Place.GONE;
        misses.lost(why);
        handOn(nowNanos);
    }

    /** Drops all idle connections. */
    void clear() {
        while (oldest != null) {
            dropIdle(oldest, Miss.CLEARED);
        }
    }

    /** Drops the idle ones, wakes all waiters and keeps nothing from now on. */
    void close(long nowNanos) {
        closed = true;
        while (first != null) {
            grant(first, PoolWaiter.Outcome.POOL_CLOSED, nowNanos);
        }
        clear();
    }

    /** Lowers the limits; idle connections above them go. */
    void shrink(PoolLimits smaller) {
        limits = smaller;
        while (idle > 0 && (open() - closing > limits.maxOpen() || idle > limits.maxIdle())) {
            dropIdle(oldest(), Miss.EVICTED);
        }
    }

    private E oldest() {
        E entry = oldest;
        if (entry == null) {
            throw new IllegalStateException("no idle connection");
        }
        return entry;
    }

    private void dropIdle(E entry, String why) {
        unlink(entry);
        doom(entry, why);
    }

    private void doom(E entry, String why) {
        closing++;
        entry.place = PoolEntry.Place.GONE;
        entry.older = doomed;
        doomed = entry;
        misses.lost(why);
    }

    /** Notes that so many of the doomed are closed now. */
    void closed(int count, long nowNanos) {
        closing -= count;
        handOn(nowNanos);
    }

    // --- handing on

    private void lease(E entry) {
        entry.place = PoolEntry.Place.LEASED;
        entry.watched = false;
        entry.reuseCount++;
        leased++;
        acquired++;
        reused++;
    }

    private boolean handTo(E entry, long nowNanos) {
        PoolWaiter<E> waiter = first;
        if (waiter == null) {
            return false;
        }
        lease(entry);
        waiter.connection = entry;
        grant(waiter, PoolWaiter.Outcome.CONNECTION, nowNanos);
        return true;
    }

    /** Gives free slots to those who wait. */
    private void handOn(long nowNanos) {
        while (first != null && open() < limits.maxOpen()) {
            opening++;
            grant(first, PoolWaiter.Outcome.SLOT, nowNanos);
        }
    }

    private void grant(PoolWaiter<E> waiter, PoolWaiter.Outcome outcome, long nowNanos) {
        dequeue(waiter, outcome, nowNanos);
        waiter.behind = woken;
        woken = waiter;
    }

    private void dequeue(PoolWaiter<E> waiter, PoolWaiter.Outcome outcome, long nowNanos) {
        if (waiter.ahead == null) {
            first = waiter.behind;
        } else {
            waiter.ahead.behind = waiter.behind;
        }
        if (waiter.behind == null) {
            last = waiter.ahead;
        } else {
            waiter.behind.ahead = waiter.ahead;
        }
        waiter.ahead = null;
        waiter.behind = null;
        waiting--;
        waitedNanos += nowNanos - waiter.sinceNanos;
        waiter.outcome = outcome;
    }

    // --- the list of idle connections

    private void pushNewest(E entry) {
        link(entry, newest, null);
    }

    private void link(E entry, @Nullable E below, @Nullable E above) {
        entry.place = PoolEntry.Place.IDLE;
        entry.watched = false;
        entry.older = below;
        entry.newer = above;
        if (below == null) {
            oldest = entry;
        } else {
            below.newer = entry;
        }
        if (above == null) {
            newest = entry;
        } else {
            above.older = entry;
        }
        if (idle++ == 0 || entry.expiryNanos - nextExpiryNanos < 0) {
            nextExpiryNanos = entry.expiryNanos;
        }
    }

    private void unlink(E entry) {
        E below = olderThan(entry);
        E above = newerThan(entry);
        if (below == null) {
            oldest = above;
        } else {
            below.newer = above;
        }
        if (above == null) {
            newest = below;
        } else {
            above.older = below;
        }
        entry.older = null;
        entry.newer = null;
        idle--;
    }

    @SuppressWarnings("unchecked") // only entries of this ledger are linked
    private @Nullable E olderThan(E entry) {
        return (E) entry.older;
    }

    @SuppressWarnings("unchecked") // only entries of this ledger are linked
    private @Nullable E newerThan(E entry) {
        return (E) entry.newer;
    }

    // --- what the caller asks

    /** Gives the connections to close, chained by {@code older}, and forgets them. */
    @Nullable E takeDoomed() {
        E chain = doomed;
        doomed = null;
        return chain;
    }

    /** Gives the waiters to wake, chained by {@code behind}, and forgets them. */
    @Nullable PoolWaiter<E> takeWoken() {
        PoolWaiter<E> chain = woken;
        woken = null;
        return chain;
    }

    int open() {
        return opening + leased + idle + probed + closing;
    }

    int idle() {
        return idle;
    }

    /** Counts what is in use: leased, being opened, looked at or closed. */
    int busy() {
        return opening + leased + probed + closing;
    }

    int waiting() {
        return waiting;
    }

    long acquired() {
        return acquired;
    }

    long reused() {
        return reused;
    }

    long waitedNanos() {
        return waitedNanos;
    }

    MissBook misses() {
        return misses;
    }

    PoolLimits limits() {
        return limits;
    }

    boolean closed() {
        return closed;
    }
}
