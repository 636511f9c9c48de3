package io.cosocket.launch;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds installed JDKs where Maven's toolchain discovery would find them. */
final class JavaHomes {
    /** Says in one line that no JDK is there, and where it was looked for. */
    static final class NotFoundException extends Exception {
        private static final long serialVersionUID = 1;

        NotFoundException(String message) {
            super(message);
        }
    }

    private static final Pattern VERSION = Pattern.compile("JAVA_VERSION=\"(\\d+)");
    private static final Pattern TOOLCHAIN = Pattern.compile("<jdkHome>\\s*([^<]+?)\\s*</jdkHome>");
    private static final List<String> USER_FOLDERS =
            List.of(
                    ".jdks",
                    ".m2/jdks",
                    ".sdkman/candidates/java",
                    ".gradle/jdks",
                    ".jenv/versions",
                    ".jbang/cache/jdks",
                    ".asdf/installs/java",
                    ".jabba/jdk",
                    "Library/Java/JavaVirtualMachines");
    private static final List<String> SYSTEM_FOLDERS =
            List.of(
                    "/usr/lib/jvm",
                    "/usr/lib64/jvm",
                    "/usr/java",
                    "/usr/jdk",
                    "/usr/local/java",
                    "/opt",
                    "/opt/java",
                    "/opt/jdk",
                    "/Library/Java/JavaVirtualMachines",
                    "/opt/homebrew/opt",
                    "/usr/local/opt",
                    "C:/Program Files/Java",
                    "C:/Program Files/Eclipse Adoptium");

    private JavaHomes() {}

    /**
     * Returns the home to use: what {@code COSOCKET_JAVA_HOME} names, else the first of {@code
     * JAVA_HOME} and {@code PATH} that is new enough, else the newest one installed. A JDK goes
     * before an installation that has no compiler.
     */
    static Path newest(Map<String, String> environment) throws NotFoundException {
        String asked = environment.get("COSOCKET_JAVA_HOME");
        if (asked != null && !asked.isEmpty()) {
            Path home = Path.of(asked);
            if (feature(home) >= Launcher.FEATURE_MIN) {
                return home;
            }
            throw new NotFoundException(
                    "COSOCKET_JAVA_HOME="
                            + asked
                            + " is not a JDK "
                            + Launcher.FEATURE_MIN
                            + " or newer");
        }
        List<Path> homes = new ArrayList<>(named(environment));
        List<Path> installed = installed(environment);
        installed.sort(Comparator.comparingInt(JavaHomes::feature).reversed());
        homes.addAll(installed);
        homes.removeIf(home -> feature(home) < Launcher.FEATURE_MIN);
        return homes.stream()
                .filter(JavaHomes::hasCompiler)
                .findFirst()
                .or(() -> homes.stream().findFirst())
                .orElseThrow(() -> new NotFoundException(nothingFound()));
    }

    static Path executable(Path home) {
        Path windows = home.resolve("bin/java.exe");
        return Files.exists(windows) ? windows : home.resolve("bin/java");
    }

    private static String nothingFound() {
        return "needs a JDK "
                + Launcher.FEATURE_MIN
                + " or newer (this is Java "
                + System.getProperty("java.version")
                + "), and found none in JAVA_HOME, PATH or the usual places;"
                + " name one in COSOCKET_JAVA_HOME";
    }

    private static Set<Path> named(Map<String, String> environment) {
        Set<Path> homes = new LinkedHashSet<>();
        addHome(homes, environment.get("JAVA_HOME"));
        for (String folder : environment.getOrDefault("PATH", "").split(File.pathSeparator)) {
            if (folder.isEmpty()) {
                continue;
            }
            try {
                // The command is often a symbolic link: its target lies in the home's bin.
                Path java = Path.of(folder, "java").toRealPath();
                Path bin = java.getParent();
                if (bin != null && bin.getParent() != null) {
                    homes.add(bin.getParent());
                }
            } catch (IOException | RuntimeException e) {
                // No java there.
            }
        }
        return homes;
    }

    private static List<Path> installed(Map<String, String> environment) {
        Set<Path> homes = new LinkedHashSet<>();
        environment.forEach(
                (name, value) -> {
                    // The convention of build servers: JAVA25_HOME, JAVA_HOME_25_X64.
                    if (name.startsWith("JAVA") && name.contains("_HOME")) {
                        addHome(homes, value);
                    }
                });
        Path user = Path.of(System.getProperty("user.home", "."));
        addToolchains(homes, user.resolve(".m2/toolchains.xml"));
        for (String folder : USER_FOLDERS) {
            addChildren(homes, user.resolve(folder));
        }
        for (String folder : SYSTEM_FOLDERS) {
            addChildren(homes, Path.of(folder));
        }
        return new ArrayList<>(homes);
    }

    private static void addHome(Set<Path> homes, String value) {
        if (value != null && !value.isEmpty()) {
            try {
                homes.add(Path.of(value));
            } catch (RuntimeException e) {
                // Not a path, so not a home.
            }
        }
    }

    private static void addToolchains(Set<Path> homes, Path file) {
        try {
            Matcher home = TOOLCHAIN.matcher(Files.readString(file));
            while (home.find()) {
                addHome(homes, home.group(1));
            }
        } catch (IOException e) {
            // Most users have no such file.
        }
    }

    private static void addChildren(Set<Path> homes, Path folder) {
        try (DirectoryStream<Path> children = Files.newDirectoryStream(folder)) {
            for (Path child : children) {
                homes.add(child);
                homes.add(child.resolve("Contents/Home"));
                homes.add(child.resolve("libexec/openjdk.jdk/Contents/Home"));
            }
        } catch (IOException | RuntimeException e) {
            // No such folder, or not ours to read.
        }
    }

    /** The feature release that the home's own {@code release} file names, 0 if there is none. */
    private static int feature(Path home) {
        try {
            Matcher version = VERSION.matcher(Files.readString(home.resolve("release")));
            return version.find() && Files.exists(executable(home))
                    ? Integer.parseInt(version.group(1))
                    : 0;
        } catch (IOException | RuntimeException e) {
            return 0;
        }
    }

    private static boolean hasCompiler(Path home) {
        return Files.exists(home.resolve("bin/javac"))
                || Files.exists(home.resolve("bin/javac.exe"));
    }
}
