package io.cosocket.it.fault;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** Many clients at once, each of which does right and wrong at random until it is stopped. */
final class MixedLoad {
    private static final int MOST_REPORTS = 20;

    private final int port;
    private final long seed;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final CountDownLatch ended;
    private final Map<String, LongAdder> counts = new ConcurrentSkipListMap<>();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();

    private MixedLoad(int port, int clients, long seed) {
        this.port = port;
        this.seed = seed;
        this.ended = new CountDownLatch(clients);
    }

    static MixedLoad start(int port, int clients, long seed) {
        MixedLoad load = new MixedLoad(port, clients, seed);
        for (int i = 0; i < clients; i++) {
            int number = i;
            Thread.ofVirtual().name("client", i).start(() -> load.work(number));
        }
        return load;
    }

    /** Lets every client finish what it is at; fails when one does not come to an end. */
    void stop() throws InterruptedException {
        stop.countDown();
        if (!ended.await(120, TimeUnit.SECONDS)) {
            throw new AssertionError(ended.getCount() + " clients still wait, " + this);
        }
    }

    /** Gives the first false answers and the honest requests that failed. */
    Queue<String> wrong() {
        return wrong;
    }

    /** Gives how often each kind of request and fault was tried. */
    Map<String, LongAdder> counts() {
        return counts;
    }

    private void work(int number) {
        Random random = new Random(seed + number);
        try {
            while (stop.getCount() > 0) {
                if (random.nextInt(3) > 0) {
                    honest(random);
                } else {
                    faulty(random);
                }
            }
        } finally {
            ended.countDown();
        }
    }

    private void honest(Random random) {
        StringBuilder at = new StringBuilder("connect");
        try (Dialogue dialogue = new Dialogue(port)) {
            HonestClient client = new HonestClient(dialogue, random);
            int requests = random.nextInt(20);
            for (int i = 0; i < requests && stop.getCount() > 0; i++) {
                HonestClient.Request request = HonestClient.Request.any(random);
                at.append(", ").append(count(request.name()));
                client.run(request);
            }
            if (random.nextInt(4) == 0) {
                at.append(", ").append(count("RAW"));
                client.raw();
            }
        } catch (IOException | RuntimeException | AssertionError e) {
            report(at.toString(), e);
        }
    }

    private void faulty(Random random) {
        FaultyClient.Fault fault =
                FaultyClient.Fault.values()[random.nextInt(FaultyClient.Fault.values().length)];
        count(fault.name());
        try (Dialogue dialogue = new Dialogue(port)) {
            new FaultyClient(dialogue, random, most -> pause(random, most)).run(fault);
        } catch (ConnectException | RuntimeException | AssertionError e) {
            report(fault.name(), e);
        } catch (IOException e) {
            if (fault.name().startsWith("STALL") || e instanceof SocketTimeoutException) {
                report(fault.name(), e);
            } // the others asked for it
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void pause(Random random, int most) throws InterruptedException {
        stop.await(random.nextInt(most), TimeUnit.MILLISECONDS);
    }

    private String count(String name) {
        counts.computeIfAbsent(name, key -> new LongAdder()).increment();
        return name;
    }

    private void report(String at, Throwable error) {
        if (wrong.size() < MOST_REPORTS) {
            String text = String.valueOf(error);
            wrong.add(at + ": " + text.substring(0, Math.min(text.length(), 300)));
        }
    }

    @Override
    public String toString() {
        return "seed " + seed + ", done " + counts + ", wrong " + wrong;
    }
}
