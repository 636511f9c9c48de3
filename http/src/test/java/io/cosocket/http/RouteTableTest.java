package io.cosocket.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RouteTableTest {
    @ParameterizedTest
    @CsvSource({
        "/exact, /exact",
        "/exact/, /*",
        "/a, /a/*",
        "/a/x, /a/*",
        "/a/b, /a/b/*",
        "/a/b/c.txt, /a/b/*",
        "/ab, /*",
        "/page.txt, *.txt",
        "/dir.txt/page, /*",
        "/, /*",
    })
    void findsTheMostSpecificPattern(String path, String pattern) {
        RouteTable<String> table = new RouteTable<>();
        for (String known : new String[] {"/*", "*.txt", "/a/*", "/a/b/*", "/exact"}) {
            table.add(known, known);
        }

        assertEquals(pattern, table.find(path));
    }

    @Test
    void findsNothingWhenNothingMatches() {
        RouteTable<String> table = new RouteTable<>();
        table.add("/a/*", "a");

        assertNull(table.find("/b"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "*", "/a*", "/a/*/b", "*.", "*.a.b", "*.a/b", "/**"})
    void refusesAPatternOfAnotherForm(String pattern) {
        RouteTable<String> table = new RouteTable<>();

        IllegalArgumentException error =
                assertThrows(IllegalArgumentException.class, () -> table.add(pattern, "x"));
        assertTrue(error.getMessage().startsWith("bad pattern: " + pattern), error.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/*", "/a/*", "*.txt", "/exact"})
    void refusesAPatternTwice(String pattern) {
        RouteTable<String> table = new RouteTable<>();
        table.add(pattern, "first");

        assertThrows(IllegalArgumentException.class, () -> table.add(pattern, "second"));
    }
}
