package io.cosocket.websocket;

import io.cosocket.websocket.Message.Binary;
import io.cosocket.websocket.Message.Close;
import io.cosocket.websocket.Message.Text;

import java.util.Arrays;

/** What {@link WebSocket#receive()} gives: a whole message, or the peer's close. */
public sealed interface Message permits Text, Binary, Close {
    /**
     * A text message; valid UTF-8 on the wire.
     *
     * @param text all of it
     */
    record Text(String text) implements Message {}

    /**
     * A binary message.
     *
     * @param bytes all of it, a fresh array
     */
    record Binary(byte[] bytes) implements Message {
        @Override
        public boolean equals(Object other) {
            return other instanceof Binary binary && Arrays.equals(bytes, binary.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }

        @Override
        public String toString() {
            return "Binary[" + bytes.length + " bytes]";
        }
    }

    /**
     * The peer's close frame. It was answered already.
     *
     * @param code of RFC 6455 section 7.4; 1005 when the peer gave none
     * @param reason empty when the peer gave none
     */
    record Close(int code, String reason) implements Message {}
}
