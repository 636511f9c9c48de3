package io.cosocket.it.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** CPU time of processes, as the kernel counts it. */
public final class CpuTime {
    private static final double MICROS_PER_TICK = 10_000;
    private static final int USER_FIELD = 11;
    private static final int SYSTEM_FIELD = 12;

    private CpuTime() {}

    /** Gives the microseconds that a process and its descendants have used so far. */
    public static double micros(ProcessHandle process) {
        try (Stream<ProcessHandle> children = process.descendants()) {
            return Stream.concat(Stream.of(process), children)
                            .mapToLong(each -> ticks(each.pid()))
                            .sum()
                    * MICROS_PER_TICK;
        }
    }

    private static long ticks(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", String.valueOf(pid), "stat"));
            // The name, in parentheses, may itself hold spaces.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return Long.parseLong(fields[USER_FIELD]) + Long.parseLong(fields[SYSTEM_FIELD]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
