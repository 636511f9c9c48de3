package io.cosocket.transport;

/**
 * Lets a reader that finds nothing give way to other virtual threads once before it waits. Where
 * many connections are busy the bytes have often come by then, which saves the registration with
 * the poller and the wake-up. It learns from the connection's last waits: where nothing comes in so
 * short a time, only one wait in 32 tries again.
 *
 * <p>Threads: the reader's alone.
 */
final class GivingWay {
    private static final int MOST_CREDIT = 4;
    private static final int WAITS_PER_TRIAL = 32;

    private int credit = 1;
    private int waits;
    private boolean gaveWay;

    /** Yields; false when the reader should wait instead, because it just did or lately in vain. */
    boolean giveWay() {
        if (gaveWay) {
            gaveWay = false;
            credit = Math.max(credit - 1, 0);
            return false;
        }
        boolean worthIt = credit > 0 || ++waits % WAITS_PER_TRIAL == 0;
        if (!worthIt || !Thread.currentThread().isVirtual()) {
            return false;
        }
        gaveWay = true;
        Thread.yield();
        return true;
    }

    /** Notes that a read found something. */
    void found() {
        if (gaveWay) {
            gaveWay = false;
            credit = Math.min(credit + 1, MOST_CREDIT);
        }
    }
}
