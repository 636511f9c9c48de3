package io.cosocket.it.bench;

import io.cosocket.it.support.CpuTime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Loads servers in alternating rounds, so that all meet the same neighbours on the machine. */
final class ServerRounds {
    /** What a load generator got done. */
    record Done(double operations, double seconds) {}

    /** Loads one server for about the given time. */
    @FunctionalInterface
    interface Load {
        Done run(int seconds) throws IOException, InterruptedException;
    }

    private record Variant(ProcessHandle server, Load load, List<Cost> costs) {}

    /** What one operation cost the server's process in one round, and how fast they went. */
    private record Cost(double cpuMicros, double perSecond) {}

    private static final int ROUNDS = Integer.getInteger("bench.rounds", 5);
    private static final int SECONDS = Integer.getInteger("bench.seconds", 4);

    /** CPU time under load before a server is measured; on a busy machine that takes longer. */
    private static final int WARM_UP_SECONDS = Integer.getInteger("bench.warm-up", 10);

    /** Fewer than these leave much of a Java server uncompiled. */
    private static final int WARM_UP_OPERATIONS = 100_000;

    private final Map<String, Variant> variants = new LinkedHashMap<>();

    /** Adds a server; the first one is compared with each of the others. */
    ServerRounds with(String name, ProcessHandle server, Load load) {
        variants.put(name, new Variant(server, load, new ArrayList<>()));
        return this;
    }

    /** Runs all and prints medians, and medians of the ratios of each round. */
    void run(String title, String unit) throws IOException, InterruptedException {
        for (Variant variant : variants.values()) {
            warmUp(variant);
        }
        for (int round = 0; round < ROUNDS; round++) {
            for (Variant variant : variants.values()) {
                variant.costs.add(measure(variant));
            }
        }
        List<Cost> ours = variants.values().iterator().next().costs;
        System.out.printf("%n%s, load average %s%n", title, loadAverage());
        variants.forEach((name, variant) -> print(name, unit, variant.costs, ours));
    }

    /** Few and large operations need not be so many: thrice the time is enough for any. */
    private static void warmUp(Variant variant) throws IOException, InterruptedException {
        double from = CpuTime.micros(variant.server);
        double used = 0;
        double operations = 0;
        while (used < WARM_UP_SECONDS * 1e6
                || operations < WARM_UP_OPERATIONS && used < 3 * WARM_UP_SECONDS * 1e6) {
            operations += variant.load.run(2).operations;
            used = CpuTime.micros(variant.server) - from;
        }
    }

    private static Cost measure(Variant variant) throws IOException, InterruptedException {
        double before = CpuTime.micros(variant.server);
        Done done = variant.load.run(SECONDS);
        double used = CpuTime.micros(variant.server) - before;
        return new Cost(used / done.operations, done.operations / done.seconds);
    }

    private static void print(String name, String unit, List<Cost> costs, List<Cost> ours) {
        System.out.printf(
                Locale.ROOT,
                "  %-12s %7.1f us CPU per %s, %8.0f per second",
                name,
                median(costs, Cost::cpuMicros),
                unit,
                median(costs, Cost::perSecond));
        if (costs != ours) {
            List<Double> cpu = new ArrayList<>();
            List<Double> rate = new ArrayList<>();
            for (int i = 0; i < costs.size(); i++) {
                cpu.add(ours.get(i).cpuMicros / costs.get(i).cpuMicros);
                rate.add(ours.get(i).perSecond / costs.get(i).perSecond);
            }
            System.out.printf(
                    Locale.ROOT,
                    "; cosocket has %.2f times its CPU, %.2f times its rate",
                    median(cpu, Double::doubleValue),
                    median(rate, Double::doubleValue));
        }
        System.out.println();
    }

    private static <T> double median(List<T> values, ToDoubleFunction<T> figure) {
        return Rounds.median(values.stream().mapToDouble(figure).toArray());
    }

    private static String loadAverage() throws IOException {
        return Files.readString(Path.of("/proc/loadavg")).split(" ")[0];
    }
}
