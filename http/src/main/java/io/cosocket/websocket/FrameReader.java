package io.cosocket.websocket;

import io.cosocket.OperationTimeoutException;
import io.cosocket.StreamSocket;
import io.cosocket.UnexpectedEndException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * Reads frame headers and payloads off the socket (RFC 6455 section 5.2).
 *
 * <p>A small buffer takes header and payload of small messages by one call; larger payloads go
 * straight into the message. A call that fails with a time-out has consumed nothing and may be
 * repeated. Used by the reader alone.
 */
final class FrameReader {
    private static final int BUFFER_BYTES = 128;

    private final StreamSocket socket;
    private final boolean masked;
    private final boolean deflate;
    private final long maxFrameBytes;

    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final ByteBuffer view = ByteBuffer.wrap(buffer);
    private int at;
    private int limit;

    private int opcode;
    private boolean last;
    private boolean compressed;
    private int key;
    private long length;
    private long remaining;

    private final @Nullable Duration pingInterval;
    private final Runnable ping;
    private volatile Duration silenceLimit;

    /**
     * Makes a reader.
     *
     * @param masked whether frames have to be masked (a server's) or must not be (a client's)
     * @param deflate whether messages may be compressed
     * @param ping sends a ping after each interval of silence
     */
    FrameReader(
            StreamSocket socket,
            boolean masked,
            boolean deflate,
            WebSocketOptions options,
            Runnable ping) {
        this.socket = socket;
        this.masked = masked;
        this.deflate = deflate;
        this.maxFrameBytes = options.limits().frameBytes();
        this.pingInterval = options.pingInterval();
        this.ping = ping;
        this.silenceLimit = socket.receiveTimeout();
        silenceLimit(silenceLimit);
    }

    /** Sets how long the peer may be silent. */
    void silenceLimit(Duration limit) {
        Duration interval = pingInterval;
        socket.receiveTimeout(interval == null || interval.compareTo(limit) > 0 ? limit : interval);
        silenceLimit = limit;
    }

    Duration silenceLimit() {
        return silenceLimit;
    }

    int opcode() {
        return opcode;
    }

    /** Tells whether this frame ends its message. */
    boolean last() {
        return last;
    }

    boolean compressed() {
        return compressed;
    }

    /** Gives the count of payload bytes not read yet. */
    long remaining() {
        return remaining;
    }

    /**
     * Waits until something of the next header is there. A connection that rests does so with a
     * shallower stack than within {@link #next()}, which counts where there are many.
     */
    void await() throws IOException {
        if (at == limit) {
            at = 0;
            limit = 0;
            limit = receive(view.clear());
        }
    }

    /** Reads the next header; the payload before has to be read. */
    void next() throws IOException {
        need(2);
        int first = buffer[at];
        int second = buffer[at + 1];
        checkFirst(first);
        checkSecond(first & 0xF, second);
        int shortLength = second & 0x7F;
        int lengthBytes = shortLength < 126 ? 0 : shortLength == 126 ? 2 : 8;
        need(2 + lengthBytes);
        long announced =
                switch (lengthBytes) {
                    case 0 -> shortLength;
                    case 2 -> (short) FrameHeader.SHORTS.get(buffer, at + 2) & 0xFFFF;
                    default -> (long) FrameHeader.LONGS.get(buffer, at + 2);
                };
        checkLength(announced, lengthBytes);
        int size = 2 + lengthBytes + (masked ? 4 : 0);
        need(size);
        key = masked ? (int) FrameHeader.INTS.get(buffer, at + size - 4) : 0;
        opcode = first & 0xF;
        last = (first & 0x80) != 0;
        compressed = (first & 0x40) != 0;
        length = announced;
        remaining = announced;
        at += size;
    }

    /** Reads at least 1 and at most {@code room} bytes of the payload, unmasked. */
    int read(byte[] target, int offset, int room) throws IOException {
        int wanted = (int) Math.min(room, remaining);
        int count = limit - at;
        if (count == 0 && wanted < BUFFER_BYTES) {
            fill();
            count = limit - at;
        }
        if (count > 0) {
            count = Math.min(count, wanted);
            Mask.copy(buffer, at, target, offset, count, key, length - remaining);
            at += count;
        } else {
            count = receive(ByteBuffer.wrap(target, offset, wanted));
            if (masked) {
                Mask.apply(target, offset, count, key, length - remaining);
            }
        }
        remaining -= count;
        return count;
    }

    /** Reads and drops whatever comes; false at the end of the stream. */
    boolean skip() throws IOException {
        at = 0;
        limit = 0;
        return socket.receive(view.clear()) >= 0;
    }

    private void checkFirst(int first) throws WebSocketException {
        int code = first & 0xF;
        if (code > Opcode.BINARY && code < Opcode.CLOSE || code > Opcode.PONG) {
            throw violation("reserved opcode " + code);
        }
        if ((first & 0x30) != 0) {
            throw violation("reserved bits set");
        }
        boolean begins = code == Opcode.TEXT || code == Opcode.BINARY;
        if ((first & 0x40) != 0 && !(deflate && begins)) {
            throw violation("reserved bits set");
        }
        if (Opcode.isControl(code) && (first & 0x80) == 0) {
            throw violation("fragmented control frame");
        }
    }

    private void checkSecond(int code, int second) throws WebSocketException {
        if ((second & 0x80) != 0 != masked) {
            throw violation(masked ? "frame not masked" : "frame masked");
        }
        if (Opcode.isControl(code) && (second & 0x7F) > 125) {
            throw violation("control frame too long");
        }
    }

    private void checkLength(long announced, int lengthBytes) throws WebSocketException {
        if (announced < 0
                || lengthBytes == 2 && announced < 126
                || lengthBytes == 8 && announced < 0x1_0000) {
            throw violation("bad frame length");
        }
        if (announced > maxFrameBytes) {
            throw new WebSocketException(CloseCode.TOO_BIG, "frame too big");
        }
    }

    private static WebSocketException violation(String reason) {
        return new WebSocketException(CloseCode.PROTOCOL_ERROR, reason);
    }

    /** Waits until the buffer holds that many bytes. */
    private void need(int count) throws IOException {
        while (limit - at < count) {
            fill();
        }
    }

    /** Receives more into the buffer, which has room: it never holds a whole header here. */
    private void fill() throws IOException {
        if (at > 0) {
            System.arraycopy(buffer, at, buffer, 0, limit - at);
            limit -= at;
            at = 0;
        }
        limit += receive(view.limit(BUFFER_BYTES).position(limit));
    }

    private int receive(ByteBuffer target) throws IOException {
        Duration silence = Duration.ZERO;
        while (true) {
            try {
                int count = socket.receive(target);
                if (count < 0) {
                    throw ended();
                }
                return count;
            } catch (OperationTimeoutException e) {
                silence = silence.plus(e.limit());
                if (pingInterval == null) {
                    throw e;
                }
                if (silence.compareTo(silenceLimit) >= 0) {
                    throw silent(silence);
                }
                ping.run();
            }
        }
    }

    private IOException silent(Duration silence) {
        return new OperationTimeoutException(
                where() + ": no answer to pings within " + silence.toMillis() + " ms",
                "receive",
                silence,
                new byte[0]);
    }

    private IOException ended() {
        return new UnexpectedEndException(where() + ": closed without a close frame", new byte[0]);
    }

    private String where() {
        return "receive websocket " + socket.localAddress() + "->" + socket.remoteAddress();
    }
}
