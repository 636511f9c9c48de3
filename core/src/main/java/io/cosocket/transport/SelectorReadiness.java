package io.cosocket.transport;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Waits by public API alone: each waiting side of a connection gets a selector of its own at its
 * first real wait, on which virtual threads park. Costs about half as much again for each wait as
 * the poller, and three descriptors for each waiting side.
 */
final class SelectorReadiness extends Readiness {
    @Override
    public String name() {
        return "selector";
    }

    @Override
    Waiter reader(SelectableChannel channel) {
        return new SelectorWaiter(channel, SelectionKey.OP_READ);
    }

    @Override
    Waiter writer(SelectableChannel channel, int selectionOp) {
        return new SelectorWaiter(channel, selectionOp);
    }

    private static final class SelectorWaiter extends Waiter {
        /** Null once closed: the wheel may hold this waiter for ten seconds more. */
        private @Nullable SelectableChannel channel;

        private final int op;
        private volatile @Nullable Selector selector;

        SelectorWaiter(SelectableChannel channel, int op) {
            this.channel = channel;
            this.op = op;
        }

        @Override
        void enter() throws IOException {
            if (selector == null) {
                SelectableChannel open = Objects.requireNonNull(channel);
                Selector fresh = open.provider().openSelector();
                try {
                    open.register(fresh, op);
                } catch (IOException | RuntimeException e) {
                    fresh.close();
                    throw e;
                }
                selector = fresh;
            }
        }

        @Override
        void park(Deadline deadline, long leftNanos) throws IOException {
            Selector mine = selector;
            if (mine == null) {
                return;
            }
            if (leftNanos < TimeoutWheel.EXACT_BELOW_NANOS) {
                mine.select(TimeUnit.NANOSECONDS.toMillis(leftNanos + 999_999));
            } else {
                TimeoutWheel wheel = TimeoutWheel.shared();
                wheel.arm(this, deadline.expiryNanos());
                mine.select();
                wheel.disarm(this);
            }
            mine.selectedKeys().clear();
        }

        @Override
        void leave() {}

        /** A wake-up of a selector on which nobody waits makes its next select return at once. */
        @Override
        protected void fire() {
            Selector mine = selector;
            if (mine != null) {
                try {
                    mine.wakeup();
                } catch (ClosedSelectorException e) {
                    // the last thread out was faster
                }
            }
        }

        @Override
        void close() {
            Selector mine = selector;
            channel = null;
            selector = null;
            if (mine != null) {
                try {
                    mine.close();
                } catch (IOException e) {
                    // nothing is left to free
                }
            }
        }
    }
}
