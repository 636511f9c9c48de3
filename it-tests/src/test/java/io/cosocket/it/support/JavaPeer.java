package io.cosocket.it.support;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Another Java server, run from one source file among the test resources. */
public final class JavaPeer {
    private JavaPeer() {}

    /** Starts it and returns once it printed the address it listens on, as our command does. */
    public static RunningServer start(String source, String classPath, List<String> jvmOptions)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions);
        command.addAll(List.of("-cp", classPath));
        command.add(Path.of("src/test/resources/peers", source).toString());
        return RunningServer.start(new ProcessBuilder(command));
    }
}
