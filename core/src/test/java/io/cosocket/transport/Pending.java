package io.cosocket.transport;

import org.awaitility.Awaitility;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** An operation on a virtual thread of its own, to be watched while it waits. */
public final class Pending<T> {
    private static final long PATIENCE_SECONDS = 20;

    private final FutureTask<T> task;
    private final Thread thread;

    private Pending(Callable<T> operation) {
        this.task = new FutureTask<>(operation);
        this.thread = Thread.ofVirtual().name("pending").start(task);
    }

    public static <T> Pending<T> start(Callable<T> operation) {
        return new Pending<>(operation);
    }

    /** Starts an operation and returns once it waits for something. */
    public static <T> Pending<T> parked(Callable<T> operation) {
        return start(operation).awaitParked();
    }

    public Pending<T> awaitParked() {
        Awaitility.await()
                .pollInterval(Duration.ofMillis(1))
                .pollDelay(Duration.ZERO)
                .until(
                        () ->
                                task.isDone()
                                        || thread.getState() == Thread.State.WAITING
                                        || thread.getState() == Thread.State.TIMED_WAITING);
        if (task.isDone()) {
            throw new AssertionError("the operation ended instead of waiting: " + outcome());
        }
        return this;
    }

    public Thread thread() {
        return thread;
    }

    public boolean isDone() {
        return task.isDone();
    }

    /** Gives the result; the operation must succeed. */
    public T get() {
        try {
            return task.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError("the operation failed", e.getCause());
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError("the operation did not end", e);
        }
    }

    /** Gives what the operation threw; it must fail so. */
    public <E extends Throwable> E failure(Class<E> type) {
        try {
            T result = task.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            throw new AssertionError("the operation succeeded: " + result);
        } catch (ExecutionException e) {
            if (type.isInstance(e.getCause())) {
                return type.cast(e.getCause());
            }
            throw new AssertionError("another failure than " + type, e.getCause());
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError("the operation did not end", e);
        }
    }

    private String outcome() {
        return switch (task.state()) {
            case SUCCESS -> String.valueOf(task.resultNow());
            case FAILED -> String.valueOf(task.exceptionNow());
            default -> task.state().toString();
        };
    }
}
