package io.cosocket.launch;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The JVM options of this process, for a child that is to run with the same ones. */
final class JvmOptions {
    private JvmOptions() {}

    /**
     * Returns the options given on the command line before {@code -jar} or the main class. Those of
     * {@code JDK_JAVA_OPTIONS} and its like are left out, since the child inherits the variables.
     */
    static List<String> ofThisProcess(String[] programArgs) {
        return ProcessHandle.current()
                .info()
                .arguments()
                .map(all -> fromCommandLine(Arrays.asList(all), programArgs.length))
                // Some systems do not tell a process its command line, or cut a long one.
                .orElseGet(() -> fromVirtualMachine(System.getenv()));
    }

    /** Returns null when these are not the arguments of a call that starts the launcher. */
    static List<String> fromCommandLine(List<String> all, int programArgCount) {
        int end = all.size() - programArgCount;
        for (int i = 0; i < end; i++) {
            String argument = all.get(i);
            if (argument.equals("-jar") || argument.equals(Launcher.class.getName())) {
                return List.copyOf(all.subList(0, i));
            }
        }
        return null;
    }

    private static List<String> fromVirtualMachine(Map<String, String> environment) {
        List<String> options =
                new ArrayList<>(ManagementFactory.getRuntimeMXBean().getInputArguments());
        for (String name : List.of("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS")) {
            for (String option : environment.getOrDefault(name, "").trim().split("\\s+")) {
                options.remove(option);
            }
        }
        return options;
    }
}
