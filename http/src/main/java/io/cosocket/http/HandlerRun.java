package io.cosocket.http;

import io.cosocket.Cosockets;
import io.cosocket.ScopedTask;
import io.cosocket.SocketClosedException;
import io.cosocket.SocketClosedException.ClosedBy;
import io.cosocket.SocketScope;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;

/**
 * Runs the handlers of one exchange, phase by phase, each with a scope of its own.
 *
 * <pre>
 *   body read ─► rewrite ─┬─► access ─► content ─► response ended ─► log ─► completed
 *                  ▲      │      │         │
 *                  └──────┘      └─────────┴── end, fail, raw, exception, abort ─► log
 *              path changed
 * </pre>
 */
final class HandlerRun {
    private static final Logger LOG = LoggerFactory.getLogger(HandlerRun.class);
    private static final int MOST_REWRITES = 10;

    private final Exchange exchange;
    private final Routes routes;
    private final Cosockets sockets;

    HandlerRun(Exchange exchange, Routes routes, Cosockets sockets) {
        this.exchange = exchange;
        this.routes = routes;
        this.sockets = sockets;
    }

    /** Runs rewrite, access and content and ends the response; never throws. */
    void handle() {
        try {
            if (admit() && rewrite() && phase(Phase.ACCESS) && content()) {
                exchange.output().end();
            }
        } catch (Throwable e) {
            fail(e);
        }
    }

    /** Runs the log phase; its failure is only logged. */
    void log() {
        Routes.Route route = routes.find(Phase.LOG, exchange.path());
        if (route == null) {
            return;
        }
        try {
            run(Phase.LOG, route);
        } catch (Throwable e) {
            LOG.warn("{}: log handler failed", described(), e);
        }
    }

    /** Refuses what is over the limits, and reads the body that is wanted before the handlers. */
    private boolean admit() throws Exception {
        HttpLimits limits = exchange.bridge().config().limits();
        if (exchange.rawPath().length() > limits.uriBytes()
                || exchange.head().target().length() > limits.uriBytes()) {
            exchange.fail(414);
            return false;
        }
        int refused = exchange.head().statusForCoding();
        if (refused != 0) {
            exchange.refuse(refused);
            return false;
        }
        if (exchange.head().length() > limits.bodyBytes()) {
            exchange.fail(413);
            return false;
        }
        int maxBytes = routes.bufferedBytes(exchange.path());
        if (maxBytes > 0) {
            run(Phase.REWRITE, "body", scope -> exchange.body().read(scope, maxBytes));
        }
        return !exchange.isOver();
    }

    private boolean rewrite() throws Exception {
        for (int i = 0; i <= MOST_REWRITES; i++) {
            Routes.Route route = routes.find(Phase.REWRITE, exchange.path());
            if (route == null) {
                return true;
            }
            run(Phase.REWRITE, route);
            if (exchange.isOver()) {
                return false;
            }
            if (!exchange.wasRewritten()) {
                return true;
            }
        }
        LOG.warn("{}: rewritten more than {} times", described(), MOST_REWRITES);
        exchange.fail(500);
        return false;
    }

    private boolean phase(Phase phase) throws Exception {
        Routes.Route route = routes.find(phase, exchange.path());
        if (route != null) {
            run(phase, route);
        }
        return !exchange.isOver();
    }

    private boolean content() throws Exception {
        Routes.Route route = routes.find(Phase.CONTENT, exchange.path());
        if (route == null) {
            exchange.fail(404);
            return false;
        }
        run(Phase.CONTENT, route);
        return !exchange.isOver();
    }

    private void run(Phase phase, Routes.Route route) throws Exception {
        Handler handler = route.handler();
        run(
                phase,
                route.runName(),
                scope -> {
                    try {
                        handler.handle(exchange);
                    } finally {
                        RequestBody body = exchange.bodyIfUsed();
                        if (body != null) {
                            body.noteUnread();
                        }
                    }
                });
    }

    private void run(Phase phase, String name, ScopedTask task) throws Exception {
        SocketScope scope = sockets.openScope(name);
        exchange.enter(phase, scope);
        try {
            if (phase != Phase.LOG && exchange.aborted()) {
                scope.close();
                throw new SocketClosedException(
                        "run " + name + ": client aborted", ClosedBy.CANCELLED);
            }
            scope.run(task);
        } finally {
            exchange.leave();
        }
    }

    private void fail(Throwable error) {
        if (exchange.output().ended() && exchange.isOver() && isCancel(error)) {
            return; // end() in a fork cancelled the handler
        }
        ResponseOutput output = exchange.output();
        boolean cut = exchange.bridge().cutting() && isCancel(error);
        int status = cut ? 503 : statusFor(error);
        if (exchange.wasLeft()) {
            exchange.left();
        }
        report(error, status, cut);
        if (!output.committed() && !exchange.aborted()) {
            try {
                exchange.fail(status);
            } catch (Exception e) {
                LOG.debug("{}: the answer could not be sent", described(), e);
            }
        }
    }

    private void report(Throwable error, int status, boolean cut) {
        if (exchange.wasLeft()) {
            LOG.debug("{}: client aborted", described(), error);
            return;
        }
        String phase = exchange.phase().word;
        if (cut) {
            LOG.info("{}: {} handler cut, the server stops", described(), phase);
            return;
        }
        String answer =
                exchange.raw() != null
                        ? "the raw connection closes"
                        : exchange.output().ended()
                                ? "after its answer " + exchange.status()
                                : exchange.output().committed()
                                        ? "the connection closes"
                                        : "answered " + status;
        if (error instanceof IOException) {
            // its words name the operation and both ends; where it was called is seldom news
            LOG.warn("{}: {} handler failed, {}: {}", described(), phase, answer, error.toString());
            LOG.debug("{}: {} handler failed", described(), phase, error);
        } else {
            LOG.warn("{}: {} handler failed, {}", described(), phase, answer, error);
        }
    }

    private static boolean isCancel(Throwable error) {
        return error instanceof InterruptedException
                || error instanceof SocketClosedException closed
                        && closed.closedBy() != ClosedBy.PEER;
    }

    private int statusFor(Throwable error) {
        RequestBody body = exchange.bodyIfUsed();
        int status = body == null ? 0 : body.statusFor(error);
        return status == 0 ? 500 : status;
    }

    private String described() {
        RequestHead head = exchange.head();
        return head.method() + " " + head.target() + " from " + head.remoteAddress();
    }
}
