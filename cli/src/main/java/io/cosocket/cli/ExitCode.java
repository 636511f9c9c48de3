package io.cosocket.cli;

/** What the exit status of the process means. */
final class ExitCode {
    static final int OK = 0;
    static final int FAILURE = 1;
    static final int USAGE = 2;
    static final int CONFIGURATION = 3;
    static final int HANDLER = 4;

    private ExitCode() {}
}
