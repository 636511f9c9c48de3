package io.cosocket.websocket;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Writes and reads frames in the plainest way, as an independent opinion. */
final class Wire {
    static final int FIN = 0x80;
    static final int RSV1 = 0x40;
    private static final byte[] KEY = {0x37, (byte) 0xFA, 0x21, 0x3D};

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final boolean masked;

    private Wire(boolean masked) {
        this.masked = masked;
    }

    static Wire client() {
        return new Wire(true);
    }

    static Wire server() {
        return new Wire(false);
    }

    Wire frame(int first, byte[] payload) {
        return frame(first, payload, masked);
    }

    Wire frame(int first, byte[] payload, boolean masked) {
        header(first, payload.length, masked);
        for (int i = 0; i < payload.length; i++) {
            bytes.write(masked ? payload[i] ^ KEY[i % 4] : payload[i]);
        }
        return this;
    }

    Wire header(int first, long length, boolean masked) {
        int maskBit = masked ? 0x80 : 0;
        bytes.write(first);
        if (length < 126) {
            bytes.write(maskBit | (int) length);
        } else if (length < 65536) {
            bytes.write(maskBit | 126);
            bytes.writeBytes(ByteBuffer.allocate(2).putShort((short) length).array());
        } else {
            bytes.write(maskBit | 127);
            bytes.writeBytes(ByteBuffer.allocate(8).putLong(length).array());
        }
        if (masked) {
            bytes.writeBytes(KEY);
        }
        return this;
    }

    Wire raw(int... octets) {
        for (int octet : octets) {
            bytes.write(octet);
        }
        return this;
    }

    Wire frame(int first, String text) {
        return frame(first, text.getBytes(StandardCharsets.UTF_8));
    }

    Wire text(String text) {
        return frame(FIN | Opcode.TEXT, text);
    }

    Wire binary(byte[] payload) {
        return frame(FIN | Opcode.BINARY, payload);
    }

    Wire ping(String payload) {
        return frame(FIN | Opcode.PING, payload);
    }

    Wire pong(String payload) {
        return frame(FIN | Opcode.PONG, payload);
    }

    Wire close(int code, String reason) {
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        return frame(
                FIN | Opcode.CLOSE,
                ByteBuffer.allocate(2 + text.length).putShort((short) code).put(text).array());
    }

    Wire close() {
        return frame(FIN | Opcode.CLOSE, new byte[0]);
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }

    /** A frame as it was on the wire. */
    record Sent(int first, byte[] payload) {
        int opcode() {
            return first & 0xF;
        }

        String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }

        @Override
        public String toString() {
            String more =
                    payload.length > 40
                            ? payload.length + " bytes"
                            : opcode() == Opcode.CLOSE && payload.length >= 2
                                    ? "" + ByteBuffer.wrap(payload).getShort()
                                    : text();
            return (first & ~0xF) + "+" + opcode() + "[" + more + "]";
        }
    }

    /** Reads frames and fails when they are masked though they should not be, or the reverse. */
    static List<Sent> read(byte[] wire, boolean masked) {
        ByteBuffer in = ByteBuffer.wrap(wire);
        List<Sent> frames = new ArrayList<>();
        while (in.hasRemaining()) {
            int first = in.get() & 0xFF;
            int second = in.get() & 0xFF;
            if ((second & 0x80) != 0 != masked) {
                throw new AssertionError("mask bit of " + second);
            }
            long length = second & 0x7F;
            if (length == 126) {
                length = in.getShort() & 0xFFFF;
            } else if (length == 127) {
                length = in.getLong();
            }
            byte[] key = new byte[4];
            if (masked) {
                in.get(key);
            }
            byte[] payload = new byte[(int) length];
            in.get(payload);
            for (int i = 0; i < payload.length; i++) {
                payload[i] ^= key[i % 4];
            }
            frames.add(new Sent(first, payload));
        }
        return frames;
    }
}
