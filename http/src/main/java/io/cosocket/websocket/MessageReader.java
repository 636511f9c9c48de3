package io.cosocket.websocket;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Puts messages together from frames: the rules of fragmentation (RFC 6455 section 5.4), UTF-8,
 * inflating and limits. Control frames between the fragments go to {@link ControlFrames}.
 *
 * <p>What was received of a message survives a time-out. Used by the reader alone.
 */
final class MessageReader {
    /** Given by reads at the end of the message or frame. */
    static final int END = -1;

    /** Given by reads when the peer has closed; the message is lost. */
    static final int CLOSED = -2;

    /** The most that is allocated before bytes have come. */
    private static final int FIRST_BYTES = 1 << 16;

    private static final int INPUT_BYTES = 1 << 13;
    private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8;
    private static final byte[] NOTHING = {};

    /** Answers control frames. */
    interface ControlFrames {
        /** Takes a control frame; false when nothing is to be read after it. */
        boolean take(int opcode, byte[] payload) throws IOException;
    }

    private final FrameReader frames;
    private final ControlFrames controls;
    private final Limits limits;
    private final boolean takeover;
    private final Utf8Check utf8 = new Utf8Check();
    private @Nullable MessageInflater inflater;

    /** The message begun: its opcode, or 0 when there is none. */
    private int opcode;

    private boolean compressed;
    private boolean lastFrame;
    private boolean endFed;
    private long size;
    private int fragments;

    /** Compressed bytes on their way to the inflater. */
    private byte[] input = NOTHING;

    /** What was gathered of the message or frame. */
    private byte[] gathered = NOTHING;

    private int gatheredCount;

    /** How much of that was read in pieces, when a stream goes on where a time-out stopped. */
    private int gatheredGiven;

    private boolean inControl;
    private byte[] control = NOTHING;
    private int controlCount;

    /**
     * Makes a reader.
     *
     * @param takeover whether the peer keeps its compression context between messages
     */
    MessageReader(FrameReader frames, ControlFrames controls, Limits limits, boolean takeover) {
        this.frames = frames;
        this.controls = controls;
        this.limits = limits;
        this.takeover = takeover;
    }

    /** Gives the opcode of the message begun, or 0. */
    int opcode() {
        return opcode;
    }

    /** Tells whether the next byte begins a frame and no message has begun. */
    boolean atStart() {
        return opcode == 0 && !inControl;
    }

    /** Gives the payload of the control frame read last. */
    byte[] control() {
        return control;
    }

    /** Waits for the first frame of a message; false when the peer has closed. */
    boolean begin() throws IOException {
        return opcode != 0 || advance();
    }

    /**
     * Reads some of the message, at least 1 byte; {@link #END} or {@link #CLOSED} after it. What
     * was gathered before a time-out comes first.
     */
    int read(byte[] target, int offset, int room) throws IOException {
        int left = gatheredCount - gatheredGiven;
        if (left == 0) {
            drop();
            return readOn(target, offset, room);
        }
        int count = Math.min(left, room);
        System.arraycopy(gathered, gatheredGiven, target, offset, count);
        gatheredGiven += count;
        return count;
    }

    private int readOn(byte[] target, int offset, int room) throws IOException {
        while (true) {
            int count = readFrame(target, offset, room);
            if (count > 0) {
                return count;
            }
            if (lastFrame) {
                endMessage();
                return END;
            }
            if (!advance()) {
                return CLOSED;
            }
        }
    }

    /** Drops the rest of the message; false when the peer has closed. */
    boolean skip() throws IOException {
        if (opcode == 0) {
            return true;
        }
        byte[] scratch = new byte[INPUT_BYTES];
        int count = 0;
        while (count >= 0) {
            count = read(scratch, 0, scratch.length);
        }
        drop();
        return count == END;
    }

    /** Reads the rest of the message; false when the peer has closed. */
    boolean gather() throws IOException {
        if (gathered == NOTHING) {
            gathered = new byte[firstRoom()];
        }
        while (true) {
            makeRoom(lastFrame);
            int count = readOn(gathered, gatheredCount, gathered.length - gatheredCount);
            if (count < 0) {
                return count == END;
            }
            gatheredCount += count;
        }
    }

    /** Reads the next frame of any kind, whole, and gives its opcode, or its message's. */
    int gatherFrame() throws IOException {
        if (gathered == NOTHING) {
            int next = nextFrame();
            if (Opcode.isControl(next)) {
                return next;
            }
            gathered = new byte[firstRoom()];
        }
        for (int count = 0; count != END; ) {
            gatheredCount += count;
            makeRoom(true);
            count = readFrame(gathered, gatheredCount, gathered.length - gatheredCount);
        }
        int kind = opcode;
        if (lastFrame) {
            endMessage();
        }
        return kind;
    }

    /** Gives what was gathered as text. */
    String takeText() {
        String text = new String(gathered, 0, gatheredCount, StandardCharsets.UTF_8);
        drop();
        return text;
    }

