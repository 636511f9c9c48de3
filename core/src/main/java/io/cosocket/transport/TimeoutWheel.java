package io.cosocket.transport;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;

/**
 * The time-outs of all waits of 100 ms and more: one lazy hashed wheel for the process.
 *
 * <p>A wait stores its expiry and looks whether its entry already sits in a bucket that comes up in
 * time; only if not it is put into one. Ending a wait clears the expiry and leaves the entry where
 * it is. When a bucket comes up the sweeper drops entries without an expiry, moves those that are
 * due later, and fires the others. So an operation that does not time out costs two volatile stores
 * and a load, and an entry changes buckets about once in ten seconds however busy its socket is.
 *
 * <pre>
 *            arm: expiry stored, node pushed
 *   IDLE ───────────────────────────────────────► ARMED(tick)
 *    ▲                                              │ │ bucket swept
 *    │ swept, no expiry                             │ ├─ expiry later: pushed to its bucket ─► ARMED
 *    └──────────────────────────────────────────────┘ └─ expiry passed: fire() ─► IDLE
 * </pre>
 *
 * <p>Order of accesses (Dekker): {@code arm} writes the expiry, then reads the armed tick; the
 * sweeper clears the armed tick, then reads the expiry. One of them sees the other, so no entry is
 * lost. Time-outs fire never early, and late by at most two ticks of 10 ms while the machine keeps
 * up. The sweeper sleeps until the next bucket that holds something.
 */
public final class TimeoutWheel {
    /** Below this an exact timed park is cheaper than being late. */
    public static final long EXACT_BELOW_NANOS = 100_000_000;

    static final long TICK_NANOS = 10_000_000;
    private static final int BUCKETS = 1024;
    private static final int MASK = BUCKETS - 1;
    private static final long NOT_ARMED = Long.MAX_VALUE;

    private static final Logger LOG = LoggerFactory.getLogger(TimeoutWheel.class);
    private static final TimeoutWheel SHARED = new TimeoutWheel();

    private final long originNanos = System.nanoTime();
    private final AtomicReferenceArray<@Nullable Node> buckets =
            new AtomicReferenceArray<>(BUCKETS);
    private final Thread sweeper;
    private volatile long sweptTick;

    /** The tick the sweeper sleeps for; a node for an earlier one wakes it. */
    private volatile long wakeTick = Long.MAX_VALUE;

    private TimeoutWheel() {
        sweeper = Thread.ofPlatform().name("cosocket-timeouts").daemon().unstarted(this::sweep);
        sweeper.start();
    }

    /** Gives the wheel of this process. */
    public static TimeoutWheel shared() {
        return SHARED;
    }

    /** Something that waits: holds the expiry and the place in the wheel. */
    public abstract static class Timed {
        private static final VarHandle ARMED_TICK;

