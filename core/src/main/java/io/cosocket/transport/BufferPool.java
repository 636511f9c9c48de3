package io.cosocket.transport;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Heap buffers of 4, 16 and 64 KiB, lent to sockets while they read, write or encrypt.
 *
 * <p>Each size has stripes of slots; a thread starts at the stripe of its number, so that threads
 * rarely meet and no thread keeps a buffer of its own. At most 16 × 32 buffers of a size are kept;
 * a pool that is empty makes a new buffer, a full one drops what it is given.
 *
 * <p>Threads: every method from any thread.
 */
public final class BufferPool {
    private static final int STRIPES = 16;
    private static final int SLOTS = 32;
    private static final BufferPool[] POOLS = {
        new BufferPool(4 << 10), new BufferPool(16 << 10), new BufferPool(64 << 10)
    };

    private final int capacity;

    private final AtomicReferenceArray<ByteBuffer> slots =
            new AtomicReferenceArray<>(STRIPES * SLOTS);

    private BufferPool(int capacity) {
        this.capacity = capacity;
    }

    /**
     * Lends a cleared heap buffer of at least {@code minBytes}: of 4, 16 or 64 KiB, or of exactly
     * {@code minBytes} when that is more.
     */
    public static ByteBuffer take(int minBytes) {
        for (BufferPool pool : POOLS) {
            if (minBytes <= pool.capacity) {
                return pool.take();
            }
        }
        return ByteBuffer.allocate(minBytes);
    }

    /** Takes back a buffer; the giver must not touch it again. One of another size is dropped. */
    public static void give(ByteBuffer buffer) {
        int capacity = buffer.capacity();
        for (BufferPool pool : POOLS) {
            if (capacity == pool.capacity) {
                pool.put(buffer);
                return;
            }
        }
    }

    private ByteBuffer take() {
        int base = stripe();
        for (int i = 0; i < SLOTS; i++) {
            ByteBuffer buffer = slots.getPlain(base + i);
            if (buffer != null && slots.compareAndSet(base + i, buffer, null)) {
                return buffer.clear();
            }
        }
        return ByteBuffer.allocate(capacity);
    }

    private void put(ByteBuffer buffer) {
        int base = stripe();
        for (int i = 0; i < SLOTS; i++) {
            if (slots.getPlain(base + i) == null && slots.compareAndSet(base + i, null, buffer)) {
                return;
            }
        }
    }

    private static int stripe() {
        long id = Thread.currentThread().threadId();
        return ((int) id & (STRIPES - 1)) * SLOTS;
    }
}
