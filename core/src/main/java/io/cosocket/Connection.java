package io.cosocket;

import io.cosocket.SocketClosedException.ClosedBy;
import io.cosocket.transport.ChannelTransport;
import io.cosocket.transport.Deadline;
import io.cosocket.transport.Transport;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Objects;

/** An established upstream connection: what moves between sockets and the pool. */
final class Connection extends PoolEntry implements SocketRef.Held {
    /** Nothing to read: as an idle connection must be. */
    static final int QUIET = 0;

    /** Bytes nobody asked for. */
    static final int BYTES = 1;

    /** The stream has ended, or the connection is broken. */
    static final int ENDED = 2;

    final ChannelTransport channel;
    final PoolKey key;
    final ConnectionPools pools;

    /** Set once the pool knows of it. */
    @Nullable ConnectionPool pool;

    /** The top of the stack: the channel, or TLS over it. */
    Transport transport;

    /** Set when TLS began after connect: the policy a later {@code startTls} must ask for. */
    @Nullable Object upgradedTo;

    @Nullable TlsSession tls;

    /** Why it is closed, in the words of {@link Miss}; set before, when there is a better one. */
    String lossReason = Miss.NOT_RELEASED;

    private final ByteBuffer probe = ByteBuffer.allocate(1);
    private volatile @Nullable SelectionKey watchKey;

    Connection(ChannelTransport channel, PoolKey key, ConnectionPools pools) {
        this.channel = channel;
        this.transport = channel;
        this.key = key;
        this.pools = pools;
    }

    ConnectionPool pool() {
        return Objects.requireNonNull(pool);
    }

    /** Closes the connection and gives its place in the pool back. No thread is inside. */
    void close() {
        try {
            transport.close();
        } finally {
            pools.discard(this);
        }
    }

    /**
     * Encrypts the connection, or closes it.
     *
     * @throws OperationTimeoutException {@code tls}
     * @throws SocketClosedException when cancelled
     * @throws javax.net.ssl.SSLException when handshake or verification failed
     */
    void encrypt(TlsOptions options, Target to, Deadline deadline) throws IOException {
        String host = to.address() instanceof UnixDomainSocketAddress ? null : to.host();
        String where =
                " "
                        + channel.kind()
                        + " "
                        + Failures.name(channel.localAddress())
                        + "->"
                        + Connector.peer(to, channel.remoteAddress());
        try {
            TlsClient.Encrypted encrypted =
                    TlsClient.connect(channel, options, host, to.port(), where, deadline);
            transport = encrypted.transport();
            tls = encrypted.session();
        } catch (SocketTimeoutException e) {
            throw Failures.timeout("tls", where, deadline.limit(), Failures.NONE, 0);
        } catch (InterruptedIOException e) {
            throw Failures.closed("tls", where, ClosedBy.CANCELLED, Failures.NONE);
        }
    }

    @Override
    public void abandon() {
        close();
    }

    // --- for the pool; by whoever holds the connection

    /** Tells whether there is something to read, by reading it. */
    int look() {
        try {
            probe.clear();
            int count = transport.tryRead(probe);
            return count == 0 ? QUIET : count > 0 ? BYTES : ENDED;
        } catch (IOException | RuntimeException e) {
            return ENDED; // an engine may throw anything; the watcher must survive it
        }
    }

    /**
     * As {@link #look()}, for whoever hands the connection on: a message whose rest has not come
     * yet would be the answer that the next one gets.
     */
    int lookBeforeUse() {
        int state = look();
        return state == QUIET && transport.holdsPart() ? BYTES : state;
    }

    /** Ends the watch and looks. */
    int takeFromPool() {
        SelectionKey watched = watchKey;
        if (watched != null) {
            try {
                watched.interestOps(0);
            } catch (CancelledKeyException e) {
                return ENDED; // the runtime was closed
            }
        }
        return lookBeforeUse();
    }

    /** Lets the selector tell when there is something to read; by its thread. */
    void watch(Selector events) throws ClosedChannelException {
        SelectionKey watched = watchKey;
        if (watched == null) {
            watchKey = channel.watch(events, this);
        } else {
            watched.interestOps(SelectionKey.OP_READ);
        }
    }
}
