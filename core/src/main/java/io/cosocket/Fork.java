package io.cosocket;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * A task that runs beside its run and shares the run's sockets ({@code ngx.thread.spawn}). An error
 * ends the fork alone; the run ends when its forks have ended.
 *
 * <pre>
 *   RUNNING ──task returns or throws──► ENDED
 *      └──cancel: thread interrupted, which closes the socket it waits on──► ENDED
 * </pre>
 *
 * <p>Threads: every method from any thread.
 *
 * @param <T> what the task gives
 */
public final class Fork<T> {
    private static final Logger LOG = LoggerFactory.getLogger(Fork.class);

    private final SocketScope scope;
    private final Callable<T> task;
    private final CompletableFuture<T> outcome = new CompletableFuture<>();
    private final Thread thread;
    private volatile boolean joined;

    private final ReentrantLock lock = new ReentrantLock();
    // guarded by lock
    private boolean running = true;
    private boolean cancelled;

    private Consumer<Runnable> binding = Runnable::run;

    Fork(SocketScope scope, Callable<T> task) {
        this.scope = scope;
        this.task = task;
        this.thread = Thread.ofVirtual().unstarted(this::bound);
    }

    /** Starts the thread; {@code binding} runs its body as part of the run. */
    void start(Consumer<Runnable> binding) {
        this.binding = binding;
        thread.start();
    }

    private void bound() {
        binding.accept(this::body);
    }

    private void body() {
        T result = null;
        Throwable failure = null;
        try {
            result = task.call();
        } catch (Throwable e) {
            failure = e;
        }
        boolean wasCancelled = leaveRunning();
        if (wasCancelled) {
            outcome.completeExceptionally(new CancellationException("fork cancelled"));
        } else if (failure == null) {
            outcome.complete(result);
        } else {
            outcome.completeExceptionally(failure);
            if (!joined) {
                LOG.warn("fork of {} failed", scope.name(), failure);
            }
        }
        scope.ended(this); // last, so that a run that has awaited its forks finds them done
    }

    /** After this nobody interrupts the thread for the fork's sake. */
    private boolean leaveRunning() {
        lock.lock();
        try {
            running = false;
            if (cancelled) {
                Thread.interrupted();
            }
            return cancelled;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until the fork has ended ({@code ngx.thread.wait}). May be called more than once.
     *
     * @return what the task returned
     * @throws IOException what the task threw
     * @throws CancellationException when the fork was cancelled; other unchecked exceptions are
     *     those of the task
     * @throws InterruptedException when the calling thread is interrupted; the fork goes on
     * @throws ExecutionException carries any other exception of the task
     */
    public T join() throws IOException, InterruptedException, ExecutionException {
        joined = true;
        try {
            return outcome.get();
        } catch (ExecutionException e) {
            throw rethrown(e);
        } catch (CancellationException e) {
            throw cancelled(e);
        }
    }

    private CancellationException cancelled(CancellationException cause) {
        CancellationException told =
                new CancellationException("fork of " + scope.name() + " was cancelled");
        told.initCause(cause);
        return told;
    }

    /**
     * As {@link #join()}, but waits at most for {@code limit}.
     *
     * @param limit positive
     * @throws OperationTimeoutException {@code join}, when the fork has not ended by then; it goes
     *     on
     */
    public T join(Duration limit) throws IOException, InterruptedException, ExecutionException {
        Checks.positive("join limit", limit);
        joined = true;
        try {
            return outcome.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw rethrown(e);
        } catch (CancellationException e) {
            throw cancelled(e);
        } catch (TimeoutException e) {
            throw Failures.timeout("join", " fork of " + scope.name(), limit, Failures.NONE, 0);
        }
    }

    private static ExecutionException rethrown(ExecutionException error) throws IOException {
        return switch (error.getCause()) {
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            case null, default -> error;
        };
    }

    /**
     * Waits until one of the forks has ended and gives it; its {@link #join()} tells how.
     *
     * @param forks at least one
     * @throws InterruptedException when the calling thread is interrupted; the forks go on
     */
    public static Fork<?> joinAny(Fork<?>... forks) throws InterruptedException {
        if (Checks.notNull("forks", forks).length == 0) {
            throw new IllegalArgumentException("at least one fork should be specified");
        }
        CompletableFuture<?>[] outcomes = new CompletableFuture<?>[forks.length];
        for (int i = 0; i < forks.length; i++) {
            Fork<?> fork = Checks.notNull("fork", forks[i]);
            fork.joined = true;
            outcomes[i] = fork.outcome;
        }
        try {
            CompletableFuture.anyOf(outcomes).get();
        } catch (ExecutionException | CancellationException e) {
            // its join tells
        }
        for (Fork<?> fork : forks) {
            if (fork.isDone()) {
                return fork;
            }
        }
        throw new IllegalStateException("no fork has ended");
    }

    /**
     * Cancels the fork ({@code ngx.thread.kill}): what it waits for ends, a socket it waits on is
     * closed, and its thread is interrupted. Does not wait for its end. Does nothing when it has
     * ended.
     */
    public void cancel() {
        lock.lock();
        try {
            if (running) {
                cancelled = true;
                thread.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Cancels the fork unless it is the one that ends the scope. */
    void cancelByScope() {
        if (Thread.currentThread() != thread) {
            cancel();
        }
    }

    boolean isCancelled() {
        lock.lock();
        try {
            return cancelled;
        } finally {
            lock.unlock();
        }
    }

    /** Tells whether the fork has ended, in whatever way. */
    public boolean isDone() {
        return outcome.isDone();
    }

    void awaitEnd() throws InterruptedException {
        thread.join();
    }
}