        static {
            try {
                ARMED_TICK =
                        MethodHandles.lookup().findVarHandle(Timed.class, "armedTick", long.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        /** Whether a wait is armed; the expiry itself may be any value of the clock. */
        private volatile boolean waiting;

        private volatile long expiryNanos;
        private volatile long armedTick = NOT_ARMED;

        /** For subclasses. */
        protected Timed() {}

        /**
         * Called by the wheel's thread once the expiry has passed and the wait was not disarmed;
         * must not block. A wait that ends at the same moment may still see it.
         */
        protected abstract void fire();
    }

    private static final class Node {
        final Timed timed;
        final long tick;
        @Nullable Node next;

        Node(Timed timed, long tick) {
            this.timed = timed;
            this.tick = tick;
        }
    }

    /** Makes {@code timed} fire once {@code expiryNanos} has passed, unless disarmed before. */
    public void arm(Timed timed, long expiryNanos) {
        timed.expiryNanos = expiryNanos;
        timed.waiting = true;
        long tick = tickOf(expiryNanos);
        if (timed.armedTick > tick) {
            insert(timed, tick);
        }
    }

    /** Ends the wait; costs one store. */
    public void disarm(Timed timed) {
        timed.waiting = false;
    }

    /**
     * Parks the calling thread until it is unparked, {@code deadline} passes or the thread is
     * interrupted; may return early. {@code timed} must unpark this thread when it fires.
     */
    public void park(Timed timed, Deadline deadline) {
        long left = deadline.remainingNanos();
        if (left <= 0) {
            return;
        }
        if (left < EXACT_BELOW_NANOS) {
            LockSupport.parkNanos(timed, left);
            return;
        }
        arm(timed, deadline.expiryNanos());
        LockSupport.park(timed);
        disarm(timed);
    }

    private long tickOf(long nanos) {
        return Math.max(0, nanos - originNanos + TICK_NANOS - 1) / TICK_NANOS;
    }

    private void insert(Timed timed, long dueTick) {
        long nowTick = (System.nanoTime() - originNanos) / TICK_NANOS;
        long tick = Math.min(dueTick, nowTick + BUCKETS - 1);
        while (true) {
            tick = Math.max(tick, sweptTick + 1);
            long armed = timed.armedTick;
            if (armed <= tick) {
                return; // it sits in a bucket that comes up in time
            }
            if (!Timed.ARMED_TICK.compareAndSet(timed, armed, tick)) {
                continue;
            }
            push(new Node(timed, tick));
            // the sweeper may have passed this bucket between the look at its tick and the push
            if (sweptTick < tick || !Timed.ARMED_TICK.compareAndSet(timed, tick, NOT_ARMED)) {
                return;
            }
        }
    }

    private void push(Node node) {
        int bucket = (int) node.tick & MASK;
        Node head;
        do {
            head = buckets.get(bucket);
            node.next = head;
        } while (!buckets.compareAndSet(bucket, head, node));
        if (node.tick < wakeTick) {
            LockSupport.unpark(sweeper);
        }
    }

    private void sweep() {
        while (true) {
            long nowTick = (System.nanoTime() - originNanos) / TICK_NANOS;
            long from = Math.max(sweptTick + 1, nowTick - BUCKETS + 1);
            for (long tick = from; tick <= nowTick; tick++) {
                sweptTick = tick;
                sweepBucket(tick);
            }
            sweptTick = nowTick;
            sleepUntilNextBucket(nowTick);
        }
    }

    private void sleepUntilNextBucket(long nowTick) {
        wakeTick = nowTick + 1; // until the search is over a new node need not wake anybody
        long next = nextFilled(nowTick);
        wakeTick = next;
        if (nextFilled(nowTick) < next) { // pushed between search and store
            return;
        }
        if (next == Long.MAX_VALUE) {
            LockSupport.park(this);
        } else {
            LockSupport.parkNanos(this, originNanos + next * TICK_NANOS - System.nanoTime());
        }
    }

    private long nextFilled(long nowTick) {
        // one more than the wheel has: who pushes may be a tick ahead of this look
        for (long tick = nowTick + 1; tick <= nowTick + BUCKETS; tick++) {
            if (buckets.get((int) tick & MASK) != null) {
                return tick;
            }
        }
        return Long.MAX_VALUE;
    }

    /** No failure of one wait may end the time-outs of all others. */
    private static void fire(Timed timed) {
        try {
            timed.fire();
        } catch (RuntimeException | Error e) {
            LOG.warn("time-out could not be delivered", e);
        }
    }

    private void sweepBucket(long tick) {
        int bucket = (int) tick & MASK;
        if (buckets.get(bucket) == null) {
            return;
        }
        Node node = buckets.getAndSet(bucket, null);
        while (node != null) {
            Node next = node.next;
            examine(node, tick);
            node = next;
        }
    }

    private void examine(Node node, long tick) {
        Timed timed = node.timed;
        if (node.tick > tick) { // a bucket swept early while catching up
            push(node);
            return;
        }
        // a node whose entry moved to an earlier bucket is stale and finds another tick here
        if (!Timed.ARMED_TICK.compareAndSet(timed, node.tick, NOT_ARMED) || !timed.waiting) {
            return;
        }
        long expiryNanos = timed.expiryNanos;
        if (expiryNanos - System.nanoTime() > 0) {
            insert(timed, tickOf(expiryNanos));
        } else if (timed.waiting) {
            fire(timed);
        }
    }
}
