package io.cosocket.websocket;

import io.cosocket.SocketClosedException;
import io.cosocket.SocketClosedException.ClosedBy;
import io.cosocket.StreamSocket;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Sends frames, one at a time, though the writer and the reader (pongs, close) both do.
 *
 * <pre>
 *            enter(DATA)          leave: nothing waits
 *   FREE ───────────────► DATA ───────────────────────► FREE
 *    │                      │ leave: a pong or close waits
 *    │ enter(CONTROL),      ▼ send it, then look again
 *    └──────────────────► CONTROL ────────────────────► FREE
 *      queue(frame): sends at once when FREE, otherwise leaves the frame for the one inside
 * </pre>
 *
 * <p>The lock guards the state only and is never held over I/O. At most one pong waits, the latest
 * (RFC 6455 section 5.5.3), and one close. A frame that failed half-way ends all sending: the
 * socket's sending side has ended too.
 */
final class FrameSender {
    /** Up to this size copying the payload behind its header is cheaper than a second buffer. */
    private static final int COPY_BYTES = 1 << 12;

    /** A client masks larger payloads piece by piece. */
    private static final int PIECE_BYTES = 1 << 16;

    private static final int MAX_CONTROL_BYTES = 125;
    private static final byte[] NOTHING = {};
    private static final int KEYS = 16;
    private static final SecureRandom RANDOM = new SecureRandom();

    /** A control frame that waits. */
    private record Waiting(int opcode, byte[] payload) {}

    private enum Inside {
        NOBODY,
        DATA,
        CONTROL
    }

    private final StreamSocket socket;
    private final boolean masks;
    private final @Nullable DeflateOptions deflate;
    private final boolean takeover;
    private final int windowBits;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition left = lock.newCondition();

    // Guarded by lock.
    private Inside inside = Inside.NOBODY;
    private byte @Nullable [] waitingPong;
    private boolean waitingPing;
    private byte @Nullable [] waitingClose;
    private boolean closeQueued;
    private boolean broken;
    private boolean ended;

    // Used by whoever is inside.
    private int openMessage;
    private boolean openCompressed;
    private @Nullable MessageDeflater deflater;
    private final byte[] keys;
    private int keysLeft;

    /**
     * Makes a sender.
     *
     * @param masks whether frames are masked, as a client's are
     * @param deflate null when messages are not compressed
     * @param takeover whether this side keeps its compression context
     * @param windowBits this side's window, 8 to 15
     */
    FrameSender(
            StreamSocket socket,
            boolean masks,
            @Nullable DeflateOptions deflate,
            boolean takeover,
            int windowBits) {
        this.socket = socket;
        this.masks = masks;
        this.deflate = deflate;
        this.takeover = takeover;
        this.windowBits = windowBits;
        this.keys = masks ? new byte[4 * KEYS] : NOTHING;
    }

    /** Sends a frame of a message; the array is not changed. */
    void data(int opcode, byte[] bytes, int offset, int length, boolean last) throws IOException {
        enter(Inside.DATA);
        boolean taken = false;
        boolean sent = false;
        try {
            int first = beginFrame(opcode, length, last);
            if (openCompressed) {
                socket.send(NOTHING); // refuses whoever may not send, before the context is changed
                taken = true;
                MessageDeflater.Compressed part =
                        deflater().deflate(bytes, offset, length, FrameHeader.MAX_BYTES, last);
                sendBehindHeader(first, part.bytes(), part.offset(), part.length());
            } else {
                sendFrame(first, bytes, offset, length);
            }
            openMessage = last ? 0 : opcode;
            sent = true;
        } catch (IllegalStateException e) {
            // The socket or the order of calls refused and nothing was sent; but a context that
            // has taken in the message is lost.
            sent = !taken;
            throw e;
        } finally {
            leave(sent);
        }
    }

    /** Sends a frame of a message from a buffer, which is used up afterwards. */
    void data(int opcode, ByteBuffer bytes, boolean last) throws IOException {
        if (bytes.hasArray()) {
            int length = bytes.remaining();
            data(opcode, bytes.array(), bytes.arrayOffset() + bytes.position(), length, last);
            bytes.position(bytes.limit());
        } else {
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            data(opcode, copy, 0, copy.length, last);
        }
    }

