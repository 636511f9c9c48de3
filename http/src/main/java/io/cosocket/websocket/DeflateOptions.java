package io.cosocket.websocket;

/**
 * How permessage-deflate (RFC 7692) is negotiated and used.
 *
 * <p>Each direction that keeps its context holds native memory: about 260 KiB for sending and 45
 * KiB for receiving, from the first compressed message on. The JDK's compressor has a window of 15
 * bits only; a peer that asks for a smaller one gets data without back references, which is valid
 * for any window but compresses less.
 *
 * @param serverNoContextTakeover the server compresses each message on its own
 * @param clientNoContextTakeover the client compresses each message on its own
 * @param level 1 (fastest) to 9 (smallest), or −1 for the library's default
 * @param leastBytes shorter messages are sent uncompressed; at least 0
 */
public record DeflateOptions(
        boolean serverNoContextTakeover,
        boolean clientNoContextTakeover,
        int level,
        int leastBytes) {
    private static final DeflateOptions DEFAULTS = new DeflateOptions(false, false, -1, 0);

    /** Checks the ranges. */
    public DeflateOptions {
        if (level < -1 || level == 0 || level > 9) {
            throw new IllegalArgumentException(
                    "bad deflate level: " + level + " (allowed: -1, 1 to 9)");
        }
        if (leastBytes < 0) {
            throw new IllegalArgumentException(
                    "bad least bytes to deflate: " + leastBytes + " (allowed: 0 or more)");
        }
    }

    /** Gives context take-over both ways, the default level, every message compressed. */
    public static DeflateOptions defaults() {
        return DEFAULTS;
    }

    /** Gives a copy that says whether the server drops its context after each message. */
    public DeflateOptions withServerNoContextTakeover(boolean drop) {
        return new DeflateOptions(drop, clientNoContextTakeover, level, leastBytes);
    }

    /** Gives a copy that says whether the client drops its context after each message. */
    public DeflateOptions withClientNoContextTakeover(boolean drop) {
        return new DeflateOptions(serverNoContextTakeover, drop, level, leastBytes);
    }

    /** Gives a copy with another level. */
    public DeflateOptions withLevel(int level) {
        return new DeflateOptions(
                serverNoContextTakeover, clientNoContextTakeover, level, leastBytes);
    }

    /** Gives a copy that compresses messages from this size on. */
    public DeflateOptions withLeastBytes(int bytes) {
        return new DeflateOptions(serverNoContextTakeover, clientNoContextTakeover, level, bytes);
    }
}
