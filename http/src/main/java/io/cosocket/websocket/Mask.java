package io.cosocket.websocket;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** The masking of RFC 6455 section 5.3, eight bytes at a time. */
final class Mask {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private Mask() {}

    /**
     * Masks or unmasks {@code length} bytes while copying them; source and target may be the same
     * array at the same offset.
     *
     * @param key the four bytes of the key, the first one on top
     * @param position place of the first byte within its payload
     */
    static void copy(
            byte[] source, int from, byte[] target, int to, int length, int key, long position) {
        int turned = Integer.rotateLeft(key, 8 * (int) (position & 3));
        long pattern = (long) turned << 32 | turned & 0xFFFF_FFFFL;
        int done = 0;
        for (int last = length - 8; done <= last; done += 8) {
            LONGS.set(target, to + done, (long) LONGS.get(source, from + done) ^ pattern);
        }
        for (int shift = 56; done < length; done++, shift -= 8) {
            target[to + done] = (byte) (source[from + done] ^ pattern >>> shift);
        }
    }

    /** Masks or unmasks in place. */
    static void apply(byte[] bytes, int offset, int length, int key, long position) {
        copy(bytes, offset, bytes, offset, length, key, position);
    }
}
