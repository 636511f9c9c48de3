package io.cosocket.http;

/** Checks header names and values before they can split a response. */
final class Headers {
    private static final String SEPARATORS = "\"(),/:;<=>?@[\\]{}";

    private Headers() {}

    static void checkName(String name) {
        boolean good = !name.isEmpty();
        for (int i = 0; good && i < name.length(); i++) {
            char c = name.charAt(i);
            good = c > ' ' && c < 127 && SEPARATORS.indexOf(c) < 0;
        }
        if (!good) {
            throw new IllegalArgumentException(
                    "bad header name: " + shown(name) + " (allowed: a token of RFC 9110)");
        }
    }

    static void checkValue(String name, String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < ' ' && c != '\t' || c == 127 || c > 255) {
                throw new IllegalArgumentException(
                        "bad value of header "
                                + name
                                + ": "
                                + shown(value)
                                + " (allowed: ISO-8859-1 without CR, LF or other control"
                                + " characters)");
            }
        }
    }

    /** The framing is the server's: a wrong word here would break the connection for both ends. */
    static void checkFraming(String name, String value) {
        if (name.equalsIgnoreCase("Transfer-Encoding")) {
            throw new IllegalArgumentException(
                    "bad header: Transfer-Encoding (allowed: none, the server sets it)");
        }
        if (name.equalsIgnoreCase("Content-Length")
                && !(value.length() < 19 && value.matches("[0-9]+"))) {
            throw new IllegalArgumentException(
                    "bad value of header Content-Length: "
                            + shown(value)
                            + " (allowed: a count of bytes)");
        }
    }

    private static String shown(String text) {
        StringBuilder shown = new StringBuilder("\"");
        for (int i = 0; i < Math.min(text.length(), 80); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c == 127) {
                shown.append(String.format("\\x%02x", (int) c));
            } else {
                shown.append(c);
            }
        }
        return shown.append('"').toString();
    }
}
