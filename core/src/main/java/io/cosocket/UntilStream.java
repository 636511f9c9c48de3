package io.cosocket;

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
            int count =
                    socket.receivePiece(delimiter, target, offset, (int) Math.min(length, room));
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
}
