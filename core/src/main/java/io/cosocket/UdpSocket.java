package io.cosocket;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;

/**
 * A datagram socket ({@code ngx.socket.udp}), connected to one peer or open to all. No error closes
 * it; only {@link #close()}, interrupt, cancel and the end of its scope do.
 *
 * <p>Threads: one thread may receive while another sends; close from any thread. Lifetime: until
 * closed, or until the scope that owns it ends.
 */
public sealed interface UdpSocket extends Closeable permits ChannelUdpSocket {
    /**
     * Binds the socket at once.
     *
     * @param port 0 to 65535, 0 for any
     * @throws IOException {@code address already in use}, {@code cannot assign requested address}
     * @throws IllegalStateException when it is bound already; nothing changes
     */
    UdpSocket bind(InetAddress address, int port) throws IOException;

    /**
     * Connects to a peer ({@code setpeername}); an earlier association ends first. Blocks only for
     * the name look-up.
     */
    UdpSocket connect(String host, int port) throws IOException;

    /**
     * Sends one datagram to the connected peer, 0 to 65,507 bytes.
     *
     * @throws SocketClosedException when not connected
     * @throws java.net.PortUnreachableException when the peer refused an earlier one
     */
    void send(byte[] datagram) throws IOException;

    /**
     * Sends one datagram to {@code target}, binding to any port first when needed.
     *
     * @throws IllegalStateException when connected to another peer than {@code target}
     */
    void sendTo(InetSocketAddress target, byte[] datagram) throws IOException;

    /**
     * Receives one datagram.
     *
     * @throws OperationTimeoutException none came in time; the socket stays open
     * @throws ReceiveLimitException it was longer than 65,507 bytes; {@code partial()} has those
     * @throws java.net.PortUnreachableException the peer refused an earlier one
     */
    byte[] receive() throws IOException;

    /** Receives one datagram and tells who sent it and whether it was truncated. */
    Datagram receiveFrom() throws IOException;

    /** Gives the time-out of receives. */
    Duration receiveTimeout();

    /**
     * Sets the time-out of receives.
     *
     * @param limit positive
     */
    void receiveTimeout(Duration limit);

    /**
     * Gives the local address.
     *
     * @throws IllegalStateException when neither bound nor connected
     */
    SocketAddress localAddress();

    /** Closes the socket and wakes the threads that wait on it. A second call does nothing. */
    @Override
    void close();
}
