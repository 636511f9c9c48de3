package io.cosocket;

import io.cosocket.SocketClosedException.ClosedBy;
import io.cosocket.transport.Deadline;
import io.cosocket.transport.Transport;

import org.jspecify.annotations.Nullable;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * The receiving side over any transport. Every read is a loop of: serve from the buffer, try the
 * transport, park until it is ready or the deadline has passed.
 */
sealed class BufferedReceiver extends Sides implements Receiver, Owned permits BufferedSocket {
    static final int MOST_PEEK_BYTES = 64 << 10;
    private static final Delimiter LINE_END = Delimiter.of(new byte[] {'\n'});
    private static final int REFUSE_RECEIVE = RECEIVING | CONNECTING | CLOSED;

    final SocketScope scope;
    final ReceiveBuffer buffer = new ReceiveBuffer();
    private final Deadline receiveDeadline;
    private volatile @Nullable Transport transport;

    /** A time-out or limit handed out part of what was asked for, and no read succeeded since. */
    boolean halfDone;

    /** The last delimiter given as text; of the reading side. */
    private @Nullable TextDelimiter lastDelimiter;

    private record TextDelimiter(String text, Delimiter compiled) {}

    BufferedReceiver(SocketScope scope, @Nullable Transport transport, Timeouts timeouts) {
        super(transport == null ? CLOSED | FREED : 0);
        this.scope = scope;
        this.transport = transport;
        this.receiveDeadline = Deadline.ofInactivity(timeouts.receive());
    }

    // --- the state below

    final @Nullable Transport transport() {
        return transport;
    }

    final void transport(@Nullable Transport next) {
        transport = next;
    }

    /** Forgets what belongs to an earlier connection. */
    void reset() {
        buffer.free();
        halfDone = false;
    }

    @Override
    void wake() {
        Transport current = transport;
        if (current != null) {
            current.cancel();
        }
    }

    @Override
    void free() {
        buffer.free();
        Transport current = transport;
        if (current != null) {
            current.close();
        }
    }

    @Override
    public final void closeBy(ClosedBy by) {
        close(by);
    }

    /** Where the socket goes, for messages, with a blank before. */
    String where() {
        Transport current = transport;
        return current == null
                ? nowhere()
                : " "
                        + current.kind()
                        + " "
                        + Failures.name(current.localAddress())
                        + "->"
                        + peerName(current);
    }

    /** As {@link #where()} when there is no connection. */
    String nowhere() {
        return " ->-";
    }

    String peerName(Transport current) {
        return Failures.name(current.remoteAddress());
    }

    /** Reports an error to the socket log. */
    void log(String event) {}

    // --- Receiver

    @Override
    public final byte[] receive(int byteCount) throws IOException {
        Transport from = enterReceive();
        try {
            Checks.range("byte count", byteCount, 0, scope.runtime().config().maxReceiveBytes());
            if (byteCount == 0) {
                return Failures.NONE; // takes nothing, so what was half done stays so
            }
            if (byteCount <= buffer.size()) {
                halfDone = false;
                return buffer.take(byteCount);
            }
            return receiveExactly(from, byteCount);
        } finally {
            leaveReceive();
        }
    }

    private byte[] receiveExactly(Transport from, int byteCount) throws IOException {
        ByteCollector taken = new ByteCollector();
        while (true) {
            taken.take(buffer, Math.min(buffer.size(), byteCount - taken.count()));
            if (taken.count() == byteCount) {
                halfDone = false;
                return taken.toArray();
            }
            if (fill(from, taken, byteCount) < 0) {
                throw ended(taken, byteCount);
            }
        }
    }

    @Override
    public final int receive(ByteBuffer target) throws IOException {
        Transport from = enterReceive();
        try {
            if (Checks.notNull("target", target).isReadOnly()) {
                throw new IllegalArgumentException(
                        "bad target: a read-only buffer (allowed: a writable one)");
            }
            if (!target.hasRemaining()) {
                return 0;
            }
            int count = receiveInto(from, target);
            if (count < 0) {
                end(RECEIVE_ENDED);
            }
            halfDone = false;
            return count;
        } finally {
            leaveReceive();
        }
    }

