package io.cosocket;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/** Tasks on virtual threads, and when they have come to a wait. */
public final class Waiting {
    private Waiting() {}

    /** A step that may throw. */
    public interface Step {
        void run() throws Exception;
    }

    /** A started task and its thread. */
    public record Task<T>(Thread thread, CompletableFuture<T> result) {
        /** Waits for the result; fails after 20 s. */
        public T get() throws Exception {
            return result.orTimeout(20, java.util.concurrent.TimeUnit.SECONDS).get();
        }

        /** Waits for the failure; fails when there is none. */
        public Throwable failure() throws Exception {
            try {
                T value = get();
                throw new AssertionError("no failure but " + value);
            } catch (java.util.concurrent.ExecutionException e) {
                return e.getCause();
            }
        }
    }

    public static <T> Task<T> start(Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread =
                Thread.startVirtualThread(
                        () -> {
                            try {
                                result.complete(task.call());
                            } catch (Throwable e) {
                                result.completeExceptionally(e);
                            }
                        });
        return new Task<>(thread, result);
    }

    public static Task<Boolean> startStep(Step step) {
        return start(
                () -> {
                    step.run();
                    return true;
                });
    }

    /** Waits until the thread is parked. */
    public static void untilParked(Thread thread) {
        await().atMost(Duration.ofSeconds(20))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> isParked(thread));
    }

    private static boolean isParked(Thread thread) {
        return thread.getState() == Thread.State.WAITING
                || thread.getState() == Thread.State.TIMED_WAITING;
    }
}
