package io.cosocket;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random histories of a pool, step by step against a model too simple to be wrong. */
class PoolLedgerModelTest {
    private static final int HISTORIES = 250;
    private static final int STEPS = 400;

    /** One step; the operands choose among what exists at that moment. */
    private record Step(int kind, int pick, int amount) {}

    private record History(PoolLimits limits, List<Step> steps) {}

    @Test
    void hundredThousandRandomStepsMatchTheModel() {
        long seed = Long.getLong("pool.seed", System.nanoTime());
        for (int i = 0; i < HISTORIES; i++) {
            History history = history(new Random(seed + i));
            String wrong = run(history);
            assertTrue(
                    wrong == null,
                    () -> "seed " + seed + ": " + wrong + "\nsmallest: " + shrink(history));
        }
    }

    private static History history(Random random) {
        int[] open = {1, 2, 3, 5, Integer.MAX_VALUE};
        int[] idle = {0, 1, 2, 3, 30};
        int[] waiting = {0, 1, 3, Integer.MAX_VALUE};
        PoolLimits limits =
                new PoolLimits(
                        idle[random.nextInt(idle.length)],
                        open[random.nextInt(open.length)],
                        waiting[random.nextInt(waiting.length)],
                        random.nextBoolean() ? Long.MAX_VALUE : 200);
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < STEPS; i++) {
            steps.add(
                    new Step(
                            random.nextInt(Both.KINDS),
                            random.nextInt(1 << 20),
                            random.nextInt(100)));
        }
        return new History(limits, steps);
    }

    private static @Nullable String run(History history) {
        Both both = new Both(history.limits);
        for (int i = 0; i < history.steps.size(); i++) {
            Step step = history.steps.get(i);
            try {
                both.apply(step);
                both.check();
            } catch (AssertionError | RuntimeException e) {
                return "step " + i + " " + step + ": " + e;
            }
        }
        return null;
    }

    /** Leaves out halves, then smaller pieces, as long as the rest still fails. */
    private static String shrink(History history) {
        List<Step> steps = history.steps;
        for (int piece = steps.size() / 2; piece > 0; piece /= 2) {
            for (int from = 0; from + piece <= steps.size(); ) {
                List<Step> fewer = new ArrayList<>(steps);
                fewer.subList(from, from + piece).clear();
                if (run(new History(history.limits, fewer)) != null) {
                    steps = fewer;
                } else {
                    from += piece;
                }
            }
        }
        History smallest = new History(history.limits, steps);
        return run(smallest) + " " + smallest;
    }

    /** A connection: its entry in the ledger, and what the model knows of it. */
    private static final class Conn extends PoolEntry {
        final int number;
        long born;
        long expiry;
        long since;
        int reuses;

        Conn(int number) {
            this.number = number;
        }

        @Override
        public String toString() {
            return "c" + number;
        }
    }

    /** The ledger and the model side by side. Most recent is last in every list. */
    private static final class Both {
        static final int KINDS = 15;

        private final PoolLedger<Conn> ledger;
        private PoolLimits limits;
        private long now = 1_000;
        private int numbers;

        // the model
        private final List<Conn> idle = new ArrayList<>();
        private final List<Conn> leased = new ArrayList<>();
        private final List<Conn> probed = new ArrayList<>();
        private final List<PoolWaiter<Conn>> queue = new ArrayList<>();
        private int opening;
        private int closing;
        private long acquired;
        private long reused;

        // what the model expects the ledger to ask for
        private final List<Conn> toClose = new ArrayList<>();
        private final List<PoolWaiter<Conn>> toWake = new ArrayList<>();
        private final List<@Nullable Conn> grants = new ArrayList<>();

        Both(PoolLimits limits) {
            this.limits = limits;
            this.ledger = new PoolLedger<>(limits);
        }

        void apply(Step step) {
            switch (step.kind) {
                case 0, 1, 2 -> acquire();
                case 3, 4 -> with(leased, step, c -> release(c, 1 + step.amount));
                case 5 -> with(leased, step, this::close);
                case 6, 7 -> opened();
                case 8 -> openFailed();
                case 9 -> cancel(step);
                case 10 -> now += step.amount;
                case 11 -> expire();
                case 12 -> look(step);
                case 13 -> with(leased, step, c -> takenDead(c, step));
                case 14 -> doomedClosed();
                default -> throw new AssertionError(step);
            }
            if (step.pick % 400 == 0) {
                shrinkLimits(step);
            }
        }

        private interface Action {
            void on(Conn conn);
        }

        private static void with(List<Conn> from, Step step, Action action) {
            if (!from.isEmpty()) {
                action.on(from.get(step.pick % from.size()));
            }
        }

        private int open() {
            return opening + leased.size() + idle.size() + probed.size() + closing;
        }

        private void acquire() {
            Conn got = ledger.takeIdle(now);
            Conn expected = modelTakeIdle();
            same("taken", expected, got);
            if (got != null) {
                return;
            }
            boolean room = open() < limits.maxOpen();
            same("slot", room, ledger.reserve());
            if (room) {
                opening++;
                return;
            }
            PoolWaiter<Conn> waiter = new PoolWaiter<>(Thread.currentThread(), now);
            boolean mayWait = queue.size() < limits.maxWaiting();
            same("queued", mayWait, ledger.enqueue(waiter));
            if (mayWait) {
                queue.add(waiter);
            }
        }

        private @Nullable Conn modelTakeIdle() {
            while (!idle.isEmpty()) {
                Conn last = idle.removeLast();
                if (last.expiry > now) {
                    modelLease(last);
                    return last;
                }
                doom(last);
            }
            return null;
        }

        private void doom(Conn conn) {
            closing++;
            toClose.add(conn);
        }

        private void doomedClosed() {
            int count = closing;
            closing = 0;
            ledger.closed(count, now);
            handOn();
        }

        private void modelLease(Conn conn) {
            conn.reuses++;
            leased.add(conn);
            acquired++;
            reused++;
        }

        private void release(Conn conn, long idleNanos) {
            gaveBack(conn, idleNanos, ledger.giveBack(conn, idleNanos, now));
        }

        private void gaveBack(Conn conn, long idleNanos, PoolLedger.Return verdict) {
            leased.remove(conn);
            long age = limits.maxAgeNanos();
            boolean aged = age != Long.MAX_VALUE && conn.born + age <= now;
            boolean room = open() < limits.maxOpen() && (limits.maxIdle() > 0 || !queue.isEmpty());
            if (aged || !room) {
                same("verdict", aged ? PoolLedger.Return.AGED : PoolLedger.Return.FULL, verdict);
                ledger.lost(conn, Miss.EVICTED, now);
                handOn();
                return;
            }
            same("verdict", PoolLedger.Return.KEPT, verdict);
            conn.since = now;
            conn.expiry = now + idleNanos;
            if (age != Long.MAX_VALUE) {
                conn.expiry = Math.min(conn.expiry, conn.born + age);
            }
            park(conn);
        }

        /** A usable connection without a user goes to the first waiter or becomes idle. */
        private void park(Conn conn) {
            if (!queue.isEmpty()) {
                modelLease(conn);
                grant(conn);
                return;
            }
            int at = idle.size();
            while (at > 0 && idle.get(at - 1).since > conn.since) {
                at--;
            }
            idle.add(at, conn);
            if (idle.size() > limits.maxIdle()) {
                doom(idle.removeFirst());
            }
        }

        private void grant(@Nullable Conn conn) {
            toWake.add(queue.removeFirst());
            grants.add(conn);
        }

        private void handOn() {
            while (!queue.isEmpty() && open() < limits.maxOpen()) {
                opening++;
                grant(null);
            }
        }

        private void close(Conn conn) {
            leased.remove(conn);
            ledger.lost(conn, Miss.NOT_RELEASED, now);
            ledger.lost(conn, Miss.NOT_RELEASED, now); // a second report changes nothing
            handOn();
        }

        private void opened() {
            if (opening > 0) {
                opening--;
                Conn conn = new Conn(++numbers);
                conn.born = now;
                leased.add(conn);
                acquired++;
                ledger.opened(conn, now);
            }
        }

        private void openFailed() {
            if (opening > 0) {
                opening--;
                ledger.openFailed(now);
                handOn();
            }
        }

        private void cancel(Step step) {
            if (!queue.isEmpty()) {
                PoolWaiter<Conn> waiter = queue.remove(step.pick % queue.size());
                same("left", true, ledger.leave(waiter, now));
                same("left twice", false, ledger.leave(waiter, now));
            }
        }

        private void expire() {
            ledger.expire(now);
            for (Conn conn : List.copyOf(idle)) {
                if (conn.expiry <= now) {
                    idle.remove(conn);
                    doom(conn);
                }
            }
        }

        /** Takes an idle connection aside, or ends the look at one. */
        private void look(Step step) {
            if (step.amount < 50) {
                with(
                        idle,
                        step,
                        conn -> {
                            same("claimed", true, ledger.claim(conn));
                            idle.remove(conn);
                            probed.add(conn);
                        });
                return;
            }
            with(
                    probed,
                    step,
                    conn -> {
                        probed.remove(conn);
                        if (step.amount < 75) {
                            ledger.dropProbed(conn, Miss.PEER_CLOSED, now);
                            handOn();
                        } else {
                            boolean room =
                                    open() < limits.maxOpen() && idle.size() < limits.maxIdle();
                            ledger.putBack(conn, now);
                            if (room) {
                                park(conn);
                            } else {
                                doom(conn);
                            }
                        }
                    });
        }

        /** A reused connection turns out to be dead, or was handed to a waiter who is gone. */
        private void takenDead(Conn conn, Step step) {
            if (conn.reuses == 0) {
                return;
            }
            acquired--;
            reused--;
            if (step.amount < 50) {
                leased.remove(conn);
                Conn next = ledger.replaceDead(conn, Miss.PEER_CLOSED, now);
                Conn expected = modelTakeIdle();
                same("replacement", expected, next);
                if (expected == null) {
                    opening++;
                } else {
                    handOn();
                }
                return;
            }
            conn.reuses--;
            long left = Math.max(1, conn.expiry - now);
            gaveBack(conn, left, ledger.returnUnused(conn, now));
        }

        private void shrinkLimits(Step step) {
            limits =
                    limits.smaller(
                            new PoolLimits(
                                    step.amount % 7,
                                    1 + step.amount % 5,
                                    Integer.MAX_VALUE,
                                    Long.MAX_VALUE));
            ledger.shrink(limits);
            while (!idle.isEmpty()
                    && (open() - closing > limits.maxOpen() || idle.size() > limits.maxIdle())) {
                doom(idle.removeFirst());
            }
        }

        void check() {
            same("idle", idle.size(), ledger.idle());
            same("waiting", queue.size(), ledger.waiting());
            same("open", open(), ledger.open());
            same("acquired", acquired, ledger.acquired());
            same("reused", reused, ledger.reused());
            long missed = ledger.misses().counts().values().stream().mapToLong(n -> n).sum();
            same("hits and misses", acquired, reused + missed);
            checkClosed();
            checkWoken();
            idle.forEach(c -> same(c + " place", PoolEntry.Place.IDLE, c.place));
            leased.forEach(c -> same(c + " place", PoolEntry.Place.LEASED, c.place));
            leased.forEach(c -> same(c + " reuses", c.reuses, c.reuseCount));
            queue.forEach(w -> same("in the queue", true, w.waiting()));
            same("waits in vain", false, !queue.isEmpty() && open() < limits.maxOpen());
            same("waits beside an idle one", false, !queue.isEmpty() && !idle.isEmpty());
        }

        private void checkClosed() {
            List<Conn> closed = new ArrayList<>();
            for (PoolEntry at = ledger.takeDoomed(); at != null; at = at.older) {
                closed.addFirst((Conn) at);
                same(at + " place", PoolEntry.Place.GONE, at.place);
            }
            same("closed", toClose, closed);
            toClose.clear();
        }

        private void checkWoken() {
            List<PoolWaiter<Conn>> woken = new ArrayList<>();
            for (PoolWaiter<Conn> at = ledger.takeWoken(); at != null; at = at.behind) {
                woken.addFirst(at);
            }
            same("woken", toWake, woken);
            for (int i = 0; i < woken.size(); i++) {
                PoolWaiter<Conn> waiter = woken.get(i);
                Conn granted = grants.get(i);
                same("granted", granted, waiter.connection);
                same(
                        "outcome",
                        granted == null ? PoolWaiter.Outcome.SLOT : PoolWaiter.Outcome.CONNECTION,
                        waiter.outcome);
            }
            toWake.clear();
            grants.clear();
        }

        private static void same(String what, @Nullable Object expected, @Nullable Object got) {
            if (expected == null ? got != null : !expected.equals(got)) {
                throw new AssertionError(what + ": expected " + expected + ", got " + got);
            }
        }
    }
}
