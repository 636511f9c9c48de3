package io.cosocket.it.support;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** How to call the packaged jar: on which Java, with which options and variables. */
public record CosocketJar(Path java, List<String> jvmOptions, Map<String, String> environment) {
    private static final Path JAR = Path.of(System.getProperty("cosocket.jar")).normalize();
    private static final Path EXAMPLES =
            Path.of(System.getProperty("cosocket.examples")).normalize();
    private static final Path HANDLERS = Path.of("src/test/handlers").toAbsolutePath();

    /** Calls it on the Java that runs this test. */
    public static CosocketJar onThisJava() {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        return new CosocketJar(java, List.of(), Map.of());
    }

    /** Calls it on the machine's default Java, which may be an older one. */
    public static CosocketJar onDefaultJava() {
        return new CosocketJar(Path.of("java"), List.of(), Map.of());
    }

    /** Gives the path of an example's source. */
    public static String example(String name) {
        return EXAMPLES.resolve(name + ".java").toString();
    }

    /** Gives the path of a handler that only tests use. */
    public static String handler(String name) {
        return HANDLERS.resolve(name + ".java").toString();
    }

    /** Gives a copy with more JVM options. */
    public CosocketJar withJvm(String... options) {
        return new CosocketJar(
                java, Stream.concat(jvmOptions.stream(), Stream.of(options)).toList(), environment);
    }

    /** Gives a copy with one more environment variable. */
    public CosocketJar withVariable(String name, String value) {
        Map<String, String> variables = new HashMap<>(environment);
        variables.put(name, value);
        return new CosocketJar(java, jvmOptions, Map.copyOf(variables));
    }

    /** Starts {@code cosocket run -p 0} and returns once it listens. */
    public RunningServer serve(String... handlers) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("run", "-p", "0"));
        arguments.addAll(List.of(handlers));
        return start(arguments);
    }

    /** Starts a command that serves, with nothing added, and returns once it listens. */
    public RunningServer start(List<String> arguments) throws IOException {
        return RunningServer.start(builder(arguments));
    }

    /** Runs a command to its end. */
    public Outcome call(String... arguments) throws IOException, InterruptedException {
        return Command.run(builder(List.of(arguments)));
    }

    /** Prepares a process in a session of its own, in which no signal is ignored. */
    private ProcessBuilder builder(List<String> arguments) {
        // A build that runs in the background would hand on an ignored SIGINT.
        List<String> command = new ArrayList<>();
        command.addAll(List.of("setsid", "env", "--default-signal=INT,TERM,HUP"));
        command.add(java.toString());
        command.addAll(jvmOptions);
        command.addAll(List.of("-jar", JAR.toString()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("COSOCKET_"));
        builder.environment().remove("JDK_JAVA_OPTIONS");
        builder.environment().putAll(environment);
        return builder;
    }

    /** What a finished call left behind. */
    public record Outcome(int status, String out, String err) {}
}
