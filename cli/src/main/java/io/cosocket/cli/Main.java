package io.cosocket.cli;

import picocli.CommandLine;

/** Entry point of the command line; the launcher calls it on a new enough Java. */
public final class Main {
    private static final String PARALLELISM = "jdk.virtualThreadScheduler.parallelism";
    private static final int CARRIERS_MIN = 4;

    private Main() {}

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] args) {
        // Before the first virtual thread. Two handlers busy with the CPU on two carriers would
        // stop all socket work; some spare carriers let the system share the cores.
        if (System.getProperty(PARALLELISM) == null) {
            int cores = Runtime.getRuntime().availableProcessors();
            System.setProperty(PARALLELISM, String.valueOf(Math.max(CARRIERS_MIN, 2 * cores)));
        }
        CommandLine line = new CommandLine(new CosocketCommand());
        line.setExpandAtFiles(false);
        line.setExecutionExceptionHandler(CommandFailure::report);
        line.setParameterExceptionHandler(CommandFailure::reportUsage);
        System.exit(line.execute(args));
    }
}
