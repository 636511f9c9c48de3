package io.cosocket.it.bench;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Runs variants of one job in alternating rounds, so that they meet the same neighbours. */
final class Rounds {
    /** One round of a variant. */
    @FunctionalInterface
    interface Variant {
        /** Works for about the given time; tells how many operations it did. */
        long run(long nanos) throws Exception;
    }

    /** What one operation cost in one round. */
    private record Cost(double cpuMicros, double wallMicros, double bytes) {}

    private static final int WARM_UP_ROUNDS = 3;
    private static final com.sun.management.OperatingSystemMXBean SYSTEM =
            (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final Map<String, Variant> variants = new LinkedHashMap<>();

    /** Adds a variant; the first one is what the others are compared with. */
    Rounds with(String name, Variant variant) {
        variants.put(name, variant);
        return this;
    }

    /** Runs all and prints one line each: medians, and medians of the ratios of each round. */
    void run(String title, int rounds, long roundNanos) throws Exception {
        Map<String, Cost[]> costs = new LinkedHashMap<>();
        variants.keySet().forEach(name -> costs.put(name, new Cost[rounds]));
        for (int round = -WARM_UP_ROUNDS; round < rounds; round++) {
            for (Map.Entry<String, Variant> variant : variants.entrySet()) {
                Cost cost = measure(variant.getValue(), roundNanos);
                if (round >= 0) {
                    costs.get(variant.getKey())[round] = cost;
                }
            }
        }
        Cost[] base = costs.values().iterator().next();
        costs.forEach((name, each) -> print(title, name, each, base));
    }

    private static Cost measure(Variant variant, long nanos) throws Exception {
        long cpu = SYSTEM.getProcessCpuTime();
        long bytes = THREADS.getTotalThreadAllocatedBytes();
        long start = System.nanoTime();
        double count = variant.run(nanos);
        long wall = System.nanoTime() - start;
        return new Cost(
                (SYSTEM.getProcessCpuTime() - cpu) / count / 1e3,
                wall / count / 1e3,
                (THREADS.getTotalThreadAllocatedBytes() - bytes) / count);
    }

    private static void print(String title, String name, Cost[] costs, Cost[] base) {
        double[] cpu = new double[costs.length];
        double[] wall = new double[costs.length];
        for (int i = 0; i < costs.length; i++) {
            cpu[i] = costs[i].cpuMicros() / base[i].cpuMicros();
            wall[i] = costs[i].wallMicros() / base[i].wallMicros();
        }
        System.out.printf(
                Locale.ROOT,
                "%-28s %-34s cpu %8.3f us  wall %8.3f us  alloc %6.0f B  cpu x%.2f  wall x%.2f%n",
                title,
                name,
                median(Arrays.stream(costs).mapToDouble(Cost::cpuMicros).toArray()),
                median(Arrays.stream(costs).mapToDouble(Cost::wallMicros).toArray()),
                median(Arrays.stream(costs).mapToDouble(Cost::bytes).toArray()),
                median(cpu),
                median(wall));
    }

    static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }
}
