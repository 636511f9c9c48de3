package io.cosocket.cli;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Appends to a file, and makes it anew when it was renamed or deleted, so that logs can be rotated
 * without a signal.
 *
 * <p>Threads: one at a time. Lifetime: that of the process.
 */
final class LogFile extends OutputStream {
    private static final long CHECK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Path path;
    private OutputStream out;
    private @Nullable Object key;
    private long checked = System.nanoTime();

    LogFile(Path path) throws IOException {
        this.path = path;
        this.out = open();
        this.key = key();
    }

    private OutputStream open() throws IOException {
        return Files.newOutputStream(
                path,
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.APPEND);
    }

    /** Identifies the file that has the name now, null for none. */
    private @Nullable Object key() {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
        } catch (IOException e) {
            return null;
        }
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        long now = System.nanoTime();
        if (now - checked > CHECK_NANOS) {
            checked = now;
            reopenIfMoved();
        }
        out.write(bytes, offset, length);
    }

    private void reopenIfMoved() throws IOException {
        if (!Objects.equals(key(), key)) {
            OutputStream moved = out;
            out = open();
            key = key();
            moved.close();
        }
    }
}
