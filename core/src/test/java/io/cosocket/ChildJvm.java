package io.cosocket;

import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a main class of the tests in a JVM of its own. */
public final class ChildJvm {
    private ChildJvm() {}

    /**
     * Gives what the class printed.
     *
     * @param limits shell commands before the JVM starts, such as {@code ulimit -n 64}
     */
    public static String run(String limits, List<String> jvmOptions, Class<?> main)
            throws Exception {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        command.addAll(jvmOptions);
        command.add("-cp");
        command.add(classPath());
        command.add(main.getName());
        String line = limits + "; exec \"$@\"";
        command.addAll(0, List.of("sh", "-c", line, "sh"));
        Path output = Files.createTempFile("child", ".out");
        Process child =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        try {
            if (!child.waitFor(60, TimeUnit.SECONDS)) {
                throw new IOException("the child hangs: " + Files.readString(output));
            }
            String printed = Files.readString(output);
            if (child.exitValue() != 0) {
                throw new IOException("exit " + child.exitValue() + ": " + printed);
            }
            return printed;
        } finally {
            child.destroyForcibly();
            Files.delete(output);
        }
    }

    /** All on the class path: the tests may run within the module, the child does not. */
    private static String classPath() throws Exception {
        String own = System.getProperty("test.classes", "");
        if (own.isEmpty()) {
            own = System.getProperty("basedir", ".") + "/target/test-classes";
        }
        return String.join(
                ":",
                location(Cosockets.class),
                own,
                location(org.slf4j.Logger.class),
                location(LoggerFactory.getILoggerFactory().getClass()),
                location(org.xbill.DNS.Name.class));
    }

    private static String location(Class<?> of) throws Exception {
        return Path.of(of.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    }
}
