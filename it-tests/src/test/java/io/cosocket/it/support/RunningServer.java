package io.cosocket.it.support;

import org.jspecify.annotations.Nullable;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A {@code cosocket run} process. */
public final class RunningServer implements AutoCloseable {
    private static final String READY = "listening on ";

    private final Process process;
    private final BufferedReader out;
    private final Path errors;
    private final URI uri;
    private final Duration startTime;

    private RunningServer(
            Process process, BufferedReader out, Path errors, URI uri, Duration startTime) {
        this.process = process;
        this.out = out;
        this.errors = errors;
        this.uri = uri;
        this.startTime = startTime;
    }

    static RunningServer start(ProcessBuilder builder) throws IOException {
        Path errors = Files.createTempFile("cosocket-it", ".err");
        long began = System.nanoTime();
        Process process = builder.redirectError(errors.toFile()).start();
        BufferedReader out = process.inputReader();
        String first = out.readLine();
        if (first == null || !first.startsWith(READY)) {
            process.destroyForcibly();
            throw new IllegalStateException(
                    "first line: " + first + ", standard error: " + Files.readString(errors));
        }
        Duration startTime = Duration.ofNanos(System.nanoTime() - began);
        URI uri = URI.create(first.substring(READY.length()));
        return new RunningServer(process, out, errors, uri, startTime);
    }

    /** Gives the address of the line it printed. */
    public URI uri() {
        return uri;
    }

    /** Reads the next line of its standard output; null when it has ended. */
    public @Nullable String line() throws IOException {
        return out.readLine();
    }

    /** Reads the address of its next listener. */
    public URI nextUri() throws IOException {
        return URI.create(String.valueOf(line()).substring(READY.length()));
    }

    /** Gives the address of a path. */
    public URI uri(String path) {
        return uri.resolve(path);
    }

    public int port() {
        return uri.getPort();
    }

    /** Gives the time from the call to the line. */
    public Duration startTime() {
        return startTime;
    }

    /** Gives what it wrote to standard error so far. */
    public String errors() throws IOException {
        return Files.readString(errors);
    }

    /** Gives the process that was started: the stub under an older Java. */
    public ProcessHandle process() {
        return process.toHandle();
    }

    /** Gives the process that serves: the stub's child, or the started process itself. */
    public ProcessHandle server() {
        try (Stream<ProcessHandle> children = process.children()) {
            return children.findFirst().orElse(process.toHandle());
        }
    }

    /** Sends a signal to the started process only. */
    public void signal(String name) throws IOException, InterruptedException {
        kill(name, process.pid());
    }

    /** Sends a signal to every process of the session, as a terminal does. */
    public void signalAll(String name) throws IOException, InterruptedException {
        kill(name, -process.pid());
    }

    private static void kill(String name, long target) throws IOException, InterruptedException {
        List<String> command = List.of("kill", "-" + name, "--", String.valueOf(target));
        if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
            throw new IOException("kill failed: " + command);
        }
    }

    /** Waits for its end and gives the exit status. */
    public int exitStatus() throws InterruptedException {
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new IllegalStateException("still running after 60 s");
        }
        return process.exitValue();
    }

    /** Ends it and its child for good. */
    @Override
    public void close() throws IOException {
        try (Stream<ProcessHandle> all = process.descendants()) {
            all.forEach(ProcessHandle::destroyForcibly);
        }
        process.destroyForcibly();
        process.onExit().join();
        Files.deleteIfExists(errors);
    }
}
