package io.cosocket.http;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the most specific pattern for a path: exact path, longest {@code /prefix/*}, {@code *.ext},
 * {@code /*}. Filled before the server starts, only read afterwards.
 */
final class RouteTable<T> {
    private record Prefix<T>(String path, T target) {}

    private final Map<String, T> exact = new HashMap<>();
    private final List<Prefix<T>> prefixes = new ArrayList<>();
    private final Map<String, T> extensions = new HashMap<>();
    private @Nullable T any;

    /**
     * Adds a pattern.
     *
     * @throws IllegalArgumentException when it has none of the four forms or is there already
     */
    void add(String pattern, T target) {
        if (pattern.equals("/*")) {
            refuseSecond(pattern, any);
            any = target;
        } else if (isExtension(pattern)) {
            refuseSecond(pattern, extensions.putIfAbsent(pattern.substring(2), target));
        } else if (isPrefix(pattern)) {
            String path = pattern.substring(0, pattern.length() - 2);
            for (Prefix<T> known : prefixes) {
                refuseSecond(pattern, known.path.equals(path) ? known : null);
            }
            prefixes.add(new Prefix<>(path, target));
            prefixes.sort(Comparator.comparingInt((Prefix<T> p) -> p.path.length()).reversed());
        } else if (isExact(pattern)) {
            refuseSecond(pattern, exact.putIfAbsent(pattern, target));
        } else {
            throw new IllegalArgumentException(
                    "bad pattern: " + pattern + " (allowed: /exact, /prefix/*, *.ext, /*)");
        }
    }

    /** Gives what the most specific matching pattern leads to, or null. */
    @Nullable T find(String path) {
        T found = exact.isEmpty() ? null : exact.get(path);
        if (found != null) {
            return found;
        }
        for (int i = 0; i < prefixes.size(); i++) {
            Prefix<T> prefix = prefixes.get(i);
            if (isBelow(path, prefix.path)) {
                return prefix.target;
            }
        }
        if (!extensions.isEmpty()) {
            int dot = path.lastIndexOf('.');
            found = dot > path.lastIndexOf('/') ? extensions.get(path.substring(dot + 1)) : null;
        }
        return found == null ? any : found;
    }

    private static boolean isBelow(String path, String prefix) {
        return path.startsWith(prefix)
                && (path.length() == prefix.length() || path.charAt(prefix.length()) == '/');
    }

    private static boolean isExtension(String pattern) {
        return pattern.length() > 2
                && pattern.startsWith("*.")
                && pattern.indexOf('*', 1) < 0
                && pattern.indexOf('/') < 0
                && pattern.indexOf('.', 2) < 0;
    }

    private static boolean isPrefix(String pattern) {
        return pattern.startsWith("/")
                && pattern.endsWith("/*")
                && pattern.indexOf('*') == pattern.length() - 1;
    }

    private static boolean isExact(String pattern) {
        return pattern.startsWith("/") && pattern.indexOf('*') < 0;
    }

    private static void refuseSecond(String pattern, @Nullable Object known) {
        if (known != null) {
            throw new IllegalArgumentException(
                    "bad pattern: " + pattern + " (it is there already)");
        }
    }
}