    /** Sends a control frame, after the frame that another thread is sending. */
    void control(int opcode, byte[] payload) throws IOException {
        if (payload.length > MAX_CONTROL_BYTES) {
            throw new IllegalArgumentException(
                    "bad control payload: " + payload.length + " bytes (allowed: 0 to 125)");
        }
        enter(Inside.CONTROL);
        boolean sent = false;
        try {
            sendFrame(FrameHeader.first(opcode, true, false), payload, 0, payload.length);
            sent = true;
        } catch (IllegalStateException e) {
            sent = true; // the socket refused the caller and nothing was sent
            throw e;
        } finally {
            leave(sent);
        }
    }

    /**
     * Sends a pong, or leaves it for the thread that is sending. Never fails: when nothing can be
     * sent any more, the reader finds out by reading.
     */
    void queuePong(byte[] payload) {
        queue(() -> waitingPong = payload);
    }

    /** Sends a ping, or leaves it for the thread that is sending. Never fails, as a pong. */
    void queuePing() {
        queue(() -> waitingPing = true);
    }

    private void queue(Runnable note) {
        lock.lock();
        try {
            if (broken || closeQueued) {
                return;
            }
            note.run();
            if (inside != Inside.NOBODY) {
                return;
            }
            inside = Inside.CONTROL;
        } finally {
            lock.unlock();
        }
        leaveQuietly();
    }

    /**
     * Sends a close frame, or leaves it for the thread that is sending; false when one was before.
     * No message is sent after it.
     */
    boolean queueClose(byte[] payload) {
        lock.lock();
        try {
            if (closeQueued) {
                return false;
            }
            closeQueued = true;
            if (broken) {
                return true;
            }
            waitingClose = payload;
            if (inside != Inside.NOBODY) {
                return true;
            }
            inside = Inside.CONTROL;
        } finally {
            lock.unlock();
        }
        leaveQuietly();
        return true;
    }

