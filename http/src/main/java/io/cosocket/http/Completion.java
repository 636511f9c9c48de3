package io.cosocket.http;

import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** The end of what Jetty was asked to do, for the one thread that waits for it. */
final class Completion extends Signal implements Callback {
    private volatile @Nullable Throwable failure;

    /** Tells why it failed, or null. */
    @Nullable Throwable failure() {
        return failure;
    }

    @Override
    public void succeeded() {
        raise();
    }

    @Override
    public void failed(Throwable cause) {
        failure = cause;
        raise();
    }

    /** Anything else would cost a thread for each wake-up. */
    @Override
    public InvocationType getInvocationType() {
        return InvocationType.NON_BLOCKING;
    }
}
