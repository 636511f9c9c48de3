package io.cosocket.it.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A folder of a test's own, removed with all that is in it. */
public record Scratch(Path folder) implements AutoCloseable {
    public static Scratch create() throws IOException {
        return new Scratch(Files.createTempDirectory("cosocket-it"));
    }

    /** Something that may fail. */
    interface Start<T> {
        T in(Scratch scratch) throws IOException;
    }

    /** Starts what closes its folder itself, and removes the folder when that fails. */
    static <T> T within(Start<T> start) throws IOException {
        Scratch scratch = create();
        boolean started = false;
        try {
            T result = start.in(scratch);
            started = true;
            return result;
        } finally {
            if (!started) {
                scratch.close();
            }
        }
    }

    @Override
    public void close() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            all.sorted(Comparator.reverseOrder()).forEach(Scratch::delete);
        }
    }

    private static void delete(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
