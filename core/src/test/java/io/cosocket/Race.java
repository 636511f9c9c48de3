package io.cosocket;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;

/** Lets two or three threads meet at the same few instructions, over and over. */
public final class Race {
    private static final Duration TIME = Duration.ofMillis(1200);

    private Race() {}

    /** One meeting. */
    public interface Round {
        void run(int number) throws Exception;
    }

    /** Repeats the round for a second or so, at least 50 times; gives how often. */
    public static int repeat(Round round) throws Exception {
        long end = System.nanoTime() + TIME.toNanos();
        int number = 0;
        while (number < 50 || System.nanoTime() - end < 0) {
            round.run(number++);
        }
        return number;
    }

    /** A thread that begins at the same moment as the other, give or take some microseconds. */
    public static final class Start {
        private final CountDownLatch gun = new CountDownLatch(1);

        public Start() {}

        public <T> Waiting.Task<T> thread(Callable<T> task) {
            int spins = ThreadLocalRandom.current().nextInt(2000);
            return Waiting.start(
                    () -> {
                        gun.await();
                        spin(spins);
                        return task.call();
                    });
        }

        /** Lets all threads go. */
        public void go() {
            gun.countDown();
        }
    }

    /** Passes a short while without giving up the processor. */
    public static void spin(int count) {
        for (int i = 0; i < count; i++) {
            Thread.onSpinWait();
        }
    }
}
