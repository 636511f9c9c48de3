package io.cosocket.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Pretends now and then that nothing is there: before each read that may give something come {@code
 * stalls} that give nothing. Its waits end early, as those of any transport may.
 */
public final class StallingTransport extends ForwardingTransport {
    private final int stalls;
    private final AtomicInteger left;

    public StallingTransport(Transport below, int stalls) {
        super(below);
        this.stalls = stalls;
        this.left = new AtomicInteger(stalls);
    }

    @Override
    public int tryRead(ByteBuffer target) throws IOException {
        if (left.getAndDecrement() > 0) {
            return 0;
        }
        left.set(stalls);
        return below.tryRead(target);
    }

    @Override
    public boolean awaitReadable(Deadline deadline) throws IOException {
        return left.get() > 0 ? !deadline.expired() : below.awaitReadable(deadline);
    }
}
