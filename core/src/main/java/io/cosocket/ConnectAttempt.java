package io.cosocket;

import io.cosocket.transport.ChannelTransport;
import io.cosocket.transport.Deadline;

import java.io.IOException;
import java.time.Duration;

/**
 * The part of a connect that waits: in the pool's queue, for a name, for the peer, for the
 * handshake; all within one deadline. A connect that finds an idle connection needs none.
 *
 * <p>Threads: the connecting thread's; what cancels it may be used from any.
 */
final class ConnectAttempt {
    private final Cosockets runtime;
    private final Target to;
    private final ConnectOptions options;
    private final Deadline deadline;
    private final Cancellation cancellation = new Cancellation();

    ConnectAttempt(Cosockets runtime, Target to, ConnectOptions options, Duration limit) {
        this.runtime = runtime;
        this.to = to;
        this.options = options;
        this.deadline = Deadline.after(limit);
    }

    Deadline deadline() {
        return deadline;
    }

    Cancellation cancellation() {
        return cancellation;
    }

    /**
     * Opens a connection, encrypted where that is asked for.
     *
     * @throws IOException as {@link TcpSocket#connect}; nothing is left open
     */
    Connection open(PoolKey key) throws IOException {
        Connector connector =
                new Connector(to, key.localAddress(), options.addressPolicy(), cancellation);
        ChannelTransport channel = connector.open(runtime.config().resolver(), deadline);
        Connection fresh = new Connection(channel, key, runtime.connectionPools());
        TlsOptions tls = options.tls();
        if (tls != null) {
            cancellation.onCancel(channel);
            try {
                fresh.encrypt(tls, to, deadline);
            } finally {
                cancellation.onCancel(null);
            }
        }
        return fresh;
    }
}
