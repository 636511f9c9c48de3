package io.cosocket.cli;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The code of the README. */
class ReadmeTest {
    private static final Pattern BLOCK =
            Pattern.compile("```java\n(.*?)```", Pattern.DOTALL | Pattern.MULTILINE);

    @Test
    void everyJavaExampleCompiles() throws IOException {
        List<String> blocks =
                BLOCK.matcher(Files.readString(Path.of("../README.md")))
                        .results()
                        .map((MatchResult block) -> block.group(1))
                        .toList();

        assertEquals(2, blocks.size());
        for (String block : blocks) {
            String source =
                    block.contains("class ")
                            ? block
                            : "import io.cosocket.*;\nclass Example { void run() throws Exception {"
                                    + block
                                    + "}}";
            URI uri = URI.create("memory:///Example.java");
            assertDoesNotThrow(
                    () -> new SourceCompiler(List.of()).compileText("README", uri, source));
        }
    }
}
