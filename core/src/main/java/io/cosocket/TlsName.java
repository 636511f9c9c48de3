package io.cosocket;

import org.jspecify.annotations.Nullable;

import javax.net.ssl.SNIHostName;

/** Server names: what is sent to the peer, and what its certificate has to hold. */
final class TlsName {
    private TlsName() {}

    /**
     * Gives the name without the brackets of an IPv6 literal, its zone, or a final dot. Letters of
     * any script are allowed, and the underscore, which names of services have.
     */
    static String check(String name) {
        Checks.notNull("server name", name);
        String bare = name;
        if (bare.startsWith("[") && bare.endsWith("]")) {
            bare = bare.substring(1, bare.length() - 1);
        }
        int zone = bare.indexOf('%');
        if (zone > 0) {
            bare = bare.substring(0, zone);
        }
        if (bare.endsWith(".")) {
            bare = bare.substring(0, bare.length() - 1);
        }
        if (bare.isEmpty()
                || bare.length() > 255
                || !bare.chars()
                        .allMatch(c -> Character.isLetterOrDigit(c) || "-_.:".indexOf(c) >= 0)) {
            throw new IllegalArgumentException(
                    "bad server name: \"" + name + "\" (allowed: a DNS name or an IP literal)");
        }
        return bare;
    }

    /**
     * Gives the name as it is sent, or null for what cannot be: an IP literal, which RFC 6066
     * forbids, and a name that is none for the JDK, as one with an underscore.
     */
    static @Nullable SNIHostName indication(String name) {
        if (isLiteral(name)) {
            return null;
        }
        try {
            return new SNIHostName(name);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static boolean isLiteral(String name) {
        return name.indexOf(':') >= 0
                || name.chars().allMatch(c -> c == '.' || c >= '0' && c <= '9');
    }
}
