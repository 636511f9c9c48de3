package io.cosocket.cli;

import io.cosocket.Cosockets;
import io.cosocket.SocketScope;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Runs a few statements, for trying things out. */
@Command(name = "eval", description = "Runs Java statements with sockets, args and out in scope.")
final class EvalCommand implements Callable<Integer> {
    private static final String CLASS_NAME = "EvalStatements";

    @Parameters(index = "0", paramLabel = "STATEMENTS", description = "Java statements.")
    String statements = "";

    @Parameters(index = "1..*", paramLabel = "ARGS", description = "What args holds.")
    List<String> args = new ArrayList<>();

    @Option(
            names = {"-cp", "--class-path"},
            paramLabel = "PATH",
            description = "Folders and jars with classes to use.")
    @Nullable String classPath;

    @Option(names = "--verbose", description = "Print stack traces of failures.")
    boolean verbose;

    @Override
    public Integer call() throws Exception {
        EvalTask task = compile();
        try (Cosockets runtime = Cosockets.create();
                SocketScope scope = runtime.openScope("eval")) {
            // Sockets wait cheapest on a virtual thread, and that is where handlers run too.
            runOnVirtualThread(() -> task.run(scope, args, System.out));
        } finally {
            System.out.flush();
        }
        return ExitCode.OK;
    }

    private interface Body {
        void run() throws Exception;
    }

    private static void runOnVirtualThread(Body body) throws Exception {
        FutureTask<Void> task =
                new FutureTask<>(
                        () -> {
                            body.run();
                            return null;
                        });
        Thread.ofVirtual().name("eval").start(task);
        try {
            task.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case Exception failure -> throw failure;
                case Error error -> throw error;
                default -> throw e;
            }
        }
    }

    private EvalTask compile() throws ReflectiveOperationException {
        List<Path> extra =
                classPath == null
                        ? List.of()
                        : Arrays.stream(classPath.split(java.io.File.pathSeparator))
                                .map(Path::of)
                                .toList();
        URI uri = URI.create("memory:///" + CLASS_NAME + ".java");
        MemoryClasses compiled = new SourceCompiler(extra).compileText("eval", uri, source());
        Class<?> type = compiled.loader(HandlerLoader.urls(extra)).loadClass(CLASS_NAME);
        return (EvalTask) type.getConstructor().newInstance();
    }

    /** All on the first line, so that line numbers in messages are those of the statements. */
    private String source() {
        String body = statements.strip();
        String end = body.isEmpty() || body.endsWith(";") || body.endsWith("}") ? "" : ";";
        return "import module java.base; import io.cosocket.*; import io.cosocket.http.*;"
                + (" public final class " + CLASS_NAME + " implements io.cosocket.cli.EvalTask {")
                + " public void run(SocketScope sockets, List<String> args,"
                + " java.io.PrintStream out) throws Exception { "
                + body
                + end
                + "\n}}\n";
    }
}
