package io.cosocket.websocket;

import java.util.Arrays;

/**
 * One frame as {@link WebSocket#receiveFrame()} gives it ({@code recv_frame}).
 *
 * @param kind what it carries
 * @param payload unmasked and inflated, a fresh array; a text frame may end within a character
 * @param last whether it ends its message; always true for control frames
 */
public record Frame(Kind kind, byte[] payload, boolean last) {
    /** The opcodes of RFC 6455 section 5.2. */
    public enum Kind {
        /** Goes on with the message begun before. */
        CONTINUATION,
        /** Begins a text message. */
        TEXT,
        /** Begins a binary message. */
        BINARY,
        /** Ends the connection. */
        CLOSE,
        /** Asks for a pong; it was answered already. */
        PING,
        /** Answers a ping, or comes unasked. */
        PONG
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Frame frame
                && kind == frame.kind
                && last == frame.last
                && Arrays.equals(payload, frame.payload);
    }

    @Override
    public int hashCode() {
        return 31 * kind.hashCode() + Arrays.hashCode(payload);
    }

    @Override
    public String toString() {
        return "Frame[" + kind + ", " + payload.length + " bytes" + (last ? ", last]" : "]");
    }
}
