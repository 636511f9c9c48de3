package io.cosocket.websocket;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Writes frame headers (RFC 6455 section 5.2). */
final class FrameHeader {
    /** The longest header: two bytes, eight of length, four of mask. */
    static final int MAX_BYTES = 14;

    static final VarHandle SHORTS =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    static final VarHandle INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private static final int LAST = 0x80;
    private static final int COMPRESSED = 0x40;

    private FrameHeader() {}

    /** Gives the first byte of a header. */
    static int first(int opcode, boolean last, boolean compressed) {
        return opcode | (last ? LAST : 0) | (compressed ? COMPRESSED : 0);
    }

    /** Tells the size of the header for a payload. */
    static int size(int length, boolean masked) {
        return (length < 126 ? 2 : length < 0x1_0000 ? 4 : 10) + (masked ? 4 : 0);
    }

    /** Writes the header of an unmasked frame so that it ends where the payload begins. */
    static int write(byte[] target, int payloadAt, int first, int length) {
        int at = payloadAt - size(length, false);
        put(target, at, first, length, 0);
        return at;
    }

    /** Writes the header of a masked frame so that it ends where the payload begins. */
    static int write(byte[] target, int payloadAt, int first, int length, int key) {
        int at = payloadAt - size(length, true);
        put(target, at, first, length, 0x80);
        INTS.set(target, payloadAt - 4, key);
        return at;
    }

    private static void put(byte[] target, int at, int first, int length, int maskBit) {
        target[at] = (byte) first;
        if (length < 126) {
            target[at + 1] = (byte) (maskBit | length);
        } else if (length < 0x1_0000) {
            target[at + 1] = (byte) (maskBit | 126);
            SHORTS.set(target, at + 2, (short) length);
        } else {
            target[at + 1] = (byte) (maskBit | 127);
            LONGS.set(target, at + 2, (long) length);
        }
    }
}
