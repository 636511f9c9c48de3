package io.cosocket.transport;

import java.io.IOException;

/** The far end of a transport under test, driven by blocking calls from one thread at a time. */
public interface Peer extends AutoCloseable {
    /** Sends all bytes, waiting as long as it takes. */
    void send(byte[] bytes) throws IOException;

    /** Receives exactly {@code count} bytes. */
    byte[] receive(int count) throws IOException;

    /** Tells whether the stream has ended here; waits for a byte or the end. */
    boolean atEnd() throws IOException;

    /** Ends its sending side. */
    void endSending() throws IOException;

    /** Breaks the connection so that the other end gets an error where the kind of stream can. */
    void reset() throws IOException;

    @Override
    void close();
}
