package io.cosocket.transport;

/**
 * A transport under test and its far end.
 *
 * @param near what is tested
 * @param peer what it talks to
 */
public record Link(Transport near, Peer peer) implements AutoCloseable {
    @Override
    public void close() {
        near.cancel();
        near.close();
        peer.close();
    }
}