    /** Gives what was gathered as an array of its own. */
    byte[] takeBytes() {
        byte[] bytes =
                gathered.length == gatheredCount && gatheredGiven == 0
                        ? gathered
                        : Arrays.copyOfRange(gathered, gatheredGiven, gatheredCount);
        drop();
        return bytes;
    }

    /** Frees native memory. */
    void end() {
        if (inflater != null) {
            inflater.end();
            inflater = null;
        }
    }

    private void drop() {
        gathered = NOTHING;
        gatheredCount = 0;
        gatheredGiven = 0;
    }

    private int firstRoom() {
        long known = frames.remaining();
        return (int)
                Math.min(lastFrame && !compressed ? known : Math.max(256, 2 * known), FIRST_BYTES);
    }

    /**
     * Makes room for at least one byte, unless the frame is at its end and nothing follows.
     *
     * @param last whether the frame at hand is the last one to gather
     */
    private void makeRoom(boolean last) throws WebSocketException {
        if (gathered.length > gatheredCount || last && !compressed && left() == 0) {
            return;
        }
        long limit = Math.min(limits.messageBytes(), LARGEST_ARRAY - 1L);
        long most = lastFrame && !compressed ? gatheredCount + left() : limit + 1;
        long next = Math.min(Math.max(256, 2L * gathered.length), Math.min(most, LARGEST_ARRAY));
        if (next <= gathered.length) {
            throw tooBig();
        }
        gathered = Arrays.copyOf(gathered, (int) next);
    }

    /** Goes on to the next data frame; false when the peer has closed. */
    private boolean advance() throws IOException {
        while (true) {
            int next = nextFrame();
            if (!Opcode.isControl(next)) {
                return true;
            }
            if (!controls.take(next, control)) {
                return false;
            }
        }
    }

    /** Reads the next header and, of a control frame, the payload too. */
    private int nextFrame() throws IOException {
        if (!inControl) {
            frames.next();
            if (!Opcode.isControl(frames.opcode())) {
                beginFrame();
                return frames.opcode();
            }
            int length = (int) frames.remaining();
            control = length == 0 ? NOTHING : new byte[length];
            controlCount = 0;
            inControl = true;
        }
        while (controlCount < control.length) {
            controlCount += frames.read(control, controlCount, control.length - controlCount);
        }
        inControl = false;
        return frames.opcode();
    }

    private void beginFrame() throws WebSocketException {
        int code = frames.opcode();
        if (code == Opcode.CONTINUATION) {
            if (opcode == 0) {
                throw violation("continuation of no message");
            }
            if (++fragments > limits.fragments()) {
                throw new WebSocketException(CloseCode.TOO_BIG, "too many fragments");
            }
        } else {
            if (opcode != 0) {
                throw violation("message within a message");
            }
            opcode = code;
            compressed = frames.compressed();
            size = 0;
            fragments = 1;
            endFed = false;
            utf8.reset();
            if (compressed && inflater == null) {
                inflater = new MessageInflater(takeover);
            }
        }
        lastFrame = frames.last();
        if (!compressed && frames.remaining() > limits.messageBytes() - size) {
            throw tooBig();
        }
    }

    /** Gives the count of payload bytes left of the data frame. */
    private long left() {
        return inControl ? 0 : frames.remaining();
    }

    /** Reads some of the frame, at least 1 byte; {@link #END} after it. */
    private int readFrame(byte[] target, int offset, int room) throws IOException {
        int count;
        if (compressed) {
            count = inflate(target, offset, room);
        } else {
            count = left() == 0 ? 0 : frames.read(target, offset, room);
        }
        if (count == 0) {
            return END;
        }
        size += count;
        if (size > limits.messageBytes()) {
            throw tooBig();
        }
        if (opcode == Opcode.TEXT && !utf8.accept(target, offset, count)) {
            throw badText();
        }
        return count;
    }

    private int inflate(byte[] target, int offset, int room) throws IOException {
        MessageInflater inflater = this.inflater;
        if (inflater == null) {
            throw new IllegalStateException("inflater ended");
        }
        while (true) {
            int count = inflater.inflate(target, offset, room);
            if (count > 0) {
                return count;
            }
            if (left() > 0) {
                int wanted = (int) Math.min(left(), INPUT_BYTES);
                if (input.length < wanted) {
                    input = new byte[wanted];
                }
                inflater.feed(input, 0, frames.read(input, 0, input.length));
            } else if (lastFrame && !endFed) {
                endFed = true;
                inflater.feedEnd();
            } else {
                return 0;
            }
        }
    }

    private void endMessage() throws WebSocketException {
        if (opcode == Opcode.TEXT && !utf8.complete()) {
            throw badText();
        }
        if (compressed && inflater != null) {
            inflater.endMessage();
        }
        input = NOTHING;
        opcode = 0;
    }

    private static WebSocketException violation(String reason) {
        return new WebSocketException(CloseCode.PROTOCOL_ERROR, reason);
    }

    private static WebSocketException tooBig() {
        return new WebSocketException(CloseCode.TOO_BIG, "message too big");
    }

    private static WebSocketException badText() {
        return new WebSocketException(CloseCode.BAD_DATA, "text is not UTF-8");
    }
}
