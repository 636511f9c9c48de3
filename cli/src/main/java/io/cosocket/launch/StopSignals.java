package io.cosocket.launch;

/**
 * The requests to stop that reached this process: SIGINT and SIGTERM, its own and those of its
 * stub. A terminal sends one Ctrl-C to both processes, and a service manager one SIGTERM, so the
 * count is the larger of the two and not the sum. SIGHUP is ignored.
 *
 * <p>Threads: safe for any thread. Listeners are called in a signal's own thread.
 */
public final class StopSignals {
    /** Is told of each request to stop. */
    @FunctionalInterface
    public interface Listener {
        /** Takes the count of requests, from 1 on, and the number of the latest signal. */
        void stop(int count, int signal);
    }

    private static final Object LOCK = new Object();

    // Guarded by LOCK.
    private static boolean installed;
    private static int ownCount;
    private static int stubCount;
    private static int reported;
    private static Listener listener;

    private StopSignals() {}

    /**
     * Sets who is told of requests to stop. Without a listener a request ends the process, as
     * usual.
     */
    public static void listen(Listener newListener) {
        synchronized (LOCK) {
            listener = newListener;
        }
        install();
    }

    /** Starts to take signals. A second call does nothing. */
    static void install() {
        synchronized (LOCK) {
            if (installed) {
                return;
            }
            installed = true;
        }
        Signals.ignore("HUP");
        Signals.handle("INT", number -> count(number, false));
        Signals.handle("TERM", number -> count(number, false));
        StubLink.follow(number -> count(number, true));
    }

    private static void count(int number, boolean fromStub) {
        Listener target;
        int count;
        synchronized (LOCK) {
            if (fromStub) {
                stubCount++;
            } else {
                ownCount++;
            }
            count = Math.max(ownCount, stubCount);
            if (count == reported) {
                return;
            }
            reported = count;
            target = listener;
        }
        if (target == null) {
            System.exit(128 + number);
        } else {
            target.stop(count, number);
        }
    }
}
