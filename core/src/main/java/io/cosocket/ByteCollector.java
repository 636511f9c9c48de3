package io.cosocket;

import io.cosocket.transport.BufferPool;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Gathers the result of a receive whose size is not known. What fills a large buffer is taken with
 * the buffer itself, so that a long result is copied once, at the end.
 */
final class ByteCollector {
    private static final int FIRST_BYTES = 256;
    private static final int DETACH_LEAST_BYTES = 16 << 10;
    private static final byte[] EMPTY = new byte[0];

    /** Pieces in their buffers, before {@link #bytes}. */
    private List<ByteBuffer> pieces = List.of();

    private int pieceBytes;
    private byte[] bytes = EMPTY;
    private int byteCount;

    int count() {
        return pieceBytes + byteCount;
    }

    /** Moves {@code size} bytes from the buffer's start here. */
    void take(ReceiveBuffer buffer, int size) {
        int rest = buffer.size() - size;
        if (size >= DETACH_LEAST_BYTES && rest <= size / 4 && count() > 0) {
            detach(buffer, size);
            return;
        }
        if (byteCount == 0) {
            bytes = buffer.take(size);
            byteCount = size;
            return;
        }
        ensure(size);
        buffer.take(bytes, byteCount, size);
        byteCount += size;
    }

    private void detach(ReceiveBuffer buffer, int size) {
        if (pieces.isEmpty()) {
            pieces = new ArrayList<>();
        }
        if (byteCount > 0) {
            pieces.add(ByteBuffer.wrap(bytes, 0, byteCount));
            pieceBytes += byteCount;
            bytes = EMPTY;
            byteCount = 0;
        }
        pieces.add(buffer.detach(size));
        pieceBytes += size;
    }

    /** Drops the last byte if it is {@code value}. */
    void dropTrailing(byte value) {
        if (byteCount > 0) {
            if (bytes[byteCount - 1] == value) {
                byteCount--;
            }
        } else if (!pieces.isEmpty()) {
            ByteBuffer last = pieces.getLast();
            if (last.get(last.limit() - 1) == value) {
                last.limit(last.limit() - 1);
                pieceBytes--;
            }
        }
    }

    /** Gives all bytes and ends the collector: the buffers go back to their pool. */
    byte[] toArray() {
        if (pieces.isEmpty()) {
            return bytes.length == byteCount ? bytes : Arrays.copyOf(bytes, byteCount);
        }
        byte[] all = new byte[count()];
        int at = 0;
        for (ByteBuffer piece : pieces) {
            int size = piece.remaining();
            piece.get(all, at, size);
            at += size;
            BufferPool.give(piece);
        }
        System.arraycopy(bytes, 0, all, at, byteCount);
        pieces = List.of();
        pieceBytes = 0;
        bytes = all;
        byteCount = all.length;
        return all;
    }

    private void ensure(int more) {
        int needed = Math.addExact(byteCount, more);
        if (needed > bytes.length) {
            long doubled = Math.max(FIRST_BYTES, 2L * bytes.length);
            int size = (int) Math.min(Integer.MAX_VALUE - 8L, doubled);
            bytes = Arrays.copyOf(bytes, Math.max(needed, size));
        }
    }
}
