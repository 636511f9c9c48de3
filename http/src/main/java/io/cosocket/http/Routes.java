package io.cosocket.http;

import io.cosocket.Cosockets;
import io.cosocket.ScopedTask;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Which handler serves which path in which phase.
 *
 * <p>A pattern is {@code /exact}, {@code /prefix/*} (the prefix itself too), {@code *.ext} or
 * {@code /*}. In each phase the most specific one that matches the decoded path serves: an exact
 * path, else the longest prefix, else an extension, else {@code /*}. The phases run in the order
 * rewrite, access, content, log; a path without a content handler is answered 404.
 *
 * <p>Every method throws {@link IllegalArgumentException} for a pattern of another form or one that
 * its phase has already, for a null or a value out of range, and {@link IllegalStateException} once
 * the server has started.
 *
 * <p>Threads: the one that configures. Lifetime: the call of {@link Application#configure}.
 */
public final class Routes {
    record Route(Handler handler, String runName) {}

    private static final Duration LONGEST = Duration.ofDays(36_500);

    private final Map<Phase, RouteTable<Route>> tables = new EnumMap<>(Phase.class);
    private final RouteTable<Integer> bodies = new RouteTable<>();
    private final List<Consumer<Cosockets>> timers = new ArrayList<>();
    private @Nullable ClientHelloHandler clientHello;
    private @Nullable CertificateHandler certificate;
    private boolean bodiesWanted;
    private boolean started;

    Routes() {}

    /**
     * Adds a handler of the rewrite phase ({@code rewrite_by_lua}): it may change the path by
     * {@link Exchange#rewrite}, after which this phase begins again, at most 10 times.
     */
    public Routes rewrite(String pattern, Handler handler) {
        return add(Phase.REWRITE, pattern, handler);
    }

    /**
     * Adds a handler of the access phase ({@code access_by_lua}): it may answer by {@link
     * Exchange#fail} or {@link Exchange#end}, or take the raw socket.
     */
    public Routes access(String pattern, Handler handler) {
        return add(Phase.ACCESS, pattern, handler);
    }

    /** Adds a handler of the content phase ({@code content_by_lua}): it answers. */
    public Routes content(String pattern, Handler handler) {
        return add(Phase.CONTENT, pattern, handler);
    }

    /**
     * Adds a handler of the log phase ({@code log_by_lua}): it runs after the response, whatever
     * became of it. Unlike in the original it may use sockets.
     */
    public Routes log(String pattern, Handler handler) {
        return add(Phase.LOG, pattern, handler);
    }

    /**
     * Reads the request body before the first handler ({@code lua_need_request_body}); {@link
     * Exchange#readBody} then gives it. A longer one is answered 413.
     *
     * @param maxBytes at least 1
     */
    public Routes bufferBody(String pattern, int maxBytes) {
        open();
        if (maxBytes < 1) {
            throw new IllegalArgumentException(
                    "bad body limit: " + maxBytes + " (allowed: at least 1)");
        }
        bodies.add(pattern, maxBytes);
        bodiesWanted = true;
        return this;
    }

    /**
     * Looks at every client of the TLS listeners before its handshake is answered ({@code
     * ssl_client_hello_by_lua}).
     *
     * @throws IllegalArgumentException when there is one already
     */
    public Routes clientHello(ClientHelloHandler handler) {
        open();
        if (handler == null || clientHello != null) {
            throw new IllegalArgumentException(
                    "bad client hello handler: "
                            + (handler == null ? "null" : "a second one")
                            + " (allowed: one)");
        }
        clientHello = handler;
        return this;
    }

    /**
     * Chooses the certificates of the TLS listeners ({@code ssl_certificate_by_lua}).
     *
     * @throws IllegalArgumentException when there is one already
     */
    public Routes certificate(CertificateHandler handler) {
        open();
        if (handler == null || certificate != null) {
            throw new IllegalArgumentException(
                    "bad certificate handler: "
                            + (handler == null ? "null" : "a second one")
                            + " (allowed: one)");
        }
        certificate = handler;
        return this;
    }

    /**
     * Runs a task once, {@code delay} after the start ({@code ngx.timer.at}), as {@link
     * Cosockets#after} does.
     *
     * @param delay zero to 36,500 days
     */
    public Routes after(Duration delay, ScopedTask task) {
        return timer("delay", delay, Duration.ZERO, task, sockets -> sockets.after(delay, task));
    }

    /**
     * Runs a task again and again from the start on ({@code ngx.timer.every}), as {@link
     * Cosockets#every} does.
     *
     * @param period above zero, at most 36,500 days
     */
    public Routes every(Duration period, ScopedTask task) {
        Duration least = Duration.ofNanos(1);
        return timer("period", period, least, task, sockets -> sockets.every(period, task));
    }

    /** Refuses here what would fail the start, when the server listens already. */
    private Routes timer(
            String what,
            Duration time,
            Duration least,
            ScopedTask task,
            Consumer<Cosockets> begin) {
        open();
        if (task == null) {
            throw new IllegalArgumentException("bad timer task: null (allowed: a value)");
        }
        if (time == null || time.compareTo(least) < 0 || time.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "bad " + what + ": " + time + " (allowed: " + least + " to " + LONGEST + ")");
        }
        timers.add(begin);
        return this;
    }

    private Routes add(Phase phase, String pattern, Handler handler) {
        open();
        if (handler == null) {
            throw new IllegalArgumentException("bad handler: null (allowed: a value)");
        }
        tables.computeIfAbsent(phase, absent -> new RouteTable<>())
                .add(pattern, new Route(handler, phase.word + " " + pattern));
        return this;
    }

    private void open() {
        if (started) {
            throw new IllegalStateException("the server has started");
        }
    }

    /** Ends the configuration and starts the timers. */
    void start(Cosockets sockets) {
        started = true;
        timers.forEach(timer -> timer.accept(sockets));
    }

    @Nullable Route find(Phase phase, String path) {
        RouteTable<Route> table = tables.get(phase);
        return table == null ? null : table.find(path);
    }

    @Nullable ClientHelloHandler clientHello() {
        return clientHello;
    }

    @Nullable CertificateHandler certificate() {
        return certificate;
    }

    /** Gives the limit of a body that is read before the handlers, or 0 for none. */
    int bufferedBytes(String path) {
        Integer maxBytes = bodiesWanted ? bodies.find(path) : null;
        return maxBytes == null ? 0 : maxBytes;
    }
}