    /** Small reads go through the buffer, so that many of them cost one read of the transport. */
    private int receiveInto(Transport from, ByteBuffer target) throws IOException {
        if (buffer.isEmpty()) {
            if (target.remaining() >= ReceiveBuffer.LEAST_BYTES) {
                return readInto(from, target);
            }
            if (fill(from, null, 0) < 0) {
                return -1;
            }
        }
        int count = Math.min(buffer.size(), target.remaining());
        target.put(buffer.array(), buffer.start(), count);
        buffer.skip(count);
        return count;
    }

    @Override
    public final byte @Nullable [] receiveAny(int maxBytes) throws IOException {
        Transport from = enterReceive();
        try {
            Checks.range("max argument", maxBytes, 1, Integer.MAX_VALUE);
            if (buffer.isEmpty() && fill(from, null, 0) < 0) {
                end(RECEIVE_ENDED);
                return null;
            }
            halfDone = false;
            return buffer.take(Math.min(maxBytes, buffer.size()));
        } finally {
            leaveReceive();
        }
    }

    @Override
    public final @Nullable String receiveLine() throws IOException {
        return receiveLine(scope.runtime().config().maxReceiveBytes());
    }

    @Override
    public final @Nullable String receiveLine(int maxBytes) throws IOException {
        byte[] line = receiveLineBytes(maxBytes);
        return line == null ? null : decode(line);
    }

    private String decode(byte[] line) throws CharacterCodingException {
        String text = new String(line, StandardCharsets.UTF_8);
        if (text.indexOf('\uFFFD') < 0) {
            return text;
        }
        // a replacement character is either in the data or stands for malformed bytes
        ByteBuffer bytes = ByteBuffer.wrap(line);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (MalformedInputException e) {
            throw new MalformedLineException(where(), bytes.position(), e.getInputLength(), line);
        }
    }

    @Override
    public final byte @Nullable [] receiveLineBytes(int maxBytes) throws IOException {
        Transport from = enterReceive();
        try {
            Checks.range("line limit", maxBytes, 1, Integer.MAX_VALUE);
            ByteCollector line = new ByteCollector();
            int lineEnd = until(from, LINE_END, line, Reading.LINE, maxBytes);
            if (lineEnd < 0) {
                if (line.count() == 0) {
                    end(RECEIVE_ENDED);
                    return null;
                }
                throw ended(line, 0);
            }
            halfDone = false;
            return line.toArray();
        } finally {
            leaveReceive();
        }
    }

    @Override
    public final byte[] receiveAll(int maxBytes) throws IOException {
        Transport from = enterReceive();
        try {
            Checks.range("max argument", maxBytes, 1, Integer.MAX_VALUE);
            ByteCollector all = new ByteCollector();
            while (true) {
                all.take(buffer, Math.min(buffer.size(), maxBytes - all.count()));
                if (!buffer.isEmpty()) {
                    halfDone = true;
                    throw Failures.limit(where(), "the end of the stream", maxBytes, all.toArray());
                }
                if (fill(from, all, 0) < 0) {
                    end(RECEIVE_ENDED);
                    halfDone = false;
                    return all.toArray();
                }
            }
        } finally {
            leaveReceive();
        }
    }

    @Override
    public final byte[] receiveUntil(String delimiter) throws IOException {
        Transport from = enterReceive();
        try {
            TextDelimiter last = lastDelimiter;
            if (last == null || !last.text.equals(delimiter)) {
                last = new TextDelimiter(delimiter, Delimiter.of(delimiter));
                lastDelimiter = last;
            }
            return receiveUntil(from, last.compiled);
        } finally {
            leaveReceive();
        }
    }

    @Override
    public final byte[] receiveUntil(Delimiter delimiter) throws IOException {
        Transport from = enterReceive();
        try {
            return receiveUntil(from, Checks.notNull("delimiter", delimiter));
        } finally {
            leaveReceive();
        }
    }

    private byte[] receiveUntil(Transport from, Delimiter delimiter) throws IOException {
        int maxBytes = delimiter.maxBytes(scope.runtime().config().maxReceiveBytes());
        ByteCollector taken = new ByteCollector();
        Reading reading = delimiter.isInclusive() ? Reading.INCLUSIVE : Reading.EXCLUSIVE;
        if (until(from, delimiter, taken, reading, maxBytes) < 0) {
            throw ended(taken, 0);
        }
        halfDone = false;
        return taken.toArray();
    }

