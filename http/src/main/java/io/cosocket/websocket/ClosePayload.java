package io.cosocket.websocket;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The payload of close frames (RFC 6455 section 5.5.1). */
final class ClosePayload {
    private static final int MAX_REASON_BYTES = 123;
    private static final byte[] NOTHING = {};

    private ClosePayload() {}

    /**
     * Makes a payload.
     *
     * @throws IllegalArgumentException when the code must not be sent or the reason is too long
     */
    static byte[] of(int code, String reason) {
        byte[] text = TextBytes.of(reason);
        if (!CloseCode.onWire(code)) {
            throw new IllegalArgumentException(
                    "bad close code: "
                            + code
                            + " (allowed: 1000 to 1003, 1007 to 1014, 3000 to 4999)");
        }
        if (text.length > MAX_REASON_BYTES) {
            throw new IllegalArgumentException(
                    "bad close reason: " + text.length + " bytes (allowed: 0 to 123)");
        }
        byte[] payload = new byte[2 + text.length];
        FrameHeader.SHORTS.set(payload, 0, (short) code);
        System.arraycopy(text, 0, payload, 2, text.length);
        return payload;
    }

    /** Makes the answer to the peer's payload: the same code, if any. */
    static byte[] answer(byte[] payload) {
        return payload.length == 0 ? NOTHING : Arrays.copyOf(payload, 2);
    }

    /**
     * Reads the peer's payload.
     *
     * @throws WebSocketException when the code must not be sent or the reason is not UTF-8
     */
    static Message.Close parse(byte[] payload) throws WebSocketException {
        if (payload.length == 0) {
            return new Message.Close(CloseCode.NONE, "");
        }
        if (payload.length == 1) {
            throw new WebSocketException(CloseCode.PROTOCOL_ERROR, "close frame of one byte");
        }
        int code = (short) FrameHeader.SHORTS.get(payload, 0) & 0xFFFF;
        if (!CloseCode.onWire(code)) {
            throw new WebSocketException(CloseCode.PROTOCOL_ERROR, "bad close code");
        }
        Utf8Check utf8 = new Utf8Check();
        if (!utf8.accept(payload, 2, payload.length - 2) || !utf8.complete()) {
            throw new WebSocketException(CloseCode.BAD_DATA, "close reason is not UTF-8");
        }
        return new Message.Close(
                code, new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8));
    }
}
