package io.cosocket.websocket;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * One message as a stream, so that a large one need not be in memory; its fragments are joined, its
 * text is checked, compression is undone.
 *
 * <p>Reads block until at least one byte is there and fail as {@link WebSocket#receive()} does. The
 * stream ends with its message. Once the next message is asked for, what was not read of this one
 * is lost and reads fail. Closing it does nothing.
 *
 * <p>Threads: it counts as the reader of the WebSocket.
 */
public final class MessageStream extends InputStream {
    private final WebSocket webSocket;
    private final boolean text;
    private boolean ended;

    MessageStream(WebSocket webSocket, boolean text) {
        this.webSocket = webSocket;
        this.text = text;
    }

    /** Tells whether it is a text message. */
    public boolean isText() {
        return text;
    }

    /** Gives the characters of a text message. */
    public Reader reader() {
        return new InputStreamReader(this, StandardCharsets.UTF_8);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0 || ended) {
            return ended ? -1 : 0;
        }
        int count = webSocket.readStream(this, target, offset, length);
        ended = count < 0;
        return count;
    }
}
