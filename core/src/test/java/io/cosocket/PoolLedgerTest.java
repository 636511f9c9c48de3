package io.cosocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;

/** The rules of one pool one by one; {@link PoolLedgerModelTest} checks them together. */
class PoolLedgerTest {
    private static final int NO_LIMIT = Integer.MAX_VALUE;
    private static final long IDLE_NANOS = 1_000;

    private long now = Long.MAX_VALUE - 50; // the clock may wrap around

    private static final class Conn extends PoolEntry {}

    private static PoolLedger<Conn> ledger(int maxIdle, int maxOpen, int maxWaiting) {
        return new PoolLedger<>(new PoolLimits(maxIdle, maxOpen, maxWaiting, Long.MAX_VALUE));
    }

    private Conn open(PoolLedger<Conn> ledger) {
        assertNull(ledger.takeIdle(now));
        assertTrue(ledger.reserve());
        Conn conn = new Conn();
        ledger.opened(conn, now);
        return conn;
    }

    private PoolWaiter<Conn> queue(PoolLedger<Conn> ledger) {
        assertNull(ledger.takeIdle(now));
        assertFalse(ledger.reserve());
        PoolWaiter<Conn> waiter = new PoolWaiter<>(Thread.currentThread(), now);
        assertTrue(ledger.enqueue(waiter));
        return waiter;
    }

    private PoolLedger.Return giveBack(PoolLedger<Conn> ledger, Conn conn) {
        return ledger.giveBack(conn, IDLE_NANOS, now++);
    }

    private static int doomedCount(PoolLedger<Conn> ledger) {
        int count = 0;
        for (@Nullable PoolEntry at = ledger.takeDoomed(); at != null; at = at.older) {
            count++;
        }
        return count;
    }

    @Test
    void theConnectionReturnedLastIsTakenFirst() {
        PoolLedger<Conn> ledger = ledger(30, NO_LIMIT, NO_LIMIT);
        Conn a = open(ledger);
        Conn b = open(ledger);
        Conn c = open(ledger);

        giveBack(ledger, b);
        giveBack(ledger, a);
        giveBack(ledger, c);

        assertSame(c, ledger.takeIdle(now));
        assertSame(a, ledger.takeIdle(now));
        assertSame(b, ledger.takeIdle(now));
        assertNull(ledger.takeIdle(now));
        assertEquals(1, a.reuseCount);
    }

    @Test
    void aboveMaxIdleTheLeastRecentlyUsedGoes() {
        PoolLedger<Conn> ledger = ledger(2, NO_LIMIT, NO_LIMIT);
        Conn a = open(ledger);
        Conn b = open(ledger);
        Conn c = open(ledger);

        giveBack(ledger, a);
        giveBack(ledger, b);
        giveBack(ledger, c);

        assertSame(a, ledger.takeDoomed());
        assertEquals(2, ledger.idle());
        assertEquals(3, ledger.open());
        ledger.closed(1, now);
        assertEquals(2, ledger.open());
    }

    @Test
    void aFreedConnectionGoesToTheFirstWaiterAndNoNewcomerOvertakes() {
        PoolLedger<Conn> ledger = ledger(30, 1, NO_LIMIT);
        Conn a = open(ledger);
        PoolWaiter<Conn> first = queue(ledger);
        PoolWaiter<Conn> second = queue(ledger);

        giveBack(ledger, a);

        assertSame(a, first.connection);
        assertEquals(PoolWaiter.Outcome.CONNECTION, first.outcome);
        assertTrue(second.waiting());
        assertNull(ledger.takeIdle(now));
        assertFalse(ledger.reserve());
    }

