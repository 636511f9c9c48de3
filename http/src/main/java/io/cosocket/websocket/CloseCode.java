package io.cosocket.websocket;

/** The codes of RFC 6455 section 7.4 and which of them may be on the wire. */
final class CloseCode {
    static final int NORMAL = 1000;
    static final int PROTOCOL_ERROR = 1002;

    /** Stands for a close frame without a code; never sent. */
    static final int NONE = 1005;

    static final int BAD_DATA = 1007;
    static final int TOO_BIG = 1009;

    private CloseCode() {}

    /** Tells whether a close frame may carry the code. */
    static boolean onWire(int code) {
        return code >= 1000 && code <= 1003
                || code >= 1007 && code <= 1014
                || code >= 3000 && code <= 4999;
    }
}
