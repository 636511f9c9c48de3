package io.cosocket.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import javax.tools.ToolProvider;

class SourceCompilerTest {
    private static final String TEXT =
            "package p; class Text { static String of() { return %s; } }";
    private static final String USER =
            "package p; public class User { public static String text() { return Text.of(); } }";

    @TempDir Path folder;

    @Test
    void sourceGoesBeforeItsOlderBuildOnTheClassPath() throws Exception {
        build(write("Text.java", TEXT.formatted("\"old\"")));
        Path text = write("Text.java", TEXT.formatted("\"new\""));
        Path user = write("User.java", USER);

        assertEquals("new", textOf(List.of(user, text)));
    }

    @Test
    void classOfTheClassPathIsSeenWithinItsPackage() throws Exception {
        Path text = write("Text.java", TEXT.formatted("\"built\""));
        build(text);
        Files.delete(text);

        assertEquals("built", textOf(List.of(write("User.java", USER))));
    }

    @Test
    void sourceOnTheClassPathIsCompiledWhenItIsUsed() throws Exception {
        write("Text.java", TEXT.formatted("\"found\""));

        assertEquals("found", textOf(List.of(write("User.java", USER))));
    }

    @Test
    void textThatIsNotUtf8IsRefusedWithItsPlace() throws Exception {
        Path file = write("Text.java", "");
        Files.write(file, TEXT.formatted("\n\"é\"").getBytes(StandardCharsets.ISO_8859_1));

        CommandFailure failure = assertThrows(CommandFailure.class, () -> textOf(List.of(file)));

        assertEquals(ExitCode.HANDLER, failure.exitCode());
        assertTrue(
                failure.getMessage().contains("Text.java:2: unmappable character"),
                failure.getMessage());
    }

    private Path write(String name, String text) throws IOException {
        Path parent = Files.createDirectories(folder.resolve("p"));
        return Files.writeString(parent.resolve(name), text);
    }

    /** Compiles into the folder, as javac does. */
    private void build(Path source) {
        String[] arguments = {"-d", folder.toString(), source.toString()};
        assertEquals(0, ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments));
    }

    private String textOf(List<Path> sources) throws Exception {
        List<Path> classPath = List.of(folder);
        ClassLoader loader =
                new SourceCompiler(classPath)
                        .compileFiles(sources)
                        .loader(HandlerLoader.urls(classPath));
        return String.valueOf(loader.loadClass("p.User").getMethod("text").invoke(null));
    }
}
