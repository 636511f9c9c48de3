package io.cosocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Each case of the original's suite is the tag of a test in one of the modules, or stands in the
 * table of those that a Java API makes impossible. {@code conformance-ids.txt} lists the cases as
 * {@code area,id}.
 */
class ConformanceCoverageTest {
    private static final Path IDS = Path.of("src/test/conformance-ids.txt");
    private static final Path IMPOSSIBLE = Path.of("src/test/conformance-not-applicable.csv");
    private static final Pattern TAG = Pattern.compile("@Tag\\(\"([^\"]+)\"\\)");

    @Test
    void everyCaseIsTestedOrImpossible() throws IOException {
        Set<String> known = tags();
        known.addAll(impossible());

        List<String> missing =
                Files.readAllLines(IDS).stream()
                        .filter(line -> !known.contains(line.substring(line.indexOf(',') + 1)))
                        .toList();

        assertEquals(List.of(), missing);
    }

    @Test
    void noCaseIsBothTestedAndImpossible() throws IOException {
        Set<String> both = new TreeSet<>(impossible());
        both.retainAll(tags());

        assertEquals(Set.of(), both);
    }

    @Test
    void theListsAreSortedAndWithoutRepetition() throws IOException {
        List<String> ids = Files.readAllLines(IDS);
        assertEquals(List.copyOf(new TreeSet<>(ids)), ids);
        List<String> impossible = impossible();
        assertEquals(List.copyOf(new TreeSet<>(impossible)), impossible);
    }

    private static List<String> impossible() throws IOException {
        List<String> rows = Files.readAllLines(IMPOSSIBLE);
        assertEquals("id,reason", rows.getFirst());
        return rows.stream().skip(1).map(ConformanceCoverageTest::id).toList();
    }

    private static String id(String row) {
        int comma = row.indexOf(',');
        assertFalse(row.substring(comma + 1).isBlank(), () -> "no reason: " + row);
        return row.substring(0, comma);
    }

    /** Collects the tags of all modules: a case may need a server, which core does not have. */
    private static Set<String> tags() throws IOException {
        Set<String> tags = new HashSet<>();
        try (Stream<Path> modules = Files.list(Path.of("").toAbsolutePath().getParent())) {
            for (Path module : modules.toList()) {
                Path sources = module.resolve("src/test/java");
                if (Files.isDirectory(sources)) {
                    addTags(sources, tags);
                }
            }
        }
        return tags;
    }

    private static void addTags(Path sources, Set<String> tags) throws IOException {
        try (Stream<Path> files = Files.walk(sources)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
                TAG.matcher(Files.readString(file)).results().forEach(m -> tags.add(m.group(1)));
            }
        }
    }
}
