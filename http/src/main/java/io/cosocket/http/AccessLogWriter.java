package io.cosocket.http;

import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.RequestLog;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.NanoTime;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/** Tells the access log of each exchange when Jetty completes it, malformed ones included. */
final class AccessLogWriter implements RequestLog {
    /** Where the bridge leaves the exchange. */
    static final String KEY = AccessLogWriter.class.getName();

    private static final Logger LOG = LoggerFactory.getLogger(AccessLogWriter.class);
    private static final SocketAddress UNKNOWN = InetSocketAddress.createUnresolved("unknown", 0);

    private final AccessLog log;

    AccessLogWriter(AccessLog log) {
        this.log = log;
    }

    @Override
    public void log(Request request, Response response) {
        ConnectionWatch watch = ConnectionWatch.of(request.getConnectionMetaData());
        Exchange exchange = (Exchange) request.getAttribute(KEY);
        boolean told =
                watch != null && watch.expired() || exchange != null && exchange.raw() != null;
        if (!told) {
            tell(log, entry(request, response, exchange));
        }
    }

    /** Tells of a raw connection at its end; Jetty's exchange was completed at its beginning. */
    static void raw(AccessLog log, Exchange exchange) {
        RequestHead head = exchange.head();
        TakenTransport transport = Objects.requireNonNull(exchange.raw()).transport();
        Duration taken = Duration.ofNanos(NanoTime.since(head.begunNanos()));
        tell(
                log,
                new AccessLog.Entry(
                        Instant.now().minus(taken),
                        head.remoteAddress(),
                        head.method(),
                        head.target(),
                        head.protocol(),
                        exchange.output().mutedFresh() ? 0 : exchange.output().status(),
                        transport.bytesIn(),
                        transport.bytesOut(),
                        taken,
                        transport.endSeen() ? "raw closed by client" : "raw closed"));
    }

    /** Tells of a request that was refused before its head was complete, named as Jetty does. */
    static void refused(AccessLog log, @Nullable SocketAddress remote, int status, long nanos) {
        Duration taken = Duration.ofNanos(nanos);
        tell(
                log,
                new AccessLog.Entry(
                        Instant.now().minus(taken),
                        remote == null ? UNKNOWN : remote,
                        "BAD",
                        "/badMessage",
                        "HTTP/1.0",
                        status,
                        0,
                        PlainErrors.text(status).length(),
                        taken,
                        "refused"));
    }

    private static void tell(AccessLog log, AccessLog.Entry entry) {
        try {
            log.log(entry);
        } catch (RuntimeException e) {
            LOG.warn("the access log failed", e);
        }
    }

    private static AccessLog.Entry entry(
            Request request, Response response, @Nullable Exchange exchange) {
        SocketAddress remote =
                exchange == null
                        ? request.getConnectionMetaData().getRemoteSocketAddress()
                        : exchange.remoteAddress();
        long nanos = NanoTime.since(request.getBeginNanoTime());
        return new AccessLog.Entry(
                Instant.ofEpochMilli(Request.getTimeStamp(request)),
                remote == null ? UNKNOWN : remote,
                request.getMethod(),
                String.valueOf(request.getHttpURI().getPathQuery()),
                request.getConnectionMetaData().getHttpVersion().asString(),
                status(response, exchange),
                Request.getContentBytesRead(request),
                bytesOut(request, response),
                Duration.ofNanos(nanos),
                end(exchange));
    }

    private static long bytesOut(Request request, Response response) {
        // Jetty counts what it was given
        return HttpMethod.HEAD.is(request.getMethod())
                ? 0
                : Response.getContentBytesWritten(response);
    }

    private static int status(Response response, @Nullable Exchange exchange) {
        return exchange != null && exchange.wasLeft() ? 499 : response.getStatus();
    }

    private static String end(@Nullable Exchange exchange) {
        if (exchange == null) {
            return "refused";
        }
        if (exchange.wasLeft()) {
            return "client aborted";
        }
        return exchange.output().ended() ? "done" : "failed";
    }
}
