package io.cosocket;

/**
 * Two stream sockets joined in memory: what one sends, the other receives.
 *
 * @param left one end
 * @param right the other end
 */
public record SocketPair(StreamSocket left, StreamSocket right) {}
