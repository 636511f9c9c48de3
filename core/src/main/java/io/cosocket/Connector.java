package io.cosocket;

import io.cosocket.SocketClosedException.ClosedBy;
import io.cosocket.transport.ChannelTransport;
import io.cosocket.transport.Deadline;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Opens fresh upstream connections: look-up, then one address after the other until one answers,
 * all within one deadline.
 */
final class Connector {
    /** What an address gets at least of the time left when others follow it. */
    private static final long LEAST_SHARE_NANOS = 100_000_000;

    /** How long to wait before a full Unix-domain backlog is tried again. */
    private static final Duration BACKLOG_PAUSE = Duration.ofMillis(5);

    private final Target target;
    private final @Nullable InetSocketAddress bindTo;
    private final AddressPolicy policy;
    private final Cancellation cancellation;

    Connector(
            Target target,
            @Nullable InetSocketAddress bindTo,
            AddressPolicy policy,
            Cancellation cancellation) {
        this.target = target;
        this.bindTo = bindTo;
        this.policy = policy;
        this.cancellation = cancellation;
    }

    ChannelTransport open(Resolver resolver, Deadline deadline) throws IOException {
        SocketAddress known = target.address();
        if (known != null) {
            return dial(known, deadline);
        }
        List<InetAddress> addresses;
        try {
            addresses = resolve(resolver, deadline);
        } catch (UnknownHostException e) {
            throw Failures.unknownHost(where(null), e);
        }
        List<IOException> failures = new ArrayList<>();
        for (int i = 0; i < addresses.size(); i++) {
            SocketAddress next = new InetSocketAddress(addresses.get(i), target.port());
            try {
                return dial(next, share(deadline, addresses.size() - i));
            } catch (SocketClosedException e) {
                throw withOthers(e, failures);
            } catch (IOException e) {
                failures.add(e);
                if (deadline.expired()) {
                    break;
                }
            }
        }
        IOException last = failures.removeLast();
        throw withOthers(last, failures);
    }

    static <E extends IOException> E withOthers(E last, List<IOException> others) {
        others.forEach(last::addSuppressed);
        return last;
    }

    /** A dead address must not use up the time of those after it. */
    private static Deadline share(Deadline whole, int addressesLeft) {
        long left = whole.remainingNanos();
        if (addressesLeft == 1 || left <= LEAST_SHARE_NANOS) {
            return whole;
        }
        return Deadline.after(Duration.ofNanos(Math.max(LEAST_SHARE_NANOS, left / addressesLeft)));
    }

    List<InetAddress> resolve(Resolver resolver, Deadline deadline) throws IOException {
        List<InetAddress> usable = new ArrayList<>();
        try {
            List<InetAddress> found = ask(resolver, deadline);
            if (found != null) {
                usable.addAll(found);
                usable.removeIf(Objects::isNull);
            }
        } catch (UnknownHostException e) {
            if (cancellation.cancelled()) {
                throw stopped(null);
            }
            throw inOurWords(e);
        }
        if (usable.isEmpty()) {
            throw CachingResolver.unknown(target.host(), "(3: Host not found)");
        }
        if (deadline.expired()) {
            throw CachingResolver.unknown(target.host(), "(110: Operation timed out)");
        }
        if (policy == AddressPolicy.RANDOM) {
            Collections.shuffle(usable, ThreadLocalRandom.current());
        }
        return usable;
    }

    private @Nullable List<InetAddress> ask(Resolver resolver, Deadline deadline)
            throws UnknownHostException {
        String host = target.host();
        return switch (resolver) {
            case CachingResolver ours -> ours.resolve(host, deadline, cancellation);
            case FixedResolver known -> known.resolve(host, deadline.limit());
            default -> ForeignLookup.ask(resolver, host, deadline, cancellation);
        };
    }

    private UnknownHostException inOurWords(UnknownHostException error) {
        String words = error.getMessage() == null ? "" : ": " + error.getMessage();
        if (words.contains(CachingResolver.UNRESOLVED)) {
            return error;
        }
        UnknownHostException named =
                CachingResolver.unknown(target.host(), "(3: Host not found)" + words);
        named.initCause(error);
        return named;
    }

    private ChannelTransport dial(SocketAddress address, Deadline deadline) throws IOException {
        while (true) {
            ChannelTransport channel = tryDial(address, deadline);
            if (channel != null) {
                return channel;
            }
            cancellation.park(Deadline.after(BACKLOG_PAUSE));
            if (cancellation.cancelled()) {
                throw stopped(address);
            }
            if (deadline.expired()) {
                throw timedOut(address, deadline);
            }
        }
    }

    /** Gives null when the backlog of a Unix-domain listener is full. */
    private @Nullable ChannelTransport tryDial(SocketAddress address, Deadline deadline)
            throws IOException {
        cancellation.tries(address);
        ChannelTransport channel;
        try {
            channel = ChannelTransport.open(address, bindTo);
        } catch (IOException e) {
            throw Failures.connect(where(address), e);
        } catch (UnsupportedAddressTypeException e) {
            throw Failures.connect(where(address), unsupported(e));
        }
        cancellation.onCancel(channel);
        boolean connected = false;
        try {
            connected = channel.connect(deadline);
        } catch (IOException e) {
            if (cancellation.cancelled()) {
                throw stopped(address);
            }
            if (ChannelTransport.isBacklogFull(e)) {
                return null;
            }
            throw Failures.connect(where(address), e);
        } catch (UnsupportedAddressTypeException e) {
            throw Failures.connect(where(address), unsupported(e));
        } finally {
            cancellation.onCancel(null);
            if (!connected) {
                channel.close();
            }
        }
        if (connected) {
            return channel;
        }
        if (cancellation.cancelled()) {
            throw stopped(address);
        }
        throw timedOut(address, deadline);
    }

    /**
     * An IPv6 address on a machine without IPv6 is one that failed, not a mistake of the caller.
     */
    static SocketException unsupported(UnsupportedAddressTypeException cause) {
        SocketException error = new SocketException("address family not supported by protocol");
        error.initCause(cause);
        return error;
    }

    private OperationTimeoutException timedOut(SocketAddress address, Deadline deadline) {
        return Failures.timeout("connect", where(address), deadline.limit(), Failures.NONE, 0);
    }

    private SocketClosedException stopped(@Nullable SocketAddress address) {
        return Failures.closed("connect", where(address), ClosedBy.CANCELLED, Failures.NONE);
    }

    private String where(@Nullable SocketAddress address) {
        return " "
                + target.kind()
                + " "
                + (bindTo == null ? "" : Failures.name(bindTo))
                + "->"
                + peer(target, address);
    }

    /** Names a peer that was not turned to yet. */
    static String peer(Target target) {
        return peer(target, target.address());
    }

    /** Names a peer as {@code host/address:port}, or what of it is known. */
    static String peer(Target target, @Nullable SocketAddress address) {
        if (address == null) {
            return target.endpoint();
        }
        return target.address() == null
                ? target.host() + "/" + Failures.name(address)
                : Failures.name(address);
    }
}
