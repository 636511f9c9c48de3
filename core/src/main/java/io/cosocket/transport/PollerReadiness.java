package io.cosocket.transport;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.channels.SelectableChannel;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Waits on the poller the JDK uses for its own blocking sockets. It is not public API: the package
 * {@code sun.nio.ch} must be exported to this module, and the JDK's signature may change, which is
 * why it is probed at start-up.
 *
 * <p>The poller keeps one waiter for each descriptor and direction and forgets nothing by itself
 * when a descriptor is closed under it. So a channel is closed only when no thread waits on it.
 */
final class PollerReadiness extends Readiness {
    /** How long a platform thread stays in poll(2), which no unpark ends. */
    private static final long PLATFORM_SLICE_NANOS = 100_000_000;

    private final MethodHandle park;
    private final int readEvent;
    private final int writeEvent;

    private PollerReadiness(MethodHandle park, int readEvent, int writeEvent) {
        this.park = park;
        this.readEvent = readEvent;
        this.writeEvent = writeEvent;
    }

    static Readiness required() {
        try {
            return probe();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    "the JDK's poller cannot be reached: start with --add-exports"
                            + " java.base/sun.nio.ch=ALL-UNNAMED,io.cosocket.core",
                    e);
        }
    }

    static Readiness orElse(Supplier<Readiness> other) {
        try {
            return probe();
        } catch (ReflectiveOperationException e) {
            return other.get();
        }
    }

    private static Readiness probe() throws ReflectiveOperationException {
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        Class<?> channel = Class.forName("sun.nio.ch.SelChImpl");
        Class<?> net = Class.forName("sun.nio.ch.Net");
        MethodHandle park =
                lookup.findVirtual(
                                channel,
                                "park",
                                MethodType.methodType(void.class, int.class, long.class))
                        .asType(
                                MethodType.methodType(
                                        void.class,
                                        SelectableChannel.class,
                                        int.class,
                                        long.class));
        return new PollerReadiness(
                park, event(lookup, net, "POLLIN"), event(lookup, net, "POLLOUT"));
    }

    private static int event(MethodHandles.Lookup lookup, Class<?> net, String name)
            throws ReflectiveOperationException {
        try {
            return (short) lookup.findStaticGetter(net, name, short.class).invokeExact();
        } catch (ReflectiveOperationException e) {
            throw e;
        } catch (Throwable e) {
            throw new ReflectiveOperationException(e);
        }
    }

    @Override
    public String name() {
        return "poller";
    }

    @Override
    Waiter reader(SelectableChannel channel) {
        return new PollerWaiter(channel, readEvent);
    }

    @Override
    Waiter writer(SelectableChannel channel, int selectionOp) {
        return new PollerWaiter(channel, writeEvent);
    }

    private void park(SelectableChannel channel, int event, long nanos) throws IOException {
        try {
            park.invokeExact(channel, event, nanos);
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IOException(e);
        }
    }

    private final class PollerWaiter extends Waiter {
        /** Null once closed: the wheel may hold this waiter for ten seconds more. */
        private @Nullable SelectableChannel channel;

        private final int event;
        private volatile @Nullable Thread waiting;

        PollerWaiter(SelectableChannel channel, int event) {
            this.channel = channel;
            this.event = event;
        }

        @Override
        void enter() {
            waiting = Thread.currentThread();
        }

        @Override
        void park(Deadline deadline, long leftNanos) throws IOException {
            SelectableChannel open = Objects.requireNonNull(channel);
            if (!Thread.currentThread().isVirtual()) {
                PollerReadiness.this.park(open, event, Math.min(leftNanos, PLATFORM_SLICE_NANOS));
            } else if (leftNanos < TimeoutWheel.EXACT_BELOW_NANOS) {
                PollerReadiness.this.park(open, event, leftNanos);
            } else {
                TimeoutWheel wheel = TimeoutWheel.shared();
                wheel.arm(this, deadline.expiryNanos());
                PollerReadiness.this.park(open, event, 0);
                wheel.disarm(this);
            }
        }

        @Override
        void leave() {
            waiting = null;
        }

        @Override
        protected void fire() {
            Thread thread = waiting;
            if (thread != null) {
                LockSupport.unpark(thread);
            }
        }

        @Override
        void close() {
            channel = null;
        }
    }
}
