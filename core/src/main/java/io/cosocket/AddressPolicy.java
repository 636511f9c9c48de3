package io.cosocket;

/** In which order the addresses of a name are tried. A failed one is followed by the next. */
public enum AddressPolicy {
    /** In a random order, drawn anew for every connect, as the original picks. The default. */
    RANDOM,
    /** As the resolver returned them. */
    IN_ORDER
}
