package io.cosocket;

import io.cosocket.transport.BufferPool;
import io.cosocket.transport.Transport;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The bytes a socket has taken from its transport and nobody has read yet. Lends its memory from
 * the pool at the first fill and gives it back when it is empty and told so.
 *
 * <p>Threads: the reader's alone; {@link #size()} from any.
 */
final class ReceiveBuffer {
    static final int LEAST_BYTES = 4 << 10;
    private static final int MOST_BYTES = 64 << 10;

    private @Nullable ByteBuffer memory;
    private int start;
    private volatile int end;
    private int wantedBytes = LEAST_BYTES;

    /** Met behind bytes that are still here; thrown once they are read. */
    private @Nullable IOException deferred;

    int size() {
        return end - start;
    }

    boolean isEmpty() {
        return end == start;
    }

    /** The array that holds the bytes {@link #start()} to {@link #end()}; only while not empty. */
    byte[] array() {
        ByteBuffer held = memory;
        return held == null ? EMPTY : held.array();
    }

    private static final byte[] EMPTY = new byte[0];

    int start() {
        return start;
    }

    int end() {
        return end;
    }

    /** Consumes {@code count} bytes from the start. */
    void skip(int count) {
        start += count;
        if (start == end) {
            start = 0;
            end = 0;
        }
    }

    /** Copies and consumes {@code count} bytes. */
    void take(byte[] target, int offset, int count) {
        System.arraycopy(array(), start, target, offset, count);
        skip(count);
    }

    /** Copies and consumes {@code count} bytes into a fresh array. */
    byte[] take(int count) {
        // copyOfRange does not clear what it is about to fill
        byte[] bytes = Arrays.copyOfRange(array(), start, start + count);
        skip(count);
        return bytes;
    }

    /**
     * Reads once from the transport, keeping the bytes there are.
     *
     * @return as {@link Transport#tryRead}
     */
    int fill(Transport transport) throws IOException {
        throwDeferred();
        ByteBuffer target = room(1);
        int room = target.capacity() - end;
        target.limit(target.capacity()).position(end);
        int count = transport.tryRead(target);
        if (count > 0) {
            end += count;
            if (count == room && wantedBytes < MOST_BYTES) {
                wantedBytes = Math.min(MOST_BYTES, wantedBytes << 2); // the peer sends faster
            }
        } else if (isEmpty()) {
            free();
        }
        return count;
    }

    /**
     * Reads once more behind the bytes there are, unless they are {@code enough}. A failure is kept
     * for the read that needs more.
     */
    void topUp(Transport transport, int enough) {
        if (size() >= enough || deferred != null) {
            return;
        }
        try {
            fill(transport);
        } catch (IOException e) {
            deferred = e;
        }
    }

    /** Throws what {@link #topUp} met. */
    void throwDeferred() throws IOException {
        IOException met = deferred;
        if (met != null) {
            deferred = null;
            throw met;
        }
    }

    /** Gives the memory back; the bytes are lost. */
    void free() {
        deferred = null;
        ByteBuffer held = memory;
        start = 0;
        end = 0;
        if (held != null) {
            memory = null;
            BufferPool.give(held);
        }
    }

    /**
     * Gives the memory away with {@code count} bytes from the start in it, between position and
     * limit; the bytes after them stay here.
     */
    ByteBuffer detach(int count) {
        ByteBuffer held = room(0);
        int rest = size() - count;
        ByteBuffer next = BufferPool.take(held.capacity());
        System.arraycopy(held.array(), start + count, next.array(), 0, rest);
        held.limit(start + count).position(start);
        memory = next;
        start = 0;
        end = rest;
        return held;
    }

    /** Ensures room for {@code count} bytes after the end. */
    private ByteBuffer room(int count) {
        ByteBuffer held = memory;
        if (held == null) {
            held = BufferPool.take(Math.max(count, wantedBytes));
            memory = held;
            return held;
        }
        int size = size();
        int capacity = held.capacity();
        boolean large = capacity >= wantedBytes;
        int tail = capacity - end;
        if (large && tail >= count && (start == 0 || tail >= size)) {
            return held;
        }
        if (large && capacity - size >= Math.max(count, capacity / 4)) {
            System.arraycopy(held.array(), start, held.array(), 0, size);
        } else {
            int doubled = large ? capacity << 1 : wantedBytes;
            ByteBuffer larger = BufferPool.take(Math.max(size + count, doubled));
            System.arraycopy(held.array(), start, larger.array(), 0, size);
            memory = larger;
            BufferPool.give(held);
            held = larger;
        }
        start = 0;
        end = size;
        return held;
    }
}
