package io.cosocket.it.bench;

import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

@Tag("bench")
class PoolBenchmarkTest {
    @Test
    void hitAndRelease() throws RunnerException {
        var results =
                new Runner(
                                new OptionsBuilder()
                                        .include(PoolBenchmark.class.getName())
                                        .addProfiler(GCProfiler.class)
                                        .forks(1)
                                        .warmupIterations(3)
                                        .warmupTime(TimeValue.seconds(1))
                                        .measurementIterations(5)
                                        .measurementTime(TimeValue.seconds(1))
                                        .build())
                        .run();

        assertFalse(results.isEmpty());
    }
}