    /** What becomes of the delimiter once it is found. */
    private enum Reading {
        EXCLUSIVE,
        INCLUSIVE,
        LINE
    }

    /**
     * Collects the bytes before the delimiter and consumes it.
     *
     * @return 0 when it was found, −1 at the end of the stream, all bytes then collected
     */
    private int until(
            Transport from, Delimiter delimiter, ByteCollector taken, Reading reading, int maxBytes)
            throws IOException {
        DelimiterSearch search = delimiter.search();
        int state = 0;
        while (true) {
            // bytes that may begin the delimiter stay at the start of the buffer, counted in state
            int result = search.search(buffer.array(), buffer.start() + state, buffer.end(), state);
            boolean found = result >= 0;
            state = found ? 0 : ~result;
            int keep = found ? search.length() : heldBack(reading, state);
            int data = (found ? result : buffer.end()) - keep - buffer.start();
            takeWithin(taken, data, reading, found, maxBytes);
            if (found) {
                consumeDelimiter(taken, search.length(), reading);
                return 0;
            }
            if (fill(from, taken, 0) < 0) {
                taken.take(buffer, buffer.size());
                return -1;
            }
        }
    }

    /** A CR at the end may belong to the line end that comes next. */
    private int heldBack(Reading reading, int state) {
        if (reading != Reading.LINE) {
            return state;
        }
        return !buffer.isEmpty() && buffer.array()[buffer.end() - 1] == '\r' ? 1 : 0;
    }

    private void takeWithin(
            ByteCollector taken, int data, Reading reading, boolean found, int maxBytes)
            throws ReceiveLimitException {
        int room = maxBytes - taken.count();
        boolean crOver =
                reading == Reading.LINE
                        && found
                        && data == room + 1
                        && buffer.array()[buffer.start() + data - 1] == '\r';
        if (data > room && !crOver) {
            taken.take(buffer, room);
            halfDone = true;
            String what = reading == Reading.LINE ? "the line end" : "the delimiter";
            throw Failures.limit(where(), what, maxBytes, taken.toArray());
        }
        taken.take(buffer, data);
    }

    private void consumeDelimiter(ByteCollector taken, int length, Reading reading) {
        if (reading == Reading.INCLUSIVE) {
            taken.take(buffer, length);
            return;
        }
        if (reading == Reading.LINE) {
            taken.dropTrailing((byte) '\r');
        }
        buffer.skip(length);
    }

    @Override
    public final InputStream streamUntil(Delimiter delimiter) {
        return new UntilStream(this, Checks.notNull("delimiter", delimiter));
    }

    @Override
    public final byte[] peek(int maxBytes) throws IOException {
        Transport from = enterReceive();
        try {
            Checks.range("max argument", maxBytes, 1, MOST_PEEK_BYTES);
            if (!buffer.isEmpty()) {
                buffer.topUp(from, maxBytes);
            } else if (fill(from, null, 0) < 0) {
                end(RECEIVE_ENDED);
                return Failures.NONE;
            }
            byte[] bytes = new byte[Math.min(maxBytes, buffer.size())];
            System.arraycopy(buffer.array(), buffer.start(), bytes, 0, bytes.length);
            return bytes;
        } finally {
            leaveReceive();
        }
    }

    @Override
    public final long transferTo(Sender target) throws IOException {
        Transport from = enterReceive();
        try {
            Checks.notNull("target", target);
            long moved = 0;
            while (!buffer.isEmpty() || fill(from, null, 0) >= 0) {
                int count = buffer.size();
                target.send(buffer.array(), buffer.start(), count);
                // not before: what a target refuses stays in the stream
                buffer.skip(count);
                moved += count;
                halfDone = false;
            }
            end(RECEIVE_ENDED);
            return moved;
        } finally {
            leaveReceive();
        }
    }

    @Override
    public final InputStream inputStream() {
        return new ReceiverStream(this);
    }

    @Override
    public final Duration receiveTimeout() {
        return receiveDeadline.limit();
    }

