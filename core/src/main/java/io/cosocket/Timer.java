package io.cosocket;

/**
 * A pending or repeating task ({@code ngx.timer.at}, {@code ngx.timer.every}).
 *
 * <p>Threads: every method may be called from any thread.
 */
public sealed interface Timer permits RunTimer {
    /**
     * Prevents every firing that has not begun. A firing that runs already goes on to its end.
     *
     * @return true when this call ended the timer, false when it was done or cancelled before
     */
    boolean cancel();

    /** Tells whether the timer will not fire again and no firing is running. */
    boolean isDone();
}
