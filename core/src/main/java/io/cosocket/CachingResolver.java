package io.cosocket;

import io.cosocket.transport.Deadline;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * What every real resolver needs around its question: answers are kept as long as they are valid,
 * concurrent look-ups of one name are one question, a permit bounds the questions under way, and
 * whoever waits leaves at its own deadline while the question goes on for the others.
 *
 * <p>The question runs on a virtual thread of its own. Threads: any.
 */
abstract class CachingResolver implements Resolver {
    private static final Logger LOG = LoggerFactory.getLogger(CachingResolver.class);

    static final String UNRESOLVED = " could not be resolved ";

    /** Most names kept or being asked for at once. */
    private static final int NAMES_MAX = 10_000;

    private final String asked;
    private final Semaphore permits;
    private final int permitCount;
    private final LongSupplier nanoClock;
    private final ConcurrentHashMap<String, Lookup> lookups = new ConcurrentHashMap<>();

    /**
     * @param asked names who is asked, for messages
     * @param concurrent most questions under way
     */
    CachingResolver(String asked, int concurrent, LongSupplier nanoClock) {
        this.asked = asked;
        this.permitCount = concurrent;
        this.permits = new Semaphore(concurrent);
        this.nanoClock = nanoClock;
    }

    /** Asks; may block its virtual thread for a bounded time. */
    abstract Answer ask(String host) throws InterruptedException;

    @Override
    public final List<InetAddress> resolve(String host, Duration limit)
            throws UnknownHostException {
        Checks.notNull("host", host);
        Checks.positive("limit", limit);
        return resolve(host, Deadline.after(limit), new Cancellation());
    }

    /** As {@link #resolve(String, Duration)}; ends early when the connect is cancelled. */
    final List<InetAddress> resolve(String host, Deadline deadline, Cancellation cancellation)
            throws UnknownHostException {
        Lookup lookup = lookup(host.toLowerCase(Locale.ROOT));
        Answer answer = lookup.answer;
        if (answer == null) {
            answer = await(host, lookup, deadline, cancellation);
        }
        if (!answer.found()) {
            throw unknown(host, answer.failure());
        }
        return answer.addresses();
    }

    private Answer await(String host, Lookup lookup, Deadline deadline, Cancellation cancellation)
            throws UnknownHostException {
        lookup.enter(cancellation.thread());
        try {
            while (true) {
                Answer answer = lookup.answer;
                if (answer != null) {
                    return answer;
                }
                if (cancellation.cancelled()) {
                    throw unknown(host, "(cancelled)");
                }
                if (deadline.expired()) {
                    throw unknown(host, Answer.failure(Answer.TIMED_OUT, asked));
                }
                cancellation.park(deadline);
            }
        } finally {
            lookup.leave(cancellation.thread());
        }
    }

    private Lookup lookup(String name) throws UnknownHostException {
        Lookup present = lookups.get(name);
        long nowNanos = nanoClock.getAsLong();
        if (present != null && present.usable(nowNanos)) {
            return present;
        }
        if (present == null && lookups.size() >= NAMES_MAX) {
            makeRoom(name, nowNanos);
        }
        Lookup fresh = new Lookup();
        Lookup chosen =
                lookups.compute(
                        name, (key, old) -> old != null && old.usable(nowNanos) ? old : fresh);
        if (chosen == fresh) {
            Thread.ofVirtual().name("cosocket-lookup").start(() -> run(name, fresh));
        }
        return chosen;
    }

    /** Forgets what is no longer valid, or else a tenth of the answers. */
    private void makeRoom(String name, long nowNanos) throws UnknownHostException {
        lookups.values().removeIf(lookup -> !lookup.usable(nowNanos));
        int surplus = lookups.size() - NAMES_MAX * 9 / 10;
        var all = lookups.values().iterator();
        while (surplus > 0 && all.hasNext()) {
            if (all.next().answer != null) {
                all.remove();
                surplus--;
            }
        }
        if (lookups.size() >= NAMES_MAX) {
            throw unknown(name, "(more than " + NAMES_MAX + " look-ups under way)");
        }
    }

    private void run(String name, Lookup lookup) {
        Answer answer = Answer.failed(Answer.SERVER_FAILURE, asked, Duration.ZERO);
        try {
            permits.acquire();
            try {
                answer = ask(name);
            } finally {
                permits.release();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.debug("the look-up of {} failed", name, e);
        } finally {
            LOG.debug("{}: {}", name, answer);
            finish(name, lookup, answer);
        }
    }

    private void finish(String name, Lookup lookup, Answer answer) {
        long keepNanos = answer.keep().toNanos();
        lookup.finish(answer, nanoClock.getAsLong() + keepNanos);
        if (keepNanos == 0) {
            lookups.remove(name, lookup);
        }
    }

    static UnknownHostException unknown(String host, String why) {
        return new UnknownHostException(host + UNRESOLVED + why);
    }

    /** Counts the questions under way or waiting for a permit's holder, for tests. */
    final int underWay() {
        return permitCount - permits.availablePermits();
    }

    /** One question and those who wait for its answer. */
    private static final class Lookup {
        private final ConcurrentHashMap<Thread, Boolean> waiting = new ConcurrentHashMap<>();
        private long expiryNanos;

        /** Written after the expiry, read before it. */
        volatile @Nullable Answer answer;

        boolean usable(long nowNanos) {
            return answer == null || expiryNanos - nowNanos > 0;
        }

        void enter(Thread thread) {
            waiting.put(thread, true);
        }

        void leave(Thread thread) {
            waiting.remove(thread);
        }

        void finish(Answer found, long untilNanos) {
            expiryNanos = untilNanos;
            answer = found;
            waiting.keySet().forEach(LockSupport::unpark);
        }
    }
}
