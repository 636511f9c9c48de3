package io.cosocket.websocket;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Reads the comma-separated header fields of the handshake (RFC 9110 section 5.6). */
final class HeaderList {
    /**
     * One extension with its parameters; a parameter without a value maps to the empty text.
     *
     * @param repeats whether a parameter came twice, which only the extension may judge
     */
    record Extension(String name, Map<String, String> parameters, boolean repeats) {}

    private final String text;
    private int at;

    private HeaderList(String text) {
        this.text = text;
    }

    /** Tells whether one of the fields lists the token, in any case. */
    static boolean contains(Iterable<String> fields, String token) {
        for (String field : fields) {
            for (String part : field.split(",")) {
                if (part.strip().equalsIgnoreCase(token)) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * Reads a list of tokens.
     *
     * @throws IllegalArgumentException when one is not a token
     */
    static List<String> tokens(Iterable<String> fields) {
        List<String> tokens = new ArrayList<>();
        for (String field : fields) {
            for (String part : field.split(",")) {
                String token = part.strip();
                if (!token.isEmpty()) {
                    tokens.add(checkToken(token));
                }
            }
        }
        return tokens;
    }

    /**
     * Reads {@code Sec-WebSocket-Extensions} (RFC 6455 section 9.1).
     *
     * @throws IllegalArgumentException when it is malformed
     */
    static List<Extension> extensions(Iterable<String> fields) {
        List<Extension> all = new ArrayList<>();
        for (String field : fields) {
            new HeaderList(field).readInto(all);
        }
        return all;
    }

    /** Gives the text back when it is a token, as names of subprotocols and headers have to be. */
    static String checkToken(String text) {
        boolean good = !text.isEmpty();
        for (int i = 0; i < text.length(); i++) {
            good &= isTokenChar(text.charAt(i));
        }
        if (!good) {
            throw new IllegalArgumentException("bad token: \"" + text + "\"");
        }
        return text;
    }

    private static boolean isTokenChar(char c) {
        return c > ' ' && c < 0x7F && "()<>@,;:\\\"/[]?={}".indexOf(c) < 0;
    }

    private void readInto(List<Extension> all) {
        do {
            skipBlanks();
            if (at == text.length() || text.charAt(at) == ',') {
                continue;
            }
            String name = token();
            Map<String, String> parameters = new LinkedHashMap<>();
            boolean repeats = false;
            while (accept(';')) {
                String parameter = token().toLowerCase(Locale.ROOT);
                String value = accept('=') ? value() : "";
                repeats |= parameters.put(parameter, value) != null;
            }
            all.add(new Extension(name.toLowerCase(Locale.ROOT), parameters, repeats));
        } while (accept(','));
        if (at < text.length()) {
            throw new IllegalArgumentException("bad extension list: \"" + text + "\"");
        }
    }

    private String value() {
        skipBlanks();
        if (at == text.length() || text.charAt(at) != '"') {
            return token();
        }
        // What a quoted value holds has to be a token too.
        StringBuilder value = new StringBuilder();
        for (at++; at < text.length() && text.charAt(at) != '"'; at++) {
            if (text.charAt(at) == '\\' && at + 1 < text.length()) {
                at++;
            }
            value.append(text.charAt(at));
        }
        if (at++ >= text.length()) {
            throw new IllegalArgumentException("bad extension list: \"" + text + "\"");
        }
        return checkToken(value.toString());
    }

    private String token() {
        skipBlanks();
        int start = at;
        while (at < text.length() && isTokenChar(text.charAt(at))) {
            at++;
        }
        return checkToken(text.substring(start, at));
    }

    private boolean accept(char expected) {
        skipBlanks();
        if (at < text.length() && text.charAt(at) == expected) {
            at++;
            return true;
        }
        return false;
    }

    private void skipBlanks() {
        while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
            at++;
        }
    }
}