    @Override
    public final void receiveTimeout(Duration limit) {
        receiveDeadline.limit(Checks.positive("receive time-out", limit));
    }

    // --- one way in and out, one place for each way a read can fail

    /** Takes the receiving side or throws what stands against it. */
    final Transport enterReceive() throws SocketClosedException {
        int seen = flags();
        if ((seen & CLOSED) == 0) {
            scope.checkCaller();
            seen = enter(RECEIVING, REFUSE_RECEIVE);
            Transport from = transport;
            if (seen == 0 && from != null) {
                return from;
            }
        }
        if ((seen & CLOSED) != 0) {
            throw Failures.closed("receive", where(), closedBy(), Failures.NONE);
        }
        throw Failures.busy("receive", where(), seen);
    }

    final void leaveReceive() {
        leave(RECEIVING);
    }

    /**
     * Puts at least one more byte into the buffer, waiting for it.
     *
     * @param taken what the operation has collected, for its errors; null for none
     * @param wanted how many bytes it wants, for its errors; 0 when not known
     * @return count of bytes, or −1 at the end of the stream
     */
    final int fill(Transport from, @Nullable ByteCollector taken, int wanted) throws IOException {
        receiveDeadline.start();
        while (true) {
            int count = tryFill(from, taken);
            if (count != 0) {
                return count;
            }
            boolean inTime = await(from, taken);
            checkStopped(taken);
            if (!inTime) {
                count = tryFill(from, taken);
                if (count != 0) {
                    return count;
                }
                throw timedOut(taken, wanted);
            }
        }
    }

    private int tryFill(Transport from, @Nullable ByteCollector taken) throws IOException {
        try {
            return buffer.fill(from);
        } catch (IOException e) {
            throw broken(e, taken);
        }
    }

    private boolean await(Transport from, @Nullable ByteCollector taken) throws IOException {
        try {
            return from.awaitReadable(receiveDeadline);
        } catch (IOException e) {
            throw broken(e, taken);
        }
    }

    /** Reads past the buffer, which is empty. */
    private int readInto(Transport from, ByteBuffer target) throws IOException {
        receiveDeadline.start();
        boolean inTime = true;
        while (true) {
            int count;
            try {
                buffer.throwDeferred();
                count = from.tryRead(target);
                if (count == 0 && inTime) {
                    inTime = from.awaitReadable(receiveDeadline);
                    checkStopped(null);
                    continue;
                }
            } catch (IOException e) {
                throw broken(e, null);
            }
            if (count == 0) {
                throw timedOut(null, 0);
            }
            return count;
        }
    }

    private void checkStopped(@Nullable ByteCollector taken) throws SocketClosedException {
        if (Thread.currentThread().isInterrupted()) {
            close(scope.interruptCause());
        }
        if (has(CLOSED)) {
            throw Failures.closed("receive", where(), closedBy(), bytes(taken));
        }
    }

    private OperationTimeoutException timedOut(@Nullable ByteCollector taken, int wanted) {
        byte[] partial = bytes(taken);
        halfDone = true;
        log("read timed out");
        return Failures.timeout("receive", where(), receiveDeadline.used(), partial, wanted);
    }

    final UnexpectedEndException ended(ByteCollector taken, int wanted) {
        end(RECEIVE_ENDED);
        return Failures.end("receive", where(), "closed", taken.toArray(), wanted);
    }

    private IOException broken(IOException error, @Nullable ByteCollector taken) {
        if (error instanceof SocketClosedException) {
            return error;
        }
        byte[] partial = bytes(taken);
        String where = where();
        if (has(CLOSED)) {
            return Failures.closed("receive", where, closedBy(), partial);
        }
        IOException translated = Failures.receive(where, error, partial);
        log("recv() failed (" + Failures.words(error) + ")");
        if (error instanceof EOFException) {
            end(RECEIVE_ENDED);
        } else {
            close(Failures.isReset(error) ? ClosedBy.RESET : ClosedBy.PEER);
        }
        return translated;
    }

    private static byte[] bytes(@Nullable ByteCollector taken) {
        return taken == null ? Failures.NONE : taken.toArray();
    }
}
