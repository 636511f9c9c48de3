package io.cosocket;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.time.Duration;

/**
 * An upstream stream socket over TCP or a Unix-domain path ({@code ngx.socket.tcp}).
 *
 * <p>A fresh object is not connected; every operation but {@code bind}, {@code connect} and the
 * time-outs then throws {@link SocketClosedException}. Time-outs and bind address belong to the
 * object and survive a reconnect; buffers, TLS and options belong to the connection.
 *
 * <p>Threads and lifetime: as {@link StreamSocket}; connect and handshake exclude every other
 * operation ({@code socket busy connecting}) but close.
 */
public sealed interface TcpSocket extends StreamSocket permits ConnectableSocket {
    /**
     * Sets the local address of later connects ({@code bind}); the port is chosen by the system.
     * Whether it can be had shows at the connect.
     */
    TcpSocket bind(InetAddress address);

    /**
     * Sets local address and port of later connects.
     *
     * @param port 0 to 65535, 0 for any
     */
    TcpSocket bind(InetAddress address, int port);

    /**
     * Sets the local address of later connects.
     *
     * @param address an IP literal; anything else is {@link IllegalArgumentException} {@code bad
     *     address: …}
     */
    TcpSocket bind(String address);

    /**
     * Connects with the time-outs of this object and default options, as {@link #connect(String,
     * int, ConnectOptions)}.
     */
    TcpSocket connect(String host, int port) throws IOException;

    /**
     * Connects, after closing the connection there was. An idle pooled connection is taken before
     * anything else; otherwise the name is looked up and its addresses are tried one after the
     * other. Blocks at most for the connect time-out, one deadline for queue, look-up, connect and,
     * with TLS in the options, handshake.
     *
     * @param host name, IPv4 literal, or IPv6 literal with or without brackets
     * @param port 0 to 65535; the system refuses 0
     * @param options its time-outs replace this object's when they were set there
     * @return this object
     * @throws OperationTimeoutException {@code connect} or {@code connect (queued)}; closed
     * @throws PoolLimitException when too many wait; closed
     * @throws java.net.ConnectException refused, or no such path, the earlier addresses' errors
     *     suppressed; closed
     * @throws java.net.BindException when the system refuses the local address; closed
     * @throws javax.net.ssl.SSLException when the handshake or the verification fails; closed
     * @throws java.net.UnknownHostException when the name does not resolve; closed
     * @throws SocketClosedException closed, cancelled or interrupted meanwhile; closed
     * @throws IllegalArgumentException {@code bad port number}, {@code failed to parse host name};
     *     the socket is untouched
     * @throws IllegalStateException {@code socket busy reading}, {@code writing} or {@code
     *     connecting}; {@code bad request}; the socket is untouched
     * @throws IOException what else the system says, as {@code too many open files}; closed
     */
    TcpSocket connect(String host, int port, ConnectOptions options) throws IOException;

    /**
     * Connects to an {@code InetSocketAddress} or {@code UnixDomainSocketAddress}, as {@link
     * #connect(String, int, ConnectOptions)}. Without room in its listener's queue, a path is tried
     * again until the connect time-out ends.
     */
    TcpSocket connect(SocketAddress address, ConnectOptions options) throws IOException;

    /**
     * Encrypts the connection from here on ({@code sslhandshake}), at any time: STARTTLS. Blocks at
     * most for the connect time-out. On a connection that is encrypted already, as one from the
     * pool may be, the same terms give the session there is; other terms are refused.
     *
     * @throws javax.net.ssl.SSLException when the handshake or the verification fails, or plain
     *     bytes were received and not read before; closed. Also when it is encrypted under other
     *     terms ({@code ssl handshake already done}); then the socket is untouched
     * @throws OperationTimeoutException {@code tls}; closed
     * @throws IllegalStateException {@code socket busy …}; the socket is untouched
     * @throws IOException as {@link Receiver}; closed
     */
    TlsSession startTls(TlsOptions options) throws IOException;

    /**
     * Gives the connection to its pool for the idle time of its pool options ({@code
     * setkeepalive}). It is kept when it is clean; otherwise it is closed and the result says why.
     * Afterwards this object is closed either way, and may connect again. Never blocks.
     *
     * @throws IllegalStateException {@code bad request}; the socket is untouched
     */
    Release release();

    /**
     * As {@link #release()} with another idle time.
     *
     * @param maxIdle positive
     * @throws IllegalArgumentException when it is not; the socket is untouched
     * @throws IllegalStateException as {@link #release()}
     */
    Release release(Duration maxIdle);

    /** Tells how often this connection came from the pool; 0 for a fresh one. */
    int reuseCount();

    /**
     * Sets a socket option of the connection, or of later connects when not connected. It is
     * restored before the connection is pooled.
     *
     * @throws IOException when the system refuses it; the socket is untouched
     * @throws IllegalArgumentException a null, or a value that no such option has
     * @throws IllegalStateException {@code socket busy connecting}; {@code bad request}; the socket
     *     is untouched
     * @throws UnsupportedOperationException when the kind of socket does not have it; when set
     *     before, the connect throws it and closes
     */
    <T> TcpSocket option(SocketOption<T> name, T value) throws IOException;

    /**
     * Reads a socket option of the connection.
     *
     * @throws SocketClosedException when not connected
     * @throws IllegalStateException {@code socket busy connecting}; {@code bad request}
     * @throws UnsupportedOperationException when the kind of socket does not have it
     */
    <T> T option(SocketOption<T> name) throws IOException;

    /** Gives the TLS session, or null when the connection is not encrypted. */
    @Nullable TlsSession tls();
}
