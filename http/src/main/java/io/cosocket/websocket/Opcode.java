package io.cosocket.websocket;

/** The opcodes of RFC 6455 section 5.2; the ordinals of {@link Frame.Kind} follow them. */
final class Opcode {
    static final int CONTINUATION = 0;
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    private Opcode() {}

    static boolean isControl(int opcode) {
        return opcode >= CLOSE;
    }

    static Frame.Kind kind(int opcode) {
        return switch (opcode) {
            case CONTINUATION -> Frame.Kind.CONTINUATION;
            case TEXT -> Frame.Kind.TEXT;
            case BINARY -> Frame.Kind.BINARY;
            case CLOSE -> Frame.Kind.CLOSE;
            case PING -> Frame.Kind.PING;
            default -> Frame.Kind.PONG;
        };
    }
}
