package io.cosocket.websocket;

import java.util.Arrays;
import java.util.zip.Deflater;

/** Compresses the messages of one direction (RFC 7692 section 7.2.1). Used by one thread. */
final class MessageDeflater {
    /** Room that a flush needs, so that its marker is not written twice. */
    private static final int FLUSH_ROOM = 16;

    private final Deflater deflater;
    private final boolean takeover;

    /**
     * Makes a compressor.
     *
     * @param windowBits 8 to 15; below 15 nothing refers back, which keeps within any window
     */
    MessageDeflater(int level, boolean takeover, int windowBits) {
        this.deflater = new Deflater(level, true);
        this.takeover = takeover;
        if (windowBits < DeflateTerms.FULL_BITS) {
            deflater.setStrategy(Deflater.HUFFMAN_ONLY);
            // The first call after a change takes it up and does nothing else.
            deflater.deflate(new byte[FLUSH_ROOM], 0, FLUSH_ROOM, Deflater.NO_FLUSH);
        }
    }

    /**
     * Compresses a part of a message.
     *
     * @param headroom bytes left free at the start of the result
     * @param last whether the message ends here: the flush marker is then left out
     * @return the compressed part behind the headroom
     */
    Compressed deflate(byte[] source, int offset, int length, int headroom, boolean last) {
        deflater.setInput(source, offset, length);
        byte[] out = new byte[headroom + FLUSH_ROOM + length / 2];
        int end = headroom;
        while (true) {
            if (out.length - end < FLUSH_ROOM) {
                out = Arrays.copyOf(out, 2 * out.length);
            }
            int room = out.length - end;
            int count = deflater.deflate(out, end, room, Deflater.SYNC_FLUSH);
            end += count;
            if (count < room) {
                break;
            }
        }
        if (last) {
            end = dropMarker(out, headroom, end);
            if (!takeover) {
                deflater.reset();
            }
        }
        return new Compressed(out, headroom, end - headroom);
    }

    /** Frees the native memory; the object is of no use afterwards. */
    void end() {
        deflater.end();
    }

    private static int dropMarker(byte[] out, int start, int end) {
        if (end - start > 4) {
            return end - 4;
        }
        // Nothing came since the last flush: an empty stored block without its marker.
        out[start] = 0;
        return start + 1;
    }

    /** A compressed part within an array. */
    record Compressed(byte[] bytes, int offset, int length) {}
}
