package io.cosocket.http;

import io.cosocket.SocketScope;
import io.cosocket.StreamSocket;
import io.cosocket.transport.ChannelTransport;
import io.cosocket.transport.SocketSeam;
import io.cosocket.transport.Transport;

import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.HttpStream;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Takes the connection from Jetty while the request is in flight.
 *
 * <pre>
 *   HTTP ──refused──► HTTP                  the exchange goes on as if nothing was asked
 *   HTTP ──output muted, stream muted, end point upgraded──► RAW ──closed──► sending ended
 *   sending ended, exchange completed ──► lingers, closed
 * </pre>
 */
final class RawTakeOver {
    private final EndPoint endPoint;
    private final JettyBridge bridge;
    private final TakenTransport transport;
    private final StreamSocket socket;

    /** The socket is closed or the exchange completed, but not both. */
    private final AtomicBoolean halfDone = new AtomicBoolean();

    private RawTakeOver(Exchange exchange, SocketScope owner, EndPoint endPoint)
            throws IOException {
        this.endPoint = endPoint;
        this.bridge = exchange.bridge();
        RawConnection connection = exchange.downstream().detach(this::completed);
        boolean owesLineEnd = exchange.output().owesLineEnd();
        this.transport = new TakenTransport(below(), connection.preRead(), owesLineEnd);
        this.socket = SocketSeam.stream(owner, transport);
    }

    static RawTakeOver of(Exchange exchange) throws IOException {
        if (exchange.head().isHttp2()) {
            throw new UnsupportedOperationException(
                    "no raw socket on HTTP/2, whose connection carries other requests too: use"
                            + " requestSocket() and print(), or an HTTP/1.1 listener");
        }
        SocketScope owner = exchange.sockets();
        RequestBody body = exchange.body();
        body.refuseHalfRead();
        exchange.output().refuseToMute();
        Downstream downstream = exchange.downstream();
        downstream.settle();
        EndPoint endPoint = downstream.endPoint();
        if (endPoint.isFillInterested()) {
            throw new IllegalStateException("pending request body reading");
        }
        exchange.output().mute();
        body.yieldToRaw();
        return new RawTakeOver(exchange, owner, endPoint);
    }

    /**
     * A cleartext connection is used on its channel, past Jetty's selector, which has no interest
     * in it any more: a wait costs one hop less, and a reset is told from an end. Its end point
     * still closes it.
     */
    private Transport below() throws IOException {
        return endPoint instanceof SocketChannelEndPoint plain
                ? ChannelTransport.over(plain.getChannel(), this::socketClosed)
                : new EndPointTransport(endPoint, this::socketClosed);
    }

    /**
     * Jetty's success is left out where it would close the connection: the reader of an encrypted
     * one may wait on the end point already.
     */
    private void completed(HttpStream stream) {
        if (endPoint instanceof SocketChannelEndPoint) {
            stream.succeeded();
        }
        letGo();
    }

    private void socketClosed() {
        endPoint.shutdownOutput();
        letGo();
    }

    /** The socket is closed, or Jetty has completed the exchange: the later of both lets go. */
    private void letGo() {
        if (!halfDone.compareAndSet(false, true)) {
            bridge.letGo(endPoint);
        }
    }

    StreamSocket socket() {
        return socket;
    }

    TakenTransport transport() {
        return transport;
    }

    /** Closes the socket; a thread that still waits on it leaves first. */
    void close() {
        socket.close();
    }
}
