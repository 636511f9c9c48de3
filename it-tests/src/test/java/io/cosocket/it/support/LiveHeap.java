package io.cosocket.it.support;

import java.io.IOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What another Java process reaches of its heap: taken after a full collection. */
public final class LiveHeap {
    private static final Pattern LINE = Pattern.compile(" *\\d+: +(\\d+) +(\\d+) +(\\S+).*");

    private record Use(long instances, long bytes) {}

    private final Map<String, Use> uses = new HashMap<>();

    private LiveHeap() {}

    /** Makes the process collect its garbage and counts the rest. */
    public static LiveHeap of(ProcessHandle process) throws IOException, InterruptedException {
        // Twice: what only weak references and cleaners know goes the first time.
        Jcmd.run(process, "GC.run");
        LiveHeap heap = new LiveHeap();
        List<MatchResult> lines =
                Jcmd.run(process, "GC.class_histogram")
                        .lines()
                        .map(LINE::matcher)
                        .filter(matcher -> matcher.matches())
                        .map(matcher -> matcher.toMatchResult())
                        .toList();
        for (MatchResult line : lines) {
            heap.uses.merge(
                    line.group(3),
                    new Use(Long.parseLong(line.group(1)), Long.parseLong(line.group(2))),
                    (one, other) ->
                            new Use(one.instances + other.instances, one.bytes + other.bytes));
        }
        return heap;
    }

    /** Gives the bytes of all objects. */
    public long bytes() {
        return uses.values().stream().mapToLong(Use::bytes).sum();
    }

    /** Gives the number of objects of exactly this class. */
    public long instances(Class<?> type) {
        return instances(type.getName());
    }

    /** Gives the number of objects of exactly this class. */
    public long instances(String className) {
        Use use = uses.get(className);
        return use == null ? 0 : use.instances;
    }

    /** Names the classes that take most bytes more than before. */
    public String growthSince(LiveHeap before) {
        return uses.keySet().stream()
                .sorted(Comparator.comparingLong((String name) -> growth(name, before)).reversed())
                .limit(12)
                .map(
                        name ->
                                "%+d bytes, now %d of %s"
                                        .formatted(growth(name, before), instances(name), name))
                .collect(Collectors.joining("\n"));
    }

    private long growth(String name, LiveHeap before) {
        Use old = before.uses.get(name);
        Use now = uses.get(name);
        return (now == null ? 0 : now.bytes) - (old == null ? 0 : old.bytes);
    }
}