    /** Tells whether sending has failed, so that no close frame reaches the peer any more. */
    boolean broken() {
        lock.lock();
        try {
            return broken;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until nobody sends and no frame waits; false when the time is up before. */
    boolean awaitSent(long nanos) {
        long left = nanos;
        lock.lock();
        try {
            while (inside != Inside.NOBODY && left > 0) {
                left = this.left.awaitNanos(left);
            }
            return inside == Inside.NOBODY;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Frees native memory once nobody sends. */
    void end() {
        lock.lock();
        try {
            broken = true;
            ended = true;
            if (inside == Inside.NOBODY) {
                endDeflater();
            }
        } finally {
            lock.unlock();
        }
    }

    private void enter(Inside wanted) throws IOException {
        lock.lock();
        try {
            while (inside != Inside.NOBODY) {
                if (inside == Inside.DATA && wanted == Inside.DATA) {
                    throw new IllegalStateException("websocket busy writing");
                }
                left.await();
            }
            if (broken || closeQueued) {
                throw closed("closed", closeQueued ? ClosedBy.CALLER : ClosedBy.PEER);
            }
            inside = wanted;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw closed("closed (interrupted)", ClosedBy.INTERRUPTED);
        } finally {
            lock.unlock();
        }
    }

    private SocketClosedException closed(String words, ClosedBy by) {
        return new SocketClosedException(
                "send websocket "
                        + socket.localAddress()
                        + "->"
                        + socket.remoteAddress()
                        + ": "
                        + words,
                by);
    }

    /** Sends what waits and leaves; a failure of it is the caller's, whose socket is unusable. */
    private void leave(boolean sent) throws IOException {
        boolean good = sent;
        while (true) {
            Waiting next = next(good);
            if (next == null) {
                return;
            }
            good = false;
            try {
                int first = FrameHeader.first(next.opcode(), true, false);
                sendFrame(first, next.payload(), 0, next.payload().length);
                good = true;
            } finally {
                if (!good) {
                    next(false);
                }
            }
        }
    }

    private void leaveQuietly() {
        try {
            leave(true);
        } catch (IOException e) {
            // All later sends fail; the reader goes on with what the peer has sent.
        }
    }

    /** Takes the next waiting frame, or leaves when there is none. */
    private @Nullable Waiting next(boolean good) {
        lock.lock();
        try {
            broken |= !good;
            byte[] pong = waitingPong;
            byte[] close = waitingClose;
            if (!broken && pong != null) {
                waitingPong = null;
                return new Waiting(Opcode.PONG, pong);
            }
            if (!broken && waitingPing) {
                waitingPing = false;
                return new Waiting(Opcode.PING, NOTHING);
            }
            if (!broken && close != null) {
                waitingClose = null;
                return new Waiting(Opcode.CLOSE, close);
            }
            inside = Inside.NOBODY;
            if (ended) {
                endDeflater();
            }
            left.signalAll();
            return null;
        } finally {
            lock.unlock();
        }
    }

    private int beginFrame(int opcode, int length, boolean last) {
        if (openMessage == 0) {
            openCompressed = deflate != null && (length >= deflate.leastBytes() || !last);
            return FrameHeader.first(opcode, last, openCompressed);
        }
        if (openMessage != opcode) {
            throw new IllegalStateException("websocket message not finished");
        }
        return FrameHeader.first(Opcode.CONTINUATION, last, false);
    }

    private void sendFrame(int first, byte[] bytes, int offset, int length) throws IOException {
        if (length <= COPY_BYTES) {
            byte[] frame = new byte[FrameHeader.MAX_BYTES + length];
            int payloadAt = FrameHeader.MAX_BYTES;
            int at;
            if (masks) {
                int key = nextKey();
                Mask.copy(bytes, offset, frame, payloadAt, length, key, 0);
                at = FrameHeader.write(frame, payloadAt, first, length, key);
            } else {
                System.arraycopy(bytes, offset, frame, payloadAt, length);
                at = FrameHeader.write(frame, payloadAt, first, length);
            }
            socket.send(frame, at, frame.length - at);
        } else if (masks) {
            sendMasked(first, bytes, offset, length);
        } else {
            byte[] header = new byte[FrameHeader.MAX_BYTES];
            int at = FrameHeader.write(header, header.length, first, length);
            socket.send(
                    ByteBuffer.wrap(header, at, header.length - at),
                    ByteBuffer.wrap(bytes, offset, length));
        }
    }

    private void sendMasked(int first, byte[] bytes, int offset, int length) throws IOException {
        int key = nextKey();
        byte[] piece = new byte[FrameHeader.MAX_BYTES + Math.min(length, PIECE_BYTES)];
        int at = FrameHeader.write(piece, FrameHeader.MAX_BYTES, first, length, key);
        int room = FrameHeader.MAX_BYTES;
        for (int done = 0; done < length; ) {
            int count = Math.min(length - done, piece.length - room);
            Mask.copy(bytes, offset + done, piece, room, count, key, done);
            socket.send(piece, at, room + count - at);
            done += count;
            at = 0;
            room = 0;
        }
    }

    /** Sends a payload of this class's own, which has room for its header before it. */
    private void sendBehindHeader(int first, byte[] bytes, int payloadAt, int length)
            throws IOException {
        int at;
        if (masks) {
            int key = nextKey();
            Mask.apply(bytes, payloadAt, length, key, 0);
            at = FrameHeader.write(bytes, payloadAt, first, length, key);
        } else {
            at = FrameHeader.write(bytes, payloadAt, first, length);
        }
        socket.send(bytes, at, payloadAt + length - at);
    }

    /** Gives a fresh key; they are drawn in batches, as each draw has a fixed cost. */
    private int nextKey() {
        if (keysLeft == 0) {
            RANDOM.nextBytes(keys);
            keysLeft = KEYS;
        }
        return (int) FrameHeader.INTS.get(keys, 4 * --keysLeft);
    }

    private MessageDeflater deflater() {
        MessageDeflater present = deflater;
        if (present == null) {
            int level = deflate == null ? -1 : deflate.level();
            present = new MessageDeflater(level, takeover, windowBits);
            deflater = present;
        }
        return present;
    }

    private void endDeflater() {
        if (deflater != null) {
            deflater.end();
            deflater = null;
        }
    }
}
