package io.cosocket.it.support;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Gives commands to another Java process. */
public final class Jcmd {
    private Jcmd() {}

    /** Runs one diagnostic command and gives what it printed. */
    public static String run(ProcessHandle target, String... command)
            throws IOException, InterruptedException {
        List<String> call = new ArrayList<>();
        call.add(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString());
        call.add(String.valueOf(target.pid()));
        call.addAll(List.of(command));
        return Command.output(call.toArray(String[]::new));
    }
}
