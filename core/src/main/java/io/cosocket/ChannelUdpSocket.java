package io.cosocket;

import io.cosocket.SocketClosedException.ClosedBy;
import io.cosocket.transport.BufferPool;
import io.cosocket.transport.DatagramTransport;
import io.cosocket.transport.Deadline;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A datagram socket. The channel is opened by the first bind, connect or send. */
final class ChannelUdpSocket extends Sides implements UdpSocket, Owned {
    private static final Logger LOG = LoggerFactory.getLogger("io.cosocket.sockets");

    /** The most an IPv4 datagram can carry. */
    private static final int MOST_BYTES = 65_507;

    private static final int BUFFER_BYTES = 64 << 10;

    private final SocketScope scope;
    private final Deadline receiveDeadline;
    private final Deadline sendDeadline;
    private @Nullable SocketRef owner;
    private volatile @Nullable DatagramTransport channel;
    private volatile @Nullable Target peer;

    /** The look-up of a connect under way. */
    private volatile @Nullable Cancellation attempt;

    /** Neither opened nor closed yet: sending opens it, but does not bring a closed socket back. */
    private volatile boolean fresh = true;

    ChannelUdpSocket(SocketScope scope) {
        super(CLOSED | FREED);
        this.scope = scope;
        Timeouts timeouts = scope.runtime().config().timeouts();
        this.receiveDeadline = Deadline.ofInactivity(timeouts.receive());
        this.sendDeadline = Deadline.ofInactivity(timeouts.send());
    }

    void owner(SocketRef ref) {
        owner = ref;
    }

    // --- bind and connect

    @Override
    public UdpSocket bind(InetAddress address, int port) throws IOException {
        InetSocketAddress local =
                new InetSocketAddress(Checks.notNull("address", address), Checks.port(port));
        String where = " udp " + Failures.name(local) + "->" + peerName();
        configure("bind", where, upstream(null), open -> open.bind(local));
        return this;
    }

    @Override
    public UdpSocket connect(String host, int port) throws IOException {
        Target target = Target.of(host, port);
        String where = " udp " + localName() + "->" + Connector.peer(target);
        String upstream = target.endpoint() + Failures.logAddress(target.address());
        configure("connect", where, upstream, open -> connect(open, target));
        return this;
    }

    private void connect(DatagramTransport open, Target target) throws IOException {
        List<InetSocketAddress> addresses = addresses(target);
        peer = null;
        List<IOException> failures = new ArrayList<>();
        for (InetSocketAddress address : addresses) {
            try {
                open.connect(address);
                peer = target;
                return;
            } catch (IOException e) {
                failures.add(e);
            } catch (UnsupportedAddressTypeException e) {
                failures.add(Connector.unsupported(e));
            }
        }
        throw Connector.withOthers(failures.removeLast(), failures);
    }

    private List<InetSocketAddress> addresses(Target target) throws IOException {
        SocketAddress known = target.address();
        if (known instanceof InetSocketAddress inet) {
            return List.of(inet);
        }
        if (known != null) {
            throw new IllegalArgumentException(
                    "bad host: "
                            + target.host()
                            + " (allowed: names and IP literals; the JDK has no Unix-domain"
                            + " datagrams)");
        }
        Duration limit = scope.runtime().config().timeouts().connect();
        Cancellation lookUp = new Cancellation();
        attempt = lookUp;
        try {
            if (has(CLOSED)) {
                lookUp.cancel();
            }
            Connector connector = new Connector(target, null, AddressPolicy.RANDOM, lookUp);
            return connector
                    .resolve(scope.runtime().config().resolver(), Deadline.after(limit))
                    .stream()
                    .map(address -> new InetSocketAddress(address, target.port()))
                    .toList();
        } finally {
            attempt = null;
        }
    }

    @FunctionalInterface
    private interface Step {
        void apply(DatagramTransport open) throws IOException;
    }

