package io.cosocket;

import io.cosocket.SocketClosedException.ClosedBy;
import io.cosocket.transport.ChannelTransport;
import io.cosocket.transport.Deadline;
import io.cosocket.transport.Transport;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Objects;

import javax.net.ssl.SSLException;

/** An upstream socket: connects, encrypts, and returns its connection to the pool. */
final class ConnectableSocket extends BufferedSocket implements TcpSocket, ConnectionPools.Caller {
    private static final Logger LOG = LoggerFactory.getLogger("io.cosocket.sockets");

    private static final int REFUSE_TLS =
            RECEIVING | SENDING | CONNECTING | CLOSED | RECEIVE_ENDED | SEND_ENDED;

    private volatile Duration connectTimeout;
    private volatile @Nullable InetSocketAddress bindTo;
    private @Nullable SocketRef owner;
    private volatile @Nullable Cancellation attempt;
    private volatile @Nullable Connection connection;
    private volatile @Nullable Target target;

    /** Those of the last connect. */
    private ConnectOptions connectOptions = ConnectOptions.defaults();

    /** Null until an option is set. */
    private @Nullable LeaseOptions leaseOptions;

    ConnectableSocket(SocketScope scope) {
        super(scope, null, scope.runtime().config().timeouts());
        this.connectTimeout = scope.runtime().config().timeouts().connect();
    }

    void owner(SocketRef ref) {
        owner = ref;
    }

    // --- bind and connect

    @Override
    public TcpSocket bind(InetAddress address) {
        return bind(address, 0);
    }

    @Override
    public TcpSocket bind(InetAddress address, int port) {
        bindTo = new InetSocketAddress(Checks.notNull("address", address), Checks.port(port));
        return this;
    }

    @Override
    public TcpSocket bind(String address) {
        InetAddress literal = Target.literal(Checks.notNull("address", address));
        if (literal == null) {
            throw new IllegalArgumentException(
                    "bad address: " + address + " (allowed: an IP literal)");
        }
        return bind(literal);
    }

    @Override
    public TcpSocket connect(String host, int port) throws IOException {
        return connect(scope.runtime().targets().of(host, port), ConnectOptions.defaults());
    }

    @Override
    public TcpSocket connect(String host, int port, ConnectOptions options) throws IOException {
        return connect(
                scope.runtime().targets().of(host, port), Checks.notNull("options", options));
    }

    @Override
    public TcpSocket connect(SocketAddress address, ConnectOptions options) throws IOException {
        return connect(Target.of(address), Checks.notNull("options", options));
    }

    TcpSocket connect(Target to, ConnectOptions asked) throws IOException {
        scope.checkCaller();
        int before = enterConnect();
        if (before < 0) {
            throw Failures.busy("connect", where(), ~before);
        }
        boolean done = false;
        try {
            if ((before & CLOSED) == 0) {
                dropConnection();
            }
            transport(null);
            reset();
            target = to;
            connectOptions = asked;
            establish(to, asked);
            done = true;
        } catch (SocketClosedException e) {
            throw e; // ended on purpose
        } catch (IOException e) {
            log(failed(e));
            throw e;
        } finally {
            attempt = null;
            if (!done) {
                transport(null);
                close(ClosedBy.CALLER);
            }
            leave(CONNECTING);
        }
        return this;
    }

    /** Says in the words of the original's log why a connect failed. */
    private static String failed(IOException error) {
        if (error instanceof OperationTimeoutException timeout) {
            return timeout.operation().equals("connect (queued)")
                    ? "queued connect timed out"
                    : "connect timed out";
        }
        return "connect() failed (" + Failures.reason(error) + ")";
    }

    private void establish(Target to, ConnectOptions asked) throws IOException {
        Timeouts limits = asked.timeouts();
        if (limits != null) {
            timeouts(limits);
        }
        if (has(CLOSED) || scope.isClosed() || Thread.currentThread().isInterrupted()) {
            throw closedWhile("connect");
        }
        TlsOptions tls = asked.tls();
        PoolOptions pool = poolOptions();
        InetSocketAddress local = asked.localAddress() == null ? bindTo : asked.localAddress();
        PoolKey key = PoolKey.of(to, pool, local, tls == null ? null : tls.keyFor(to.host()));
        Connection got;
        try {
            got = scope.runtime().connectionPools().acquire(key, to, pool, this);
        } catch (SocketClosedException e) {
            throw closedWhile("connect");
        }
        install(got);
        LeaseOptions lease = leaseOptions;
        if (lease != null) {
            applyPresets(lease, got.channel);
        }
        if (has(CLOSED)) {
            throw closedWhile("connect");
        }
    }

    private PoolOptions poolOptions() {
        PoolOptions asked = connectOptions.pool();
        return asked == null ? scope.runtime().config().pool() : asked;
    }

