package io.cosocket.websocket;

import java.io.IOException;

/**
 * The peer broke the protocol or a limit. A close frame with {@link #code()} was sent, unless one
 * had been before, and the socket is closed.
 */
public class WebSocketException extends IOException {
    private static final long serialVersionUID = 1L;

    /** The close code. */
    private final int code;

    /** The close reason. */
    private final String reason;

    WebSocketException(int code, String reason) {
        this(code, reason, "websocket: " + reason + " (close code " + code + ")");
    }

    WebSocketException(int code, String reason, String message) {
        super(message);
        this.code = code;
        this.reason = reason;
    }

    /** Gives the close code of RFC 6455 section 7.4. */
    public int code() {
        return code;
    }

    /** Gives the close reason. */
    public String reason() {
        return reason;
    }
}
