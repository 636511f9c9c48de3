package io.cosocket.it.support;

import io.cosocket.it.support.CosocketJar.Outcome;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Runs other programs to their end. */
public final class Command {
    /** A program that takes longer hangs. */
    private static final long LIMIT_SECONDS = 900;

    private Command() {}

    /** Runs a program without input and gives what it printed; fails unless it succeeds. */
    public static String output(String... command) throws IOException, InterruptedException {
        Outcome outcome = run(new ProcessBuilder(command));
        if (outcome.status() != 0) {
            throw new IOException(
                    String.join(" ", command) + ": status " + outcome.status() + ", " + outcome);
        }
        return outcome.out();
    }

    /** Runs a program without input. */
    public static Outcome run(String... command) throws IOException, InterruptedException {
        return run(new ProcessBuilder(command));
    }

    /** Runs a prepared program without input. */
    static Outcome run(ProcessBuilder builder) throws IOException, InterruptedException {
        Path out = Files.createTempFile("cosocket-it", ".out");
        Path err = Files.createTempFile("cosocket-it", ".err");
        try {
            Process process =
                    builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
            process.getOutputStream().close();
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(builder.command() + ": hangs, " + Files.readString(err));
            }
            return new Outcome(process.exitValue(), Files.readString(out), Files.readString(err));
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }
}
