package io.cosocket.http;

import io.cosocket.Cosockets;
import io.cosocket.ScopedTask;
import io.cosocket.SocketScope;
import io.cosocket.transport.Deadline;

import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.PreEncodedHttpField;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.QuietException;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Jetty's handler: one exchange for each request, run on the virtual thread that parsed it, from
 * the first phase to the end of the connection or the next request. An upgrade is run on a thread
 * of its own.
 */
final class JettyBridge extends Handler.Abstract {
    private static final Logger LOG = LoggerFactory.getLogger(JettyBridge.class);

    /** A callback that takes longer is cancelled with the run that it announces the end of. */
    private static final Duration MOST_CALLBACK_TIME = Duration.ofSeconds(5);

    private final HttpConfig config;
    private final Routes routes;
    private final Cosockets sockets;
    private final @Nullable HttpField serverField;
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger taken = new AtomicInteger();
    private volatile boolean draining;
    private volatile boolean cutting;

    JettyBridge(HttpConfig config, Routes routes, Cosockets sockets) {
        this.config = config;
        this.routes = routes;
        this.sockets = sockets;
        String name = config.serverHeader();
        this.serverField = name == null ? null : new PreEncodedHttpField(HttpHeader.SERVER, name);
    }

    HttpConfig config() {
        return config;
    }

    boolean draining() {
        return draining;
    }

    void drain() {
        draining = true;
    }

    /** Tells whether runs are cancelled because the server stops. */
    boolean cutting() {
        return cutting;
    }

    void cut() {
        draining = true;
        cutting = true;
    }

    /** Tells how many exchanges there are, raw ones included. */
    int running() {
        return running.get();
    }

    /** Tells how many connections were taken from Jetty and are not closed yet. */
    int taken() {
        return taken.get();
    }

    /** Counts a connection that was taken, which {@link #letGo} gets in the end. */
    void take() {
        taken.incrementAndGet();
    }

    /** Closes a connection that was taken and whose sending side has ended; returns at once. */
    void letGo(EndPoint endPoint) {
        Linger.close(endPoint, config.timeouts().drain(), taken::decrementAndGet);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        ownHeaders(response);
        Exchange exchange = new Exchange(this, request, response, callback);
        running.incrementAndGet();
        // A connection that is taken over may rest for hours: begun afresh, its stack does not hold
        // Jetty's frames and what they refer to.
        boolean upgrade = request.getHeaders().contains(HttpHeader.UPGRADE);
        if (Thread.currentThread().isVirtual() && !upgrade) {
            serve(exchange);
        } else {
            Thread.startVirtualThread(() -> serveOrFail(exchange));
        }
        return true;
    }

    /** Does for a thread of our own what Jetty does for its threads. */
    private void serveOrFail(Exchange exchange) {
        try {
            serve(exchange);
        } catch (RuntimeException | Error e) {
            exchange.downstream().fail(e);
        }
    }

    /** Serves an exchange that is counted already. */
    private void serve(Exchange exchange) {
        Downstream downstream = exchange.downstream();
        try {
            if (!downstream.begin(exchange)) {
                downstream.fail(failure("request head came too late"));
                return;
            }
            if (config.accessLog() != null) {
                downstream.request().setAttribute(AccessLogWriter.KEY, exchange);
            }
            HandlerRun run = new HandlerRun(exchange, routes, sockets);
            run.handle();
            boolean complete = finish(exchange);
            exchange.enterLog();
            run.log();
            exchange.output().release();
            if (exchange.raw() != null) {
                logRaw(exchange);
                return;
            }
            // first: once completed, the next request may begin on another thread
            downstream.next();
            if (complete) {
                downstream.complete();
            } else {
                downstream.fail(failure("exchange failed"));
            }
        } finally {
            // an interrupt meant for the run must not reach the connection's next request
            Thread.interrupted();
            running.decrementAndGet();
        }
    }

    private static Exception failure(String reason) {
        return new QuietException.Exception(reason);
    }

    /** Jetty's part of such an exchange, and its log entry, ended long before. */
    private void logRaw(Exchange exchange) {
        AccessLog log = config.accessLog();
        if (log != null) {
            AccessLogWriter.raw(log, exchange);
        }
    }

    /** Brings the connection to where the next request begins; false when it must close. */
    private boolean finish(Exchange exchange) {
        Downstream downstream = exchange.downstream();
        downstream.settle();
        RawTakeOver raw = exchange.raw();
        if (raw != null) {
            raw.close();
            return true;
        }
        if (!exchange.output().ended()) {
            exchange.output().abandon();
            downstream.mute();
            RequestBody body = exchange.bodyIfUsed();
            if (body != null) {
                body.release();
            }
            return false;
        }
        boolean unread = exchange.head().hasBody() && !drain(exchange.body());
        // after a 101 the client speaks another protocol, which nobody is there to hear
        if (unread || exchange.status() == 101) {
            downstream.refuseRest();
        } else {
            downstream.lingerIfEnding();
        }
        return true;
    }

    private boolean drain(RequestBody body) {
        Deadline deadline = Deadline.after(config.timeouts().drain());
        return body.drain(config.limits().drainBytes(), deadline);
    }

    /** Runs what a handler wants done when its client left, in a thread of its own. */
    void runAbortCallback(Exchange exchange, SocketScope scope, ScopedTask callback) {
        try {
            scope.fork(
                            () -> {
                                callback.run(scope);
                                return null;
                            })
                    .join(MOST_CALLBACK_TIME);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            LOG.warn(
                    "{} {} from {}: abort callback failed",
                    exchange.method(),
                    exchange.head().target(),
                    exchange.remoteAddress(),
                    e);
        }
    }

    /** Adds what every response has. */
    void ownHeaders(Response response) {
        HttpField server = serverField;
        if (server != null) {
            response.getHeaders().add(server);
        }
        if (config.dateHeader()) {
            // Jetty keeps this field when a response is reset, so that it may be there already
            response.getHeaders().put(getServer().getDateField());
        }
    }

    RequestBody bodyOf(Request request, RequestHead head) {
        boolean waits =
                head.isHttp11() && request.getHeaders().contains(HttpHeader.EXPECT, "100-continue");
        BodyTransport transport =
                new BodyTransport(
                        request, head.localAddress(), head.remoteAddress(), config.limits());
        return new RequestBody(transport, request.getLength(), waits);
    }
}