    /** Changes the socket's addresses while nobody receives or sends; opens it when needed. */
    private void configure(String operation, String where, String upstream, Step step)
            throws IOException {
        scope.checkCaller();
        int before = enterConnect();
        if (before < 0) {
            throw Failures.busy(operation, where, ~before);
        }
        boolean wasOpen = (before & CLOSED) == 0;
        boolean done = false;
        try {
            DatagramTransport current = channel;
            if (scope.isClosed()) {
                throw Failures.closed(operation, where, ClosedBy.SCOPE, Failures.NONE);
            }
            if (!wasOpen || current == null) {
                current = DatagramTransport.open();
                install(current);
            }
            step.apply(current);
            checkStopped(operation, where);
            fresh = false;
            done = true;
        } catch (SocketClosedException e) {
            checkStopped(operation, where); // tells who ended it
            throw e;
        } catch (AlreadyBoundException e) {
            throw new IllegalStateException(operation + where + ": already bound", e);
        } catch (UnsupportedAddressTypeException e) {
            throw failed(operation, where, upstream, Connector.unsupported(e));
        } catch (IOException e) {
            throw failed(operation, where, upstream, e);
        } finally {
            if (!done && !wasOpen) {
                close(ClosedBy.CALLER);
            }
            leave(CONNECTING);
        }
    }

    private IOException failed(String operation, String where, String upstream, IOException error) {
        log(operation + "() failed (" + Failures.words(error) + ")", upstream);
        return error instanceof UnknownHostException unknown
                ? Failures.unknownHost(where, unknown)
                : Failures.system(operation, where, error);
    }

    private void install(DatagramTransport opened) {
        channel = opened;
        peer = null; // that of an earlier life
        SocketRef ref = owner;
        if (ref != null) {
            ref.held(opened::close);
        }
    }

    // --- send

    @Override
    public void send(byte[] datagram) throws IOException {
        DatagramTransport to = enter("send", SENDING);
        try {
            if (!to.isConnected()) {
                throw Failures.closed("send", where(), ClosedBy.CALLER, Failures.NONE);
            }
            check(datagram);
            transmit(to, null, datagram);
        } finally {
            leave(SENDING);
        }
    }

    @Override
    public void sendTo(InetSocketAddress target, byte[] datagram) throws IOException {
        if (fresh) {
            check(target, datagram);
            configure("send", where(target), upstream(target), open -> {});
        }
        DatagramTransport to = enter("send", SENDING);
        try {
            check(target, datagram);
            transmit(to, target, datagram);
        } finally {
            leave(SENDING);
        }
    }

    private static void check(InetSocketAddress target, byte[] datagram) {
        if (Checks.notNull("target", target).isUnresolved()) {
            throw new IllegalArgumentException(
                    "bad target: " + target + " (allowed: a resolved address)");
        }
        check(datagram);
    }

    private static void check(byte[] datagram) {
        Checks.range("datagram length", Checks.notNull("datagram", datagram).length, 0, MOST_BYTES);
    }

    private void transmit(DatagramTransport to, @Nullable InetSocketAddress target, byte[] datagram)
            throws IOException {
        try {
            sendDeadline.start();
            if (!to.send(ByteBuffer.wrap(datagram), target, sendDeadline)) {
                checkStopped("send", where(target));
                log("write timed out", upstream(target));
                throw Failures.timeout(
                        "send", where(target), sendDeadline.used(), Failures.NONE, 0);
            }
        } catch (AlreadyConnectedException e) {
            throw new IllegalStateException(
                    "send" + where() + ": already connected, to another peer", e);
        } catch (UnsupportedAddressTypeException e) {
            throw translated("send", target, Connector.unsupported(e));
        } catch (IOException e) {
            throw translated("send", target, e);
        }
    }

    // --- receive

    @Override
    public byte[] receive() throws IOException {
        Datagram datagram = receiveFrom();
        if (datagram.truncated()) {
            throw Failures.limit(where(), "the end of the datagram", MOST_BYTES, datagram.bytes());
        }
        return datagram.bytes();
    }

    @Override
    public Datagram receiveFrom() throws IOException {
        DatagramTransport from = enter("receive", RECEIVING);
        try {
            receiveDeadline.start();
            boolean inTime = true;
            while (true) {
                Datagram datagram = tryReceive(from);
                if (datagram != null) {
                    return datagram;
                }
                if (!inTime) {
                    log("read timed out", upstream(null));
                    throw Failures.timeout(
                            "receive", where(), receiveDeadline.used(), Failures.NONE, 0);
                }
                inTime = from.awaitReadable(receiveDeadline);
                checkStopped("receive", where());
            }
        } catch (IOException e) {
            throw translated("receive", null, e);
        } finally {
            leave(RECEIVING);
        }
    }

