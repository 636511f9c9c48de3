package io.cosocket.cli;

import io.cosocket.SocketScope;

import java.io.PrintStream;
import java.util.List;

/** What the statements given to {@code eval} become the body of. Only generated code uses it. */
@FunctionalInterface
public interface EvalTask {
    /** Runs the statements. */
    void run(SocketScope sockets, List<String> args, PrintStream out) throws Exception;
}
