package io.cosocket;

import io.cosocket.transport.MemoryTransport;
import io.cosocket.transport.TimeoutWheel;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The runtime of sockets: their settings, pools, timers and scopes. One per process is normal;
 * tests make their own.
 *
 * <p>Threads: every method from any thread. Lifetime: until {@link #close()}.
 */
public final class Cosockets implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Cosockets.class);
    private static final long HOUSEKEEPING_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final CosocketConfig config;
    private final ConnectionPools pools = new ConnectionPools();
    private final RecentTargets targets = new RecentTargets();
    private final Set<SocketScope> scopes = ConcurrentHashMap.newKeySet();
    private final ReferenceQueue<Owned> abandoned = new ReferenceQueue<>();
    private final Set<RunTimer> timers = ConcurrentHashMap.newKeySet();
    private final AtomicInteger timerCount = new AtomicInteger();
    private final ScheduledThreadPoolExecutor scheduler;
    private final Housekeeping housekeeping = new Housekeeping();
    private final SocketScope unbound;
    private volatile boolean closed;

    private Cosockets(CosocketConfig config) {
        this.config = config;
        this.scheduler =
                new ScheduledThreadPoolExecutor(
                        1, Thread.ofPlatform().name("cosocket-timers").daemon().factory());
        scheduler.setRemoveOnCancelPolicy(true);
        this.unbound = new SocketScope(this, "unbound", null);
        scopes.add(unbound);
        housekeeping.again();
    }

    /** Makes a runtime with the default settings. */
    public static Cosockets create() {
        return create(CosocketConfig.defaults());
    }

    /** Makes a runtime. */
    public static Cosockets create(CosocketConfig config) {
        return new Cosockets(Checks.notNull("config", config));
    }

    /** Gives the settings. */
    public CosocketConfig config() {
        return config;
    }

    /**
     * Opens a scope; within a run, be it one of another runtime, it becomes a child of the run's
     * scope and ends with it.
     *
     * @param name for errors, logs and statistics
     * @throws IllegalStateException {@code process exiting}, when the runtime was closed
     */
    public SocketScope openScope(String name) {
        SocketScope run = SocketScope.current();
        SocketScope scope = new SocketScope(this, Checks.notNull("name", name), run);
        if (run == null || run.runtime() != this) {
            scopes.add(scope);
        }
        if (closed) {
            scope.close();
            throw exiting();
        }
        return scope;
    }

    /**
     * Runs {@code task} once, after {@code delay}, as a run of its own ({@code ngx.timer.at}). Its
     * failure is logged.
     *
     * @param delay zero or positive, at most 36,500 days
     * @throws IllegalStateException {@code too many pending timers}, or {@code process exiting}
     *     when the runtime was closed
     */
    public Timer after(Duration delay, ScopedTask task) {
        if (!Checks.notNull("delay", delay).isZero()) {
            Checks.positive("delay", delay);
        }
        RunTimer timer = begin(task, false);
        timer.schedule(schedule(timer, delay.toNanos(), 0));
        return timer;
    }

    /**
     * Runs {@code task} each {@code period}, each firing a run of its own ({@code
     * ngx.timer.every}). A firing that is due while the last one still runs is left out. A failure
     * is logged and does not end the timer.
     *
     * @param period positive
     * @throws IllegalStateException as {@link #after}
     */
    public Timer every(Duration period, ScopedTask task) {
        Checks.positive("period", period);
        RunTimer timer = begin(task, true);
        timer.schedule(schedule(timer, period.toNanos(), period.toNanos()));
        return timer;
    }

    private Future<?> schedule(RunTimer timer, long delayNanos, long periodNanos) {
        try {
            return periodNanos == 0
                    ? scheduler.schedule(timer::fire, delayNanos, TimeUnit.NANOSECONDS)
                    : scheduler.scheduleAtFixedRate(
                            timer::fire, delayNanos, periodNanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            timer.cancel(); // the runtime was closed at this moment
            throw exiting();
        }
    }

    private RunTimer begin(ScopedTask task, boolean repeats) {
        Checks.notNull("task", task);
        if (timerCount.incrementAndGet() > config.maxTimers()) {
            timerCount.decrementAndGet();
            throw new IllegalStateException(
                    "too many pending timers (allowed: " + config.maxTimers() + ")");
        }
        RunTimer timer = new RunTimer(this, task, repeats);
        timers.add(timer);
        if (closed) {
            timer.cancel();
            throw exiting();
        }
        return timer;
    }

    private static IllegalStateException exiting() {
        return new IllegalStateException("process exiting: the runtime was closed");
    }

    /** Tells what each pool is doing, in no particular order. */
    public List<PoolStats> pools() {
        return pools.stats();
    }

    /**
     * Closes the idle connections of every pool of this name; connections in use stay.
     *
     * @param poolName as {@link PoolStats#name()}: that of the pool's options, or else its endpoint
     */
    public void clear(String poolName) {
        pools.clear(Checks.notNull("pool name", poolName));
    }

    /**
     * Ends the runtime: pending timers never fire, running firings and every other run are
     * cancelled, live and idle sockets closed. Does not wait for the runs. A second call does
     * nothing.
     */
    @Override
    public void close() {
        closed = true;
        timers.forEach(RunTimer::cancel);
        scheduler.shutdownNow();
        scopes.forEach(SocketScope::close);
        pools.close();
    }

    // --- for scopes, sockets and timers

    boolean isClosed() {
        return closed;
    }

    RecentTargets targets() {
        return targets;
    }

    /** Tells whether the scope is that of what was made outside of every run, so none owns it. */
    boolean isUnbound(SocketScope scope) {
        return scope == unbound;
    }

    ConnectionPools connectionPools() {
        return pools;
    }

    ReferenceQueue<Owned> abandoned() {
        return abandoned;
    }

    /** Closes what unreachable socket objects have left open; a look at an empty queue is cheap. */
    void reapAbandoned() {
        for (Reference<?> ref; (ref = abandoned.poll()) != null; ) {
            reap(ref);
        }
    }

    private static void reap(Reference<?> ref) {
        if (ref instanceof SocketRef socket && socket.abandon()) {
            LOG.debug("closed a connection that nobody reaches any more: {}", socket);
        }
    }

    void ended(SocketScope scope) {
        scopes.remove(scope);
    }

    void ended(RunTimer timer) {
        if (timers.remove(timer)) {
            timerCount.decrementAndGet();
        }
    }

    SocketPair inMemory() {
        SocketScope run = SocketScope.current();
        SocketScope owner = unbound;
        if (run != null) {
            // a scope has one runtime, whose settings hold for its sockets
            owner = run.runtime() == this ? run : run.memoryScope(this);
        }
        MemoryTransport[] ends = MemoryTransport.pair();
        return new SocketPair(memorySocket(owner, ends[0]), memorySocket(owner, ends[1]));
    }

    private StreamSocket memorySocket(SocketScope owner, MemoryTransport end) {
        BufferedSocket socket = new BufferedSocket(owner, end, config.timeouts());
        owner.register(socket).held(end::close);
        if (owner.isClosed()) {
            socket.close();
        }
        return socket;
    }

    /** Looks for abandoned sockets once a second, however rarely sockets are opened. */
    private final class Housekeeping extends TimeoutWheel.Timed {
        void again() {
            TimeoutWheel.shared().arm(this, System.nanoTime() + HOUSEKEEPING_NANOS);
        }

        @Override
        protected void fire() {
            if (closed) {
                return;
            }
            Reference<?> first = abandoned.poll();
            if (first != null) {
                // to close a connection may take a while, and the wheel must go on
                Thread.startVirtualThread(
                        () -> {
                            reap(first);
                            reapAbandoned();
                        });
            }
            again();
        }
    }
}