    /** Begins the part of a connect that waits; close and the end of the scope can cancel it. */
    @Override
    public ConnectAttempt begin() {
        Target to = Objects.requireNonNull(target);
        ConnectAttempt begun =
                new ConnectAttempt(scope.runtime(), to, connectOptions, connectTimeout);
        attempt = begun.cancellation();
        if (has(CLOSED) || scope.isClosed()) {
            begun.cancellation().cancel(); // it was closed before it could know of the attempt
        }
        return begun;
    }

    private SocketClosedException closedWhile(String operation) {
        if (!has(CLOSED)) {
            boolean interrupted = Thread.currentThread().isInterrupted();
            close(interrupted ? scope.interruptCause() : ClosedBy.SCOPE);
        }
        return Failures.closed(operation, where(), closedBy(), Failures.NONE);
    }

    private void install(Connection got) {
        connection = got;
        transport(got.transport);
        SocketRef ref = owner;
        if (ref != null) {
            ref.held(got);
        }
    }

    // --- TLS

    @Override
    public TlsSession startTls(TlsOptions options) throws IOException {
        Checks.notNull("options", options);
        int seen = flags();
        if ((seen & CLOSED) == 0) {
            scope.checkCaller();
            seen = enter(CONNECTING, REFUSE_TLS);
        }
        Connection current = connection;
        Target to = target;
        if ((seen & (CLOSED | RECEIVE_ENDED | SEND_ENDED)) != 0) {
            throw Failures.closed("tls", where(), closedBy(), Failures.NONE);
        }
        if (seen != 0) {
            throw Failures.busy("tls", where(), seen);
        }
        try {
            if (current == null || to == null) {
                throw Failures.closed("tls", where(), closedBy(), Failures.NONE);
            }
            return startTls(current, options, to);
        } finally {
            leave(CONNECTING);
        }
    }

    private TlsSession startTls(Connection current, TlsOptions options, Target to)
            throws IOException {
        TlsSession there = current.tls;
        if (there != null) {
            Object terms = current.upgradedTo == null ? current.key.tls() : current.upgradedTo;
            if (!options.keyFor(to.host()).equals(terms)) {
                throw new SSLException(
                        "tls"
                                + where()
                                + ": ssl handshake already done under other terms (terms that"
                                + " differ need pools of different names)");
            }
            return there;
        }
        boolean done = false;
        try {
            if (!buffer.isEmpty()) {
                throw new SSLException(
                        "tls" + where() + ": plain bytes were received before the handshake");
            }
            current.encrypt(options, to, Deadline.after(connectTimeout));
            current.upgradedTo = options.keyFor(to.host());
            transport(current.transport);
            if (has(CLOSED)) {
                throw closedWhile("tls");
            }
            done = true;
            return Objects.requireNonNull(current.tls);
        } catch (SocketClosedException e) {
            throw closedWhile("tls");
        } catch (IOException e) {
            log("ssl handshake failed (" + Failures.reason(e) + ")");
            throw e;
        } finally {
            if (!done) {
                close(ClosedBy.PEER);
            }
        }
    }

    @Override
    public @Nullable TlsSession tls() {
        Connection current = connection;
        return current == null || has(CLOSED) ? null : current.tls;
    }

    // --- release

    @Override
    public Release release() {
        return keep(poolOptions().idleTimeout());
    }

    @Override
    public Release release(Duration maxIdle) {
        return keep(Checks.positive("idle time", maxIdle));
    }

    private Release keep(Duration maxIdle) {
        if (has(CLOSED)) {
            return Release.CLOSED;
        }
        scope.checkCaller();
        int refused = enter(CONNECTING, RECEIVING | SENDING | CONNECTING | CLOSED);
        if (refused != 0) {
            if ((refused & CLOSED) != 0) {
                return Release.CLOSED;
            }
            refuse(connection, Release.OPERATION_FAILED);
            close();
            return Release.OPERATION_FAILED;
        }
        try {
            Connection leased = connection;
            Release verdict = leased == null ? Release.CLOSED : verdict(leased);
            if (verdict == Release.KEPT && leased != null) {
                return handBack(leased, maxIdle);
            }
            refuse(leased, verdict);
            return verdict;
        } finally {
            close(ClosedBy.CALLER);
            leave(CONNECTING);
        }
    }

    private void refuse(@Nullable Connection leased, Release why) {
        if (leased != null) {
            leased.pools.refuse(leased, why, has(RECEIVE_ENDED));
        }
    }

    /**
     * Takes the connection off this object before the pool has it: a close from another thread must
     * not reach it there. Whoever marks the object closed first decides.
     */
    private Release handBack(Connection leased, Duration maxIdle) {
        disown();
        boolean taken = false;
        try {
            transport(null);
            buffer.free();
            if (!close(ClosedBy.CALLER)) {
                return Release.CLOSED;
            }
            Release verdict = scope.runtime().connectionPools().release(leased, maxIdle);
            taken = true;
            return verdict;
        } finally {
            if (!taken) {
                leased.close();
            }
        }
    }

