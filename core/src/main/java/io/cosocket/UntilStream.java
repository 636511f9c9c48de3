package io.cosocket;

import io.cosocket.transport.Transport;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/** The original's sized iterator: what comes before a delimiter, in pieces. */
final class UntilStream extends InputStream {
    private final BufferedReceiver socket;
    private final Delimiter delimiter;

    /** How many bytes may come before the delimiter. */
    private long room;

    /** With an inclusive delimiter: how many of its bytes are still to be given out. */
    private int owed;

    private boolean ended;

    UntilStream(BufferedReceiver socket, Delimiter delimiter) {
        this.socket = socket;
        this.delimiter = delimiter;
        this.room = delimiter.maxBytes(0) == 0 ? Long.MAX_VALUE : delimiter.maxBytes(0);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        if (!ended) {
            int count = receive(target, offset, (int) Math.min(length, room));
            if (count > 0) {
                room -= count;
                return count;
            }
            ended = true;
            owed = delimiter.isInclusive() ? delimiter.search().length() : 0;
        }
        if (owed == 0) {
            return -1;
        }
        int count = Math.min(owed, length);
        DelimiterSearch search = delimiter.search();
        search.copy(search.length() - owed, target, offset, count);
        owed -= count;
        return count;
    }

    /**
     * Reads one piece of what comes before the delimiter.
     *
     * @param length 0 when nothing but the delimiter may come any more
     * @return count of bytes, −1 when the delimiter was met and consumed
     */
    private int receive(byte[] target, int offset, int length) throws IOException {
        DelimiterSearch search = delimiter.search();
        ReceiveBuffer buffer = socket.buffer;
        Transport from = socket.enterReceive();
        try {
            int state = 0;
            while (true) {
                // no further than needed, so that small pieces do not search all data each time
                int enough = buffer.start() + length + search.length();
                int to = enough < 0 ? buffer.end() : Math.min(buffer.end(), enough);
                int result = search.search(buffer.array(), buffer.start() + state, to, state);
                boolean found = result >= 0;
                state = found ? 0 : ~result;
                int before = found ? result - search.length() : to - state;
                int data = before - buffer.start();
                if (data > 0) {
                    return take(target, offset, Math.min(data, length));
                }
                if (found) {
                    buffer.skip(search.length());
                    socket.halfDone = false;
                    return -1;
                }
                if (socket.fill(from, null, 0) < 0) {
                    // at the end of the stream a pending beginning of the delimiter is data
                    if (buffer.isEmpty()) {
                        throw socket.ended(new ByteCollector(), 0);
                    }
                    return take(target, offset, Math.min(buffer.size(), length));
                }
            }
        } finally {
            socket.leaveReceive();
        }
    }

    private int take(byte[] target, int offset, int count) throws ReceiveLimitException {
        socket.halfDone = count == 0;
        if (count == 0) {
            throw Failures.limit(
                    socket.where(), "the delimiter", delimiter.maxBytes(0), Failures.NONE);
        }
        socket.buffer.take(target, offset, count);
        return count;
    }
}