    @Test
    void twoSlotsFreedTogetherWakeTwoWaiters() {
        PoolLedger<Conn> ledger = ledger(30, 2, NO_LIMIT);
        Conn a = open(ledger);
        Conn b = open(ledger);
        PoolWaiter<Conn> first = queue(ledger);
        PoolWaiter<Conn> second = queue(ledger);

        ledger.lost(a, Miss.NOT_RELEASED, now);
        ledger.lost(b, Miss.NOT_RELEASED, now);

        assertEquals(PoolWaiter.Outcome.SLOT, first.outcome);
        assertEquals(PoolWaiter.Outcome.SLOT, second.outcome);
        assertEquals(2, ledger.open());
    }

    @Test
    void aFailedConnectPassesItsSlotOn() {
        PoolLedger<Conn> ledger = ledger(30, 1, NO_LIMIT);
        assertTrue(ledger.reserve());
        PoolWaiter<Conn> waiter = queue(ledger);

        ledger.openFailed(now);

        assertEquals(PoolWaiter.Outcome.SLOT, waiter.outcome);
        ledger.openFailed(now);
        assertEquals(0, ledger.open());
    }

    @Test
    void aWaiterThatLeavesIsForgottenAtOnce() {
        PoolLedger<Conn> ledger = ledger(30, 1, 1);
        Conn a = open(ledger);
        PoolWaiter<Conn> gone = queue(ledger);
        assertFalse(ledger.enqueue(new PoolWaiter<>(Thread.currentThread(), now)));

        assertTrue(ledger.leave(gone, now));
        PoolWaiter<Conn> next = queue(ledger);
        giveBack(ledger, a);

        assertSame(a, next.connection);
        assertFalse(ledger.leave(next, now));
    }

    @Test
    void aConnectionGivenToAWaiterTooLateStaysReusable() {
        PoolLedger<Conn> ledger = ledger(30, 1, 1);
        Conn a = open(ledger);
        PoolWaiter<Conn> late = queue(ledger);
        giveBack(ledger, a);

        ledger.returnUnused(assertNotNull(late.connection), now);

        assertEquals(0, a.reuseCount);
        assertEquals(0, ledger.reused());
        assertSame(a, ledger.takeIdle(now));
    }

    private static <T> T assertNotNull(@Nullable T value) {
        assertTrue(value != null);
        return value;
    }

    @Test
    void anIdleTimeOutEndsTheConnectionNeitherEarlyNorByReuse() {
        PoolLedger<Conn> ledger = ledger(30, NO_LIMIT, NO_LIMIT);
        Conn a = open(ledger);
        giveBack(ledger, a);
        long end = now - 1 + IDLE_NANOS;

        ledger.expire(end - 1);
        assertEquals(1, ledger.idle());
        now = end;
        assertNull(ledger.takeIdle(end));

        assertEquals(1, doomedCount(ledger));
        open(ledger);
        assertEquals(Map.of(Miss.NONE_IDLE, 1L, Miss.IDLE_EXPIRED, 1L), ledger.misses().counts());
    }

    @Test
    void noConnectionIsKeptBeyondItsMaximumAge() {
        PoolLedger<Conn> ledger =
                new PoolLedger<>(new PoolLimits(30, NO_LIMIT, NO_LIMIT, 2 * IDLE_NANOS));
        Conn a = open(ledger);
        Conn b = open(ledger);
        long born = now;
        now = born + 2 * IDLE_NANOS - 1;
        assertEquals(PoolLedger.Return.KEPT, ledger.giveBack(a, IDLE_NANOS, now));

        now++;
        assertEquals(PoolLedger.Return.AGED, ledger.giveBack(b, IDLE_NANOS, now));
        ledger.expire(now);

        ledger.lost(b, Miss.AGED, now);
        assertEquals(1, doomedCount(ledger));
        ledger.closed(1, now);
        assertEquals(0, ledger.open());
        open(ledger);
        assertEquals(Map.of(Miss.NONE_IDLE, 2L, Miss.AGED, 1L), ledger.misses().counts());
    }

