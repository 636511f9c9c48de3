import io.cosocket.http.Application;
import io.cosocket.http.Routes;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Ticks on a virtual and on a platform thread and tells the longest gap of each in ms. */
public final class Ticker implements Application {
    private static final long PERIOD_NANOS = 5_000_000;

    private final AtomicLong virtualGap = new AtomicLong();
    private final AtomicLong platformGap = new AtomicLong();

    @Override
    public void configure(Routes routes) {
        Thread.ofVirtual().name("tick").start(() -> tick(virtualGap));
        Thread.ofPlatform().daemon().name("tick").start(() -> tick(platformGap));
        routes.content(
                "/tick",
                exchange ->
                        exchange.print(
                                virtualGap.getAndSet(0) / 1_000_000
                                        + " "
                                        + platformGap.getAndSet(0) / 1_000_000));
    }

    private static void tick(AtomicLong longest) {
        for (long last = System.nanoTime(); ; ) {
            LockSupport.parkNanos(PERIOD_NANOS);
            long now = System.nanoTime();
            longest.accumulateAndGet(now - last, Math::max);
            last = now;
        }
    }
}
