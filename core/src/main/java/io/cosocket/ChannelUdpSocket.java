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
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.AlreadyConnectedException;
import java.time.Duration;
import java.util.Arrays;

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

    /** Never opened: sending then opens it, but does not bring a closed socket back. */
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
        configure("bind", open -> open.bind(local));
        return this;
    }

    @Override
    public UdpSocket connect(String host, int port) throws IOException {
        Target target = Target.of(host, port);
        configure(
                "connect",
                open -> {
                    open.connect(address(target));
                    peer = target;
                });
        return this;
    }

    private InetSocketAddress address(Target target) throws IOException {
        SocketAddress known = target.address();
        if (known instanceof InetSocketAddress inet) {
            return inet;
        }
        if (known != null) {
            throw new IllegalArgumentException(
                    "bad host: "
                            + target.host()
                            + " (allowed: names and IP literals; the JDK has no Unix-domain"
                            + " datagrams)");
        }
        Duration limit = scope.runtime().config().timeouts().connect();
        Connector connector =
                new Connector(target, null, AddressPolicy.RANDOM, limit, new Cancellation());
        InetAddress first =
                connector
                        .resolve(scope.runtime().config().resolver(), Deadline.after(limit))
                        .getFirst();
        return new InetSocketAddress(first, target.port());
    }

    @FunctionalInterface
    private interface Step {
        void apply(DatagramTransport open) throws IOException;
    }

    /** Changes the socket's addresses while nobody receives or sends; opens it when needed. */
    private void configure(String operation, Step step) throws IOException {
        scope.checkCaller();
        int before = enterConnect();
        if (before < 0) {
            throw Failures.busy(operation, where(), ~before);
        }
        boolean wasOpen = (before & CLOSED) == 0;
        DatagramTransport current = channel;
        boolean done = false;
        try {
            if (scope.isClosed()) {
                throw Failures.closed(operation, where(), ClosedBy.SCOPE, Failures.NONE);
            }
            if (!wasOpen || current == null) {
                current = DatagramTransport.open();
                install(current);
            }
            step.apply(current);
            checkStopped(operation);
            done = true;
        } catch (SocketClosedException e) {
            checkStopped(operation); // tells who ended it
            throw e;
        } catch (java.net.UnknownHostException e) {
            throw e;
        } catch (AlreadyBoundException e) {
            throw new IllegalStateException(operation + where() + ": already bound", e);
        } catch (IOException e) {
            log(operation + "() failed (" + Failures.words(e) + ")");
            throw operation.equals("connect")
                    ? Failures.connect(where(), e)
                    : Failures.datagram(operation, where(), e);
        } finally {
            if (!done && !wasOpen) {
                close(ClosedBy.CALLER);
            }
            leave(CONNECTING);
        }
    }

    private void install(DatagramTransport opened) {
        channel = opened;
        fresh = false;
        SocketRef ref = owner;
        if (ref != null) {
            ref.held(opened::close);
        }
    }

    // --- send

    @Override
    public void send(byte[] datagram) throws IOException {
        check(datagram);
        DatagramTransport to = channel;
        if (!has(CLOSED) && (to == null || !to.isConnected())) {
            throw Failures.closed("send", where(), ClosedBy.CALLER, Failures.NONE);
        }
        transmit(null, datagram);
    }

    @Override
    public void sendTo(InetSocketAddress target, byte[] datagram) throws IOException {
        Checks.notNull("target", target);
        check(datagram);
        if (target.isUnresolved()) {
            throw new IllegalArgumentException(
                    "bad target: " + target + " (allowed: a resolved address)");
        }
        if (fresh) {
            configure("send", open -> {});
        }
        transmit(target, datagram);
    }

    private static void check(byte[] datagram) {
        Checks.range("datagram length", Checks.notNull("datagram", datagram).length, 0, MOST_BYTES);
    }

    private void transmit(@Nullable InetSocketAddress target, byte[] datagram) throws IOException {
        DatagramTransport to = enter("send", SENDING);
        try {
            sendDeadline.start();
            if (!to.send(ByteBuffer.wrap(datagram), target, sendDeadline)) {
                checkStopped("send");
                throw Failures.timeout("send", where(), sendDeadline.limit(), Failures.NONE, 0);
            }
        } catch (AlreadyConnectedException e) {
            throw new IllegalStateException(
                    "send" + where() + ": already connected, to another peer", e);
        } catch (IOException e) {
            throw translated("send", e);
        } finally {
            leave(SENDING);
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
                    log("read timed out");
                    throw Failures.timeout(
                            "receive", where(), receiveDeadline.limit(), Failures.NONE, 0);
                }
                inTime = from.awaitReadable(receiveDeadline);
                checkStopped("receive");
            }
        } catch (IOException e) {
            throw translated("receive", e);
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

    private void checkStopped(String operation) throws SocketClosedException {
        if (Thread.currentThread().isInterrupted()) {
            close(scope.interruptCause());
        }
        if (has(CLOSED)) {
            throw Failures.closed(operation, where(), closedBy(), Failures.NONE);
        }
    }

    private IOException translated(String operation, IOException error) {
        if (error instanceof OperationTimeoutException || error instanceof SocketClosedException) {
            return error;
        }
        log((operation.equals("send") ? "send" : "recv") + "() failed (" + reason(error) + ")");
        return Failures.datagram(operation, where(), error);
    }

    private static String reason(IOException error) {
        return error instanceof java.net.PortUnreachableException
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
        SocketAddress local = null;
        try {
            DatagramTransport current = channel;
            local = current == null ? null : current.localAddress();
        } catch (IOException e) {
            // closed meanwhile
        }
        if (local == null) {
            throw new IllegalStateException("socket is neither bound nor connected");
        }
        return local;
    }

    @Override
    public void close() {
        close(ClosedBy.CALLER);
    }

    @Override
    public void closeBy(ClosedBy by) {
        close(by);
    }

    @Override
    void wake() {
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
        Target to = peer;
        DatagramTransport current = channel;
        String local = "-";
        try {
            local = current == null ? "-" : Failures.name(current.localAddress());
        } catch (IOException e) {
            // closed meanwhile
        }
        return " udp " + local + "->" + (to == null ? "-" : to.endpoint());
    }

    private void log(String event) {
        if (scope.runtime().config().logSocketErrors()) {
            Target to = peer;
            DatagramTransport current = channel;
            String address = "";
            try {
                address = current == null ? "" : Failures.logAddress(current.remoteAddress());
            } catch (IOException e) {
                // closed meanwhile
            }
            LOG.warn(
                    "udp socket {}, upstream: {}{}, context: {}",
                    event,
                    to == null ? "-" : to.endpoint(),
                    address,
                    scope.name());
        }
    }

    @Override
    public String toString() {
        return "socket" + where();
    }
}