    private static @Nullable Datagram tryReceive(DatagramTransport from) throws IOException {
        ByteBuffer buffer = BufferPool.take(BUFFER_BYTES);
        try {
            SocketAddress sender = from.tryReceive(buffer);
            if (sender == null) {
                return null;
            }
            int length = buffer.position();
            byte[] bytes = Arrays.copyOf(buffer.array(), Math.min(length, MOST_BYTES));
            return new Datagram((InetSocketAddress) sender, bytes, length > MOST_BYTES);
        } finally {
            BufferPool.give(buffer);
        }
    }

    // --- one way in, one place for failures

    private DatagramTransport enter(String operation, int side) throws SocketClosedException {
        int seen = flags();
        if ((seen & CLOSED) == 0) {
            scope.checkCaller();
            seen = enter(side, side | CONNECTING | CLOSED);
            DatagramTransport current = channel;
            if (seen == 0 && current != null) {
                return current;
            }
        }
        if ((seen & CLOSED) != 0) {
            throw Failures.closed(operation, where(), closedBy(), Failures.NONE);
        }
        throw Failures.busy(operation, where(), seen);
    }

    private void checkStopped(String operation, String where) throws SocketClosedException {
        if (Thread.currentThread().isInterrupted()) {
            close(scope.interruptCause());
        }
        if (has(CLOSED)) {
            throw Failures.closed(operation, where, closedBy(), Failures.NONE);
        }
    }

    private IOException translated(
            String operation, @Nullable InetSocketAddress target, IOException error) {
        if (error instanceof OperationTimeoutException || error instanceof SocketClosedException) {
            return error;
        }
        String call = operation.equals("send") ? "send" : "recv";
        log(call + "() failed (" + reason(error) + ")", upstream(target));
        return Failures.system(operation, where(target), error);
    }

    private static String reason(IOException error) {
        return error instanceof PortUnreachableException
                ? "connection refused"
                : Failures.words(error);
    }

    @Override
    public Duration receiveTimeout() {
        return receiveDeadline.limit();
    }

    @Override
    public void receiveTimeout(Duration limit) {
        receiveDeadline.limit(Checks.positive("receive time-out", limit));
    }

    @Override
    public SocketAddress localAddress() {
        DatagramTransport current = channel;
        SocketAddress local = current == null ? null : current.localAddress();
        if (local == null) {
            throw new IllegalStateException("socket is neither bound nor connected");
        }
        return local;
    }

    @Override
    public void close() {
        closeBy(ClosedBy.CALLER);
    }

    @Override
    public void closeBy(ClosedBy by) {
        fresh = false;
        close(by);
    }

    @Override
    void wake() {
        Cancellation lookUp = attempt;
        if (lookUp != null) {
            lookUp.cancel();
        }
        DatagramTransport current = channel;
        if (current != null) {
            current.cancel();
        }
    }

    @Override
    void free() {
        DatagramTransport current = channel;
        channel = null;
        SocketRef ref = owner;
        if (ref != null) {
            ref.held(null);
        }
        if (current != null) {
            current.close();
        }
    }

    private String where() {
        return where(null);
    }

    private String where(@Nullable InetSocketAddress target) {
        return " udp " + localName() + "->" + (target == null ? peerName() : Failures.name(target));
    }

    private String localName() {
        DatagramTransport current = channel;
        SocketAddress local = current == null ? null : current.localAddress();
        return local == null ? "" : Failures.name(local);
    }

    private String peerName() {
        Target to = peer;
        return to == null ? "-" : Connector.peer(to, peerAddress());
    }

    private @Nullable SocketAddress peerAddress() {
        DatagramTransport current = channel;
        return current == null ? null : current.remoteAddress();
    }

    /** Names the receiver of a datagram, or else the peer, for the log. */
    private String upstream(@Nullable InetSocketAddress target) {
        if (target != null) {
            return target.getHostString() + ":" + target.getPort() + Failures.logAddress(target);
        }
        Target to = peer;
        return to == null ? "-" : to.endpoint() + Failures.logAddress(peerAddress());
    }

    private void log(String event, String upstream) {
        if (scope.runtime().config().logSocketErrors()) {
            LOG.warn("udp socket {}, upstream: {}, context: {}", event, upstream, scope.name());
        }
    }

    @Override
    public String toString() {
        return "socket" + where();
    }
}
