package io.cosocket.it.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a process holds of the system.
 *
 * @param descriptors open ones of every kind
 * @param sockets those of them that are sockets
 * @param threads platform threads, the virtual machine's own included
 */
public record Holdings(int descriptors, int sockets, int threads) {
    /** Counts them now. */
    public static Holdings of(ProcessHandle process) throws IOException {
        Path folder = Path.of("/proc", String.valueOf(process.pid()));
        int descriptors = 0;
        int sockets = 0;
        for (Path descriptor : entries(folder.resolve("fd"))) {
            String target = target(descriptor);
            descriptors += target.isEmpty() ? 0 : 1;
            sockets += target.startsWith("socket:") ? 1 : 0;
        }
        return new Holdings(descriptors, sockets, entries(folder.resolve("task")).size());
    }

    private static List<Path> entries(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.toList();
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            return ""; // closed meanwhile
        }
    }
}
