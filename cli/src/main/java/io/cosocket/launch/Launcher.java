package io.cosocket.launch;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The main class of {@code cosocket.jar}. On a new enough Java it calls the command line at once;
 * on an older one (17 at least) it finds a JDK, starts the command line there as a child process,
 * hands on JVM options, arguments and signals, and ends with the child's exit status.
 */
public final class Launcher {
    static final int FEATURE_MIN = 25;

    private static final String COMMAND_LINE = "io.cosocket.cli.Main";
    private static final int FAILURE = 1;

    private Launcher() {}

    /** Runs the command line with these arguments; does not return while it runs. */
    public static void main(String[] args) throws Throwable {
        if (Runtime.version().feature() >= FEATURE_MIN) {
            if (StubLink.childSide()) {
                StopSignals.install();
            }
            callCommandLine(args);
        } else {
            System.exit(runChild(args));
        }
    }

    private static void callCommandLine(String[] args) throws Throwable {
        try {
            // The stub is compiled for an older release and cannot name a newer class.
            Class.forName(COMMAND_LINE)
                    .getMethod("main", String[].class)
                    .invoke(null, (Object) args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static int runChild(String[] args) {
        if (StubLink.childSide()) {
            return fail("the JDK that was found says it is newer than it is");
        }
        try {
            Path javaHome = JavaHomes.newest(System.getenv());
            return supervise(command(javaHome, args), args);
        } catch (JavaHomes.NotFoundException | IOException e) {
            return fail(e.getMessage());
        }
    }

    private static List<String> command(Path javaHome, String[] args) {
        List<String> command = new ArrayList<>();
        command.add(JavaHomes.executable(javaHome).toString());
        command.addAll(JvmOptions.ofThisProcess(args));
        // The manifest's own attributes count only for "java -jar".
        command.add("--add-exports=java.base/sun.nio.ch=ALL-UNNAMED");
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-classpath");
        command.add(System.getProperty("java.class.path"));
        return command;
    }

    private static int supervise(List<String> command, String[] args) throws IOException {
        try (StubLink link = StubLink.listen()) {
            command.addAll(link.childOptions());
            command.add(Launcher.class.getName());
            command.addAll(List.of(args));
            Signals.ignore("HUP");
            Process child = new ProcessBuilder(command).inheritIO().start();
            Signals.handle("INT", number -> link.forward(number, child));
            Signals.handle("TERM", number -> link.forward(number, child));
            link.acceptInBackground();
            return exitStatus(child);
        }
    }

    private static int exitStatus(Process child) {
        while (true) {
            try {
                return child.waitFor();
            } catch (InterruptedException e) {
                // Nobody interrupts this thread on purpose, and the child still runs.
            }
        }
    }

    private static int fail(String message) {
        System.err.println("cosocket: " + message);
        return FAILURE;
    }
}