    @Test
    void aDeadConnectionIsReplacedByTheNextIdleOneOrByASlot() {
        PoolLedger<Conn> ledger = ledger(30, 2, 0);
        Conn a = open(ledger);
        Conn b = open(ledger);
        giveBack(ledger, a);
        giveBack(ledger, b);

        Conn taken = assertNotNull(ledger.takeIdle(now));
        assertSame(a, ledger.replaceDead(taken, Miss.PEER_CLOSED, now));
        assertNull(ledger.replaceDead(a, Miss.PEER_CLOSED, now));
        assertEquals(1, ledger.open());
        ledger.opened(new Conn(), now);

        assertEquals(0, ledger.reused());
        assertEquals(3, ledger.acquired());
        assertEquals(Map.of(Miss.NONE_IDLE, 2L, Miss.PEER_CLOSED, 1L), ledger.misses().counts());
    }

    @Test
    void onlyThoseIdleForAWhileAreWatchedAndOnce() {
        PoolLedger<Conn> ledger = ledger(30, NO_LIMIT, NO_LIMIT);
        Conn a = open(ledger);
        Conn b = open(ledger);
        giveBack(ledger, a);
        long since = now - 1;
        giveBack(ledger, b);

        assertEquals(List.of(a), ledger.unwatched(since));
        assertEquals(List.of(), ledger.unwatched(since));
        assertEquals(List.of(b), ledger.unwatched(now));
    }

    @Test
    void aConnectionLookedAtGoesBackToItsPlaceOrToAWaiter() {
        PoolLedger<Conn> ledger = ledger(30, 2, 1);
        Conn a = open(ledger);
        Conn b = open(ledger);
        giveBack(ledger, a);
        giveBack(ledger, b);
        ledger.unwatched(now);

        assertTrue(ledger.claim(a));
        assertFalse(ledger.claim(a));
        ledger.putBack(a, now);
        assertEquals(List.of(), ledger.unwatched(now));
        assertSame(b, ledger.takeIdle(now));
        assertTrue(ledger.claim(a));
        PoolWaiter<Conn> waiter = queue(ledger);
        ledger.putBack(a, now);

        assertSame(a, waiter.connection);
    }

    @Test
    void aSmallerLimitClosesIdleConnectionsAndLaterReturns() {
        PoolLedger<Conn> ledger = ledger(30, 3, 0);
        Conn a = open(ledger);
        Conn b = open(ledger);
        Conn c = open(ledger);
        giveBack(ledger, c);

        ledger.shrink(new PoolLimits(30, 1, 0, Long.MAX_VALUE));

        assertSame(c, ledger.takeDoomed());
        ledger.closed(1, now);
        assertEquals(PoolLedger.Return.FULL, giveBack(ledger, a));
        ledger.lost(a, Miss.EVICTED, now);
        assertEquals(PoolLedger.Return.KEPT, giveBack(ledger, b));
        assertEquals(1, ledger.open());
    }

    @Test
    void aDoomedConnectionKeepsItsSlotUntilItIsClosed() {
        PoolLedger<Conn> ledger = ledger(30, 1, 1);
        giveBack(ledger, open(ledger));
        now += IDLE_NANOS;

        assertNull(ledger.takeIdle(now));
        assertFalse(ledger.reserve());
        assertEquals(1, doomedCount(ledger));
        PoolWaiter<Conn> waiter = queue(ledger);
        ledger.closed(1, now);

        assertEquals(PoolWaiter.Outcome.SLOT, waiter.outcome);
    }

    @Test
    void closingWakesTheWaitersAndKeepsNothing() {
        PoolLedger<Conn> ledger = ledger(30, 1, 1);
        Conn a = open(ledger);
        PoolWaiter<Conn> waiter = queue(ledger);

        ledger.close(now);

        assertEquals(PoolWaiter.Outcome.POOL_CLOSED, waiter.outcome);
        assertEquals(PoolLedger.Return.CLOSED, giveBack(ledger, a));
        ledger.lost(a, Miss.CLEARED, now);
        assertEquals(0, ledger.open());
        assertFalse(ledger.reserve());
    }
}
