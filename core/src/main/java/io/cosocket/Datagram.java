package io.cosocket;

import java.net.InetSocketAddress;

/**
 * One received datagram.
 *
 * @param sender address and port it came from
 * @param bytes its content, owned by the caller
 * @param truncated true when the datagram was longer than the 65,507 bytes that are kept
 */
public record Datagram(InetSocketAddress sender, byte[] bytes, boolean truncated) {}
