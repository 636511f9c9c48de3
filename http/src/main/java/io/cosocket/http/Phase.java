package io.cosocket.http;

import java.util.Locale;

/** The phases of an exchange, in their order. */
enum Phase {
    REWRITE,
    ACCESS,
    CONTENT,
    LOG;

    /** The name in messages and of scopes. */
    final String word = name().toLowerCase(Locale.ROOT);
}
