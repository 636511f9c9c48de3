package io.cosocket.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

class JavaHomesTest {
    @TempDir Path folder;

    @Test
    void namedHomeGoesBeforeAllOthers() throws Exception {
        Path asked = home("asked", "25.0.1", false);
        Path other = home("other", "27", true);

        assertEquals(
                asked,
                JavaHomes.newest(
                        Map.of(
                                "COSOCKET_JAVA_HOME",
                                asked.toString(),
                                "JAVA_HOME",
                                other.toString())));
    }

    @Test
    void namedHomeThatIsTooOldIsRefused() throws Exception {
        Path old = home("old", "17.0.15", true);

        var error =
                assertThrows(
                        JavaHomes.NotFoundException.class,
                        () -> JavaHomes.newest(Map.of("COSOCKET_JAVA_HOME", old.toString())));

        assertTrue(error.getMessage().contains(old.toString()), error.getMessage());
    }

    @Test
    void homeGoesBeforePathWhenBothAreNewEnough() throws Exception {
        Path first = home("first", "25", true);
        Path second = home("second", "26", true);

        assertEquals(
                first,
                JavaHomes.newest(
                        Map.of(
                                "JAVA_HOME",
                                first.toString(),
                                "PATH",
                                second.resolve("bin").toString())));
    }

    @Test
    void oldHomeIsPassedOverForTheOneBehindALinkInThePath() throws Exception {
        Path old = home("old", "17", true);
        Path recent = home("recent", "25.0.3", true);
        Path bin = Files.createDirectory(folder.resolve("links"));
        Files.createSymbolicLink(bin.resolve("java"), recent.resolve("bin/java"));

        assertEquals(
                recent.toRealPath(),
                JavaHomes.newest(Map.of("JAVA_HOME", old.toString(), "PATH", bin.toString())));
    }

    @Test
    void homeWithCompilerGoesBeforeOneWithout() throws Exception {
        Path runtime = home("runtime", "26", false);
        Path kit = home("kit", "25", true);

        assertEquals(
                kit,
                JavaHomes.newest(
                        Map.of(
                                "JAVA_HOME",
                                runtime.toString(),
                                "PATH",
                                kit.resolve("bin").toString())));
    }

    private Path home(String name, String version, boolean compiler) throws IOException {
        Path home = folder.toRealPath().resolve(name);
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
        Files.createFile(home.resolve("bin/java"));
        if (compiler) {
            Files.createFile(home.resolve("bin/javac"));
        }
        return home;
    }
}
