package io.cosocket.http;

import org.eclipse.jetty.http2.ErrorCode;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.frames.ResetFrame;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

import java.util.function.Consumer;

/**
 * What an exchange has to do with the connection it came on, beside reading the body and writing
 * the response.
 *
 * <pre>
 *   begin ──► under way ──settle──► settled ──┬──► next: the connection waits for another request
 *                                             ├──► muted: the completion closes it, nothing is sent
 *                                             └──► detached: raw, or lingers and closes
 * </pre>
 *
 * <p>With {@link #complete()} or {@link #fail} Jetty's part is over, and nothing of it is held.
 */
final class Downstream {
    private final JettyBridge bridge;
    private @Nullable Request request;
    private @Nullable Callback callback;

    /** Null on HTTP/2, whose streams Jetty watches. */
    private @Nullable ConnectionWatch watch;

    Downstream(JettyBridge bridge, Request request, Callback callback, boolean http2) {
        this.bridge = bridge;
        this.request = request;
        this.callback = callback;
        this.watch = http2 ? null : ConnectionWatch.of(request.getConnectionMetaData());
    }

    /**
     * Begins the exchange.
     *
     * @return false when the connection gave it up before
     */
    boolean begin(Exchange exchange) {
        ConnectionWatch connection = watch;
        if (connection != null) {
            return connection.begin(exchange);
        }
        outlivesIdleTime();
        if (exchange.watched()) {
            // called on a thread of Jetty's that must not wait
            request()
                    .addFailureListener(failure -> Thread.startVirtualThread(exchange::clientLeft));
        }
        return true;
    }

    /**
     * Gives Jetty's request.
     *
     * @throws IllegalStateException when the exchange is completed
     */
    Request request() {
        Request known = request;
        if (known == null) {
            throw new IllegalStateException("the exchange is completed");
        }
        return known;
    }

    /** Completes Jetty's part of the exchange, unless it is. */
    void complete() {
        Callback known = forget();
        if (known != null) {
            known.succeeded();
        }
    }

    /** Lets Jetty close the connection of an exchange that did not come to its end. */
    void fail(Throwable reason) {
        Callback known = forget();
        if (known != null) {
            known.failed(reason);
        }
    }

    private @Nullable Callback forget() {
        Callback known = callback;
        callback = null;
        request = null;
        watch = null;
        return known;
    }

    /** Leaves the connection alone from here on: it is completed or taken over. */
    void settle() {
        ConnectionWatch connection = watch;
        if (connection != null) {
            connection.settle();
        }
    }

    /** Lets the connection wait for its next request, if it is still there. */
    void next() {
        ConnectionWatch connection = watch;
        if (connection != null) {
            connection.next();
        }
    }

    /** Keeps Jetty's idle time-out from failing a request whose handler takes its time. */
    void outlivesIdleTime() {
        request().addIdleTimeoutListener(timeout -> false);
    }

    EndPoint endPoint() {
        return request().getConnectionMetaData().getConnection().getEndPoint();
    }

    /** Lets Jetty send and read nothing more of the exchange; its failure closes the connection. */
    void mute() {
        request().addHttpStreamWrapper(stream -> new MutedStream(stream, null));
    }

    /**
     * Takes the connection from Jetty; it goes to {@link JettyBridge#letGo} in the end.
     *
     * @param completed called when Jetty has completed the exchange, with the stream, whose success
     *     gives Jetty's buffer back; but it closes a connection that somebody waits on
     */
    RawConnection detach(Consumer<HttpStream> completed) {
        bridge.take();
        Request taken = request();
        taken.addHttpStreamWrapper(stream -> new MutedStream(stream, completed));
        ConnectionMetaData data = taken.getConnectionMetaData();
        EndPoint endPoint = endPoint();
        RawConnection connection = new RawConnection(endPoint, data.getConnector().getExecutor());
        endPoint.upgrade(connection);
        // else Jetty would go on reading the connection when the stream succeeds
        taken.setAttribute(HttpStream.UPGRADE_CONNECTION_ATTRIBUTE, connection);
        endPoint.setIdleTimeout(0); // its timer would only be in vain
        return connection;
    }

    /**
     * Gives up on the rest of a request that has its answer. On HTTP/2 the client is told to send
     * no more of it; a connection of HTTP/1 ends, for nobody knows where the next request begins.
     */
    void refuseRest() {
        Request refused = request();
        if (refused.getConnectionMetaData().getConnection() instanceof HTTP2Connection http2) {
            Stream stream = http2.getSession().getStream(Integer.parseInt(refused.getId()));
            if (stream != null) {
                stream.reset(
                        new ResetFrame(stream.getId(), ErrorCode.NO_ERROR.code), Callback.NOOP);
            }
        } else {
            linger();
        }
    }

    /** Ends a connection whose sending side Jetty has ended, because that was agreed on. */
    void lingerIfEnding() {
        if (watch != null && endPoint().isOutputShutdown()) {
            linger();
        }
    }

    private void linger() {
        EndPoint endPoint = endPoint();
        if (endPoint.isFillInterested()) {
            return; // for the body, which does not come: Jetty closes
        }
        endPoint.shutdownOutput();
        detach(
                stream -> {
                    stream.succeeded();
                    bridge.letGo(endPoint);
                });
    }
}
