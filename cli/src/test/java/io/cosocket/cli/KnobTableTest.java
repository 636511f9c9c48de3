package io.cosocket.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.http.HttpConfig;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import picocli.CommandLine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The table of knobs in the README against the code. */
class KnobTableTest {
    private static final Pattern ROW =
            Pattern.compile("\\| `([a-z0-9.-]+)` \\|([^|]+)\\|[^|]+\\|([^|]*)\\|");
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");

    /** A value, perhaps with words that explain it; words alone stand for what has no value. */
    private static final Pattern VALUE = Pattern.compile("`([^`]+)`(:.*)?");

    private record Row(String key, String absent, List<String> flags) {}

    private static List<Row> rows = List.of();

    @BeforeAll
    static void readTable() throws IOException {
        List<Row> found = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("../README.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.lookingAt()) {
                Matcher flag = CODE.matcher(row.group(3));
                found.add(
                        new Row(
                                row.group(1),
                                row.group(2).strip(),
                                flag.results().map(result -> result.group(1)).toList()));
            }
        }
        rows = found;
    }

    @Test
    void everyKeyHasARow() {
        assertEquals(Setting.keys().stream().sorted().toList(), keys());
    }

    @Test
    void everyDefaultIsThatOfTheLibrary(@TempDir Path folder) throws Exception {
        StringBuilder text = new StringBuilder();
        for (Row row : rows) {
            Matcher value = VALUE.matcher(row.absent());
            if (value.matches()) {
                text.append(row.key()).append(" = ").append(value.group(1)).append('\n');
            }
        }
        Path file = Files.writeString(folder.resolve("defaults.conf"), text);

        HttpConfig config = Settings.read(Map.of(), Map.of(), file).http();

        assertEquals(HttpConfig.defaults(), config);
        assertTrue(text.toString().lines().count() > rows.size() / 2, text.toString());
    }

    @Test
    void everyFlagIsNamed() {
        Set<String> known = new TreeSet<>();
        CommandLine run = new CommandLine(new CosocketCommand()).getSubcommands().get("run");
        run.getCommandSpec().options().forEach(option -> known.addAll(List.of(option.names())));
        known.removeAll(Set.of("-h", "--help", "-V", "--version", "--verbose", "--config"));
        known.removeAll(Set.of("--tls-certificate", "--class-path", "--port"));
        Set<String> named = new TreeSet<>();
        rows.forEach(row -> named.addAll(row.flags()));

        assertEquals(known, named);
    }

    private static List<String> keys() {
        return rows.stream().map(Row::key).sorted().toList();
    }
}
