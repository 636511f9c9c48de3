package io.cosocket;

import io.cosocket.transport.Deadline;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;

/**
 * A question to a resolver that is not ours. It runs on a thread of its own, so that the deadline
 * and the end of the connect hold, whatever the resolver waits for; its thread is interrupted then.
 */
final class ForeignLookup extends FutureTask<@Nullable List<InetAddress>> {
    /** A resolver that keeps to its limit can still tell whom it asked. */
    private static final Duration GRACE = Duration.ofMillis(20);

    private final Thread caller;

    private ForeignLookup(Resolver resolver, String host, Duration limit, Thread caller) {
        super(() -> resolver.resolve(host, limit));
        this.caller = caller;
    }

    /**
     * Asks and waits.
     *
     * @throws UnknownHostException what the resolver throws; or cancelled, or out of time
     */
    static @Nullable List<InetAddress> ask(
            Resolver resolver, String host, Deadline deadline, Cancellation cancellation)
            throws UnknownHostException {
        Duration limit = Duration.ofNanos(Math.max(1, deadline.remainingNanos()));
        ForeignLookup lookup = new ForeignLookup(resolver, host, limit, cancellation.thread());
        Thread.ofVirtual().name("cosocket-lookup").start(lookup);
        Deadline patience = Deadline.after(limit.plus(GRACE));
        while (!lookup.isDone() && !cancellation.cancelled() && !patience.expired()) {
            cancellation.park(patience);
        }
        if (lookup.cancel(true)) {
            String why = cancellation.cancelled() ? "(cancelled)" : "(110: Operation timed out)";
            throw CachingResolver.unknown(host, why);
        }
        if (lookup.state() == State.SUCCESS) {
            return lookup.resultNow();
        }
        switch (lookup.exceptionNow()) {
            case UnknownHostException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case Throwable e -> throw new IllegalStateException(e);
        }
    }

    @Override
    protected void done() {
        LockSupport.unpark(caller);
    }
}
