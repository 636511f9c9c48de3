package io.cosocket.websocket;

import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Inflates the messages of one direction (RFC 7692 section 7.2.2). Used by one thread. */
final class MessageInflater {
    /** What the sender left out at the end of each message. */
    private static final byte[] MARKER = {0, 0, (byte) 0xFF, (byte) 0xFF};

    private final Inflater inflater = new Inflater(true);
    private final boolean takeover;

    private byte[] input = MARKER;
    private int inputEnd;

    /** Whether nothing was fed of the message or after a final block: there is no block to end. */
    private boolean fresh = true;

    MessageInflater(boolean takeover) {
        this.takeover = takeover;
    }

    /** Feeds the next compressed bytes; what was fed before has to be used up. */
    void feed(byte[] bytes, int offset, int length) {
        inflater.setInput(bytes, offset, length);
        input = bytes;
        inputEnd = offset + length;
        fresh &= length == 0;
    }

    /** Feeds the end of the message; afterwards {@link #inflate} gives the rest and then 0. */
    void feedEnd() {
        // After a block marked as final the marker would begin a new one.
        if (!fresh) {
            feed(MARKER, 0, MARKER.length);
        }
    }

    /**
     * Inflates into the array; 0 when more has to be fed.
     *
     * @throws WebSocketException when the data is not compressed data
     */
    int inflate(byte[] target, int offset, int length) throws WebSocketException {
        try {
            while (true) {
                int count = inflater.inflate(target, offset, length);
                if (count > 0 || !inflater.finished()) {
                    return count;
                }
                restart();
                if (inflater.needsInput()) {
                    return 0;
                }
            }
        } catch (DataFormatException e) {
            throw new WebSocketException(CloseCode.BAD_DATA, "bad compressed data");
        }
    }

    /** Ends a message. */
    void endMessage() {
        fresh = true;
        if (!takeover) {
            inflater.reset();
        }
    }

    /** Frees the native memory; the object is of no use afterwards. */
    void end() {
        inflater.end();
    }

    /** Goes on after a block marked as final: a new stream begins with an empty window. */
    private void restart() {
        int left = inflater.getRemaining();
        inflater.reset();
        fresh = true;
        // The marker alone belongs to no stream any more.
        if (left > 0 && input != MARKER) {
            inflater.setInput(input, inputEnd - left, left);
            fresh = false;
        }
    }
}
