package io.cosocket;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;

/**
 * A datagram socket ({@code ngx.socket.udp}), connected to one peer or open to all. A fresh object
 * is neither: {@code bind}, {@code connect} or {@code sendTo} opens it. No error closes it; only
 * {@link #close()}, interrupt, cancel and the end of its scope do.
 *
 * <p>All operations fail alike:
 *
 * <ul>
 *   <li>{@link OperationTimeoutException}: no datagram came, or the kernel had no room for one, in
 *       time.
 *   <li>{@link java.net.PortUnreachableException} {@code connection refused}: the connected peer
 *       refused a datagram sent before.
 *   <li>{@link SocketClosedException}: not open, or closed, cancelled or interrupted meanwhile.
 *   <li>{@link IllegalStateException} {@code socket busy reading} (or {@code writing}, {@code
 *       connecting}): another thread is at it and is not disturbed. {@code bad request}: the socket
 *       belongs to another run.
 *   <li>{@link IllegalArgumentException}: a null, a port or length out of range; the socket is
 *       untouched.
 * </ul>
 *
 * <p>Threads: one thread may receive while another sends; bind and connect exclude both; close from
 * any thread. Lifetime: until closed, or until the scope that owns it ends.
 */
public sealed interface UdpSocket extends Closeable permits ChannelUdpSocket {
    /**
     * Binds the socket at once; never blocks. A closed object is opened anew.
     *
     * @param port 0 to 65535, 0 for any
     * @return this object
     * @throws java.net.BindException {@code address already in use}, {@code cannot assign requested
     *     address}; the socket is as it was
     * @throws IllegalStateException when it is bound already; nothing changes
     * @throws IOException as told at {@link UdpSocket}
     */
    UdpSocket bind(InetAddress address, int port) throws IOException;

    /**
     * Connects to a peer ({@code setpeername}) in the place of an earlier one. Blocks only for the
     * name look-up, at most for the connect time-out of the runtime; a closed object is opened
     * anew.
     *
     * @param host name, IPv4 literal, or IPv6 literal with or without brackets
     * @param port 0 to 65535; the system refuses 0
     * @return this object
     * @throws java.net.UnknownHostException when the name does not resolve; the socket is as it was
     * @throws IOException as told at {@link UdpSocket}; when the system refused, there is no peer
     */
    UdpSocket connect(String host, int port) throws IOException;

    /**
     * Sends one datagram to the connected peer. Blocks while the kernel has no room for it, at most
     * for the send time-out of the runtime.
     *
     * @param datagram 0 to 65,507 bytes
     * @throws SocketClosedException also when not connected
     * @throws IOException as told at {@link UdpSocket}
     */
    void send(byte[] datagram) throws IOException;

    /**
     * Sends one datagram to {@code target} as {@link #send}, binding to any port first when fresh.
     *
     * @param target resolved
     * @param datagram 0 to 65,507 bytes
     * @throws IllegalStateException when connected to another peer than {@code target}
     * @throws IOException as told at {@link UdpSocket}
     */
    void sendTo(InetSocketAddress target, byte[] datagram) throws IOException;

    /**
     * Receives one datagram; blocks until one is there, at most for {@link #receiveTimeout()}.
     *
     * @return its content, a fresh array, possibly empty
     * @throws ReceiveLimitException it was longer than 65,507 bytes; {@code partial()} has those
     * @throws IOException as told at {@link UdpSocket}
     */
    byte[] receive() throws IOException;

    /**
     * Receives one datagram as {@link #receive} and tells who sent it; one that was too long is
     * given with {@link Datagram#truncated()} set.
     *
     * @throws IOException as told at {@link UdpSocket}
     */
    Datagram receiveFrom() throws IOException;

    /** Gives the time-out of receives. */
    Duration receiveTimeout();

    /**
     * Sets the time-out of receives ({@code settimeout}), from the next one on.
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

    /**
     * Closes the socket and wakes the threads that wait on it, which fail with {@link
     * SocketClosedException}. Never blocks; a second call does nothing. Allowed from any thread of
     * any run.
     */
    @Override
    void close();
}
