package io.cosocket.websocket;

/**
 * What a peer may send. Whoever exceeds one is failed with close code 1009 before the bytes are
 * read or kept.
 *
 * @param frameBytes payload of one frame on the wire; at least 125, 17 MiB by default (what does
 *     not compress grows by a trifle)
 * @param messageBytes one message, inflated; at least 1, 16 MiB by default; whole messages above 2
 *     GiB can only be streamed
 * @param fragments frames of one message; at least 1, 131,072 by default
 */
public record Limits(long frameBytes, long messageBytes, int fragments) {
    private static final Limits DEFAULTS = new Limits(17 << 20, 16 << 20, 1 << 17);

    /** Checks the ranges. */
    public Limits {
        check("frame limit", frameBytes, 125);
        check("message limit", messageBytes, 1);
        check("fragment limit", fragments, 1);
    }

    /** Gives the defaults. */
    public static Limits defaults() {
        return DEFAULTS;
    }

    /** Gives a copy with another limit for frames. */
    public Limits withFrameBytes(long bytes) {
        return new Limits(bytes, messageBytes, fragments);
    }

    /** Gives a copy with another limit for messages. */
    public Limits withMessageBytes(long bytes) {
        return new Limits(frameBytes, bytes, fragments);
    }

    /** Gives a copy with another limit for the count of fragments. */
    public Limits withFragments(int count) {
        return new Limits(frameBytes, messageBytes, count);
    }

    private static void check(String what, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException(
                    "bad " + what + ": " + value + " (allowed: " + least + " or more)");
        }
    }
}