    /** Tells whether this end of the connection is clean; the pool looks at the other. */
    private Release verdict(Connection leased) {
        if (sendFailed() || halfDone) {
            return Release.OPERATION_FAILED;
        }
        if (has(RECEIVE_ENDED | SEND_ENDED)) {
            return Release.CLOSED;
        }
        if (!buffer.isEmpty()) {
            return Release.UNREAD_DATA;
        }
        LeaseOptions lease = leaseOptions;
        if (lease != null) {
            try {
                lease.restore(leased.channel);
            } catch (IOException e) {
                return Release.OPERATION_FAILED;
            }
        }
        return Release.KEPT;
    }

    @Override
    public int reuseCount() {
        Connection current = connection;
        return current == null ? 0 : current.reuseCount;
    }

    // --- options

    @Override
    public <T> TcpSocket option(SocketOption<T> name, T value) throws IOException {
        Checks.notNull("option", name);
        Checks.notNull("option value", value);
        takeOptions();
        try {
            LeaseOptions lease = leaseOptions;
            if (lease == null) {
                lease = new LeaseOptions();
                leaseOptions = lease;
            }
            Connection current = connection;
            if (current == null || has(CLOSED)) {
                lease.preset(name, value);
            } else {
                lease.set(current.channel, name, value);
            }
        } catch (IOException e) {
            throw optionRefused(e);
        } finally {
            leave(OPTIONS);
        }
        return this;
    }

    @Override
    public <T> T option(SocketOption<T> name) throws IOException {
        Checks.notNull("option", name);
        takeOptions();
        try {
            Connection current = connection;
            if (current == null || has(CLOSED)) {
                throw Failures.closed("option", where(), closedBy(), Failures.NONE);
            }
            return current.channel.option(name);
        } catch (SocketClosedException e) {
            throw e;
        } catch (IOException e) {
            throw optionRefused(e);
        } finally {
            leave(OPTIONS);
        }
    }

    /** Keeps the connection on this object while one of its options is looked at or set. */
    private void takeOptions() {
        scope.checkCaller();
        int seen = enterOptions();
        if (seen != 0) {
            throw Failures.busy("option", where(), seen);
        }
    }

    private IOException optionRefused(IOException error) {
        return has(CLOSED) || error instanceof ClosedChannelException
                ? Failures.closed("option", where(), closedBy(), Failures.NONE)
                : Failures.system("option", where(), error);
    }

    private void applyPresets(LeaseOptions lease, ChannelTransport channel) throws IOException {
        try {
            lease.applyPresets(channel);
        } catch (IOException e) {
            throw optionRefused(e);
        }
    }

    // --- close

    @Override
    public void timeouts(Timeouts timeouts) {
        super.timeouts(timeouts);
        connectTimeout = timeouts.connect();
    }

    @Override
    void reset() {
        super.reset();
        LeaseOptions lease = leaseOptions;
        if (lease != null) {
            lease.forgetOriginals();
        }
    }

    @Override
    void wake() {
        Cancellation current = attempt;
        if (current != null) {
            current.cancel();
        }
        super.wake();
    }

    @Override
    void free() {
        buffer.free();
        Connection current = connection;
        if (current != null && closedBy() == ClosedBy.RESET) {
            current.pools.refuse(current, Release.CLOSED, true);
        }
        dropConnection();
    }

    private void dropConnection() {
        Connection current = disown();
        if (current != null) {
            current.close();
        }
    }

    /** Takes the connection away from this object. */
    private @Nullable Connection disown() {
        Connection current = connection;
        connection = null;
        SocketRef ref = owner;
        if (ref != null) {
            ref.held(null);
        }
        return current;
    }

    @Override
    String nowhere() {
        Target to = target;
        return to == null ? " tcp ->-" : " " + to.kind() + " ->" + Connector.peer(to);
    }

    @Override
    String peerName(Transport current) {
        Target to = target;
        return to == null ? super.peerName(current) : Connector.peer(to, current.remoteAddress());
    }

    @Override
    void log(String event) {
        if (scope.runtime().config().logSocketErrors()) {
            Target to = target;
            LOG.warn(
                    "tcp socket {}, upstream: {}{}, context: {}",
                    event,
                    to == null ? "-" : to.endpoint(),
                    Failures.logAddress(peerAddress()),
                    scope.name());
        }
    }

    /** The peer, or the one that a connect under way has tried last. */
    private @Nullable SocketAddress peerAddress() {
        Transport current = transport();
        if (current != null) {
            return current.remoteAddress();
        }
        Cancellation connecting = attempt;
        return connecting == null ? null : connecting.tried();
    }
}
