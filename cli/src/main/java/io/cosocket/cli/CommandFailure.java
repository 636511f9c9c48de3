package io.cosocket.cli;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Ends a command with an exit code and a message for the user. */
final class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int exitCode;

    private CommandFailure(int exitCode, @Nullable String message, @Nullable Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    static CommandFailure atRunTime(String message, Throwable cause) {
        return new CommandFailure(ExitCode.FAILURE, message + reason(cause), cause);
    }

    static CommandFailure usage(@Nullable String message) {
        return new CommandFailure(ExitCode.USAGE, message, null);
    }

    static CommandFailure configuration(String message, Throwable cause) {
        return new CommandFailure(ExitCode.CONFIGURATION, message, cause);
    }

    static CommandFailure handler(String message) {
        return new CommandFailure(ExitCode.HANDLER, message, null);
    }

    static CommandFailure handler(String message, Throwable cause) {
        return new CommandFailure(ExitCode.HANDLER, message + reason(cause), cause);
    }

    /** Finds the failure that a callee may have wrapped. */
    static @Nullable CommandFailure in(@Nullable Throwable error) {
        for (Throwable e = error; e != null; e = e.getCause()) {
            if (e instanceof CommandFailure failure) {
                return failure;
            }
        }
        return null;
    }

    int exitCode() {
        return exitCode;
    }

    /** Writes one line, or the stack with {@code --verbose}, and gives the exit code. */
    static int report(Exception error, CommandLine line, ParseResult parsed) {
        CommandFailure failure = in(error);
        String message = failure == null ? reason(error) : failure.getMessage();
        line.getErr().println("cosocket: " + message);
        // what was parsed for the command that failed; the argument is that of the outermost one
        if (line.getParseResult().hasMatchedOption("--verbose")) {
            error.printStackTrace(line.getErr());
        }
        line.getErr().flush();
        return failure == null ? ExitCode.FAILURE : failure.exitCode();
    }

    /** Writes one line about arguments that cannot be understood, and where to read more. */
    static int reportUsage(ParameterException error, String[] args) {
        CommandLine line = error.getCommandLine();
        String command = line.getCommandSpec().qualifiedName();
        line.getErr().println("cosocket: " + words(error) + "; see " + command + " --help");
        line.getErr().flush();
        return ExitCode.USAGE;
    }

    private static String words(ParameterException error) {
        if (error instanceof UnmatchedArgumentException unmatched
                && !unmatched.isUnknownOption()
                && isOutermost(error)) {
            return "no such command: " + unmatched.getUnmatched().getFirst();
        }
        return String.valueOf(error.getMessage());
    }

    private static boolean isOutermost(ParameterException error) {
        return error.getCommandLine().getParent() == null;
    }

    private static String reason(Throwable error) {
        Throwable initial = error instanceof ExceptionInInitializerError ? error.getCause() : null;
        Throwable cause = initial == null ? error : initial;
        String name = cause.getClass().getSimpleName();
        String message = cause.getMessage();
        return message == null ? name : name + ": " + message;
    }
}
