package io.cosocket.transport;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.channels.SelectableChannel;

/**
 * How a thread waits until a channel is ready. Chosen once for the process: the JDK's own poller
 * when {@code java.base/sun.nio.ch} is exported to this module, else a private selector for each
 * waiting side. The system property {@code cosocket.readiness} ({@code poller} or {@code selector})
 * forces one.
 */
public abstract sealed class Readiness permits PollerReadiness, SelectorReadiness {
    private static final Logger LOG = LoggerFactory.getLogger(Readiness.class);
    private static final Readiness CHOSEN = choose();

    Readiness() {}

    /** Gives the implementation in use. */
    public static Readiness chosen() {
        return CHOSEN;
    }

    /** Names the implementation: {@code poller} or {@code selector}. */
    public abstract String name();

    /** Makes the reading waiter of a non-blocking channel. */
    abstract Waiter reader(SelectableChannel channel);

    /** Makes the writing (and connecting) waiter of a non-blocking channel. */
    abstract Waiter writer(SelectableChannel channel, int selectionOp);

    private static Readiness choose() {
        String forced = System.getProperty("cosocket.readiness", "");
        Readiness chosen =
                switch (forced) {
                    case "selector" -> new SelectorReadiness();
                    case "poller" -> PollerReadiness.required();
                    case "" -> PollerReadiness.orElse(SelectorReadiness::new);
                    default ->
                            throw new IllegalArgumentException(
                                    "bad cosocket.readiness: "
                                            + forced
                                            + " (allowed: poller, selector)");
                };
        LOG.debug("waiting for sockets by {}", chosen.name());
        return chosen;
    }
}
