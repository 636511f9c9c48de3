package io.cosocket.websocket;

/**
 * The opening handshake failed. On a server the HTTP answer with {@link #status()} was sent; on a
 * client the socket is closed.
 */
public final class WebSocketHandshakeException extends WebSocketException {
    private static final long serialVersionUID = 1L;

    /** The HTTP status. */
    private final int status;

    WebSocketHandshakeException(int status, String reason) {
        super(
                CloseCode.PROTOCOL_ERROR,
                reason,
                "websocket handshake: " + reason + " (status " + status + ")");
        this.status = status;
    }

    /** Makes the error of a server, which has nothing to trace: the fault is the client's. */
    static WebSocketHandshakeException refused(int status, String reason) {
        WebSocketHandshakeException error = new WebSocketHandshakeException(status, reason);
        error.setStackTrace(new StackTraceElement[0]);
        return error;
    }

    /** Gives the HTTP status that the server answered with. */
    public int status() {
        return status;
    }
}
