package io.cosocket.http;

import io.cosocket.StreamSocket;
import io.cosocket.transport.ChannelTransport;
import io.cosocket.transport.SocketSeam;
import io.cosocket.transport.Transport;

import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;

import java.io.IOException;

/**
 * Takes the connection from Jetty while the request is in flight.
 *
 * <pre>
 *   HTTP ──refused──► HTTP                  the exchange goes on as if nothing was asked
 *   HTTP ──output muted, stream muted, end point upgraded──► RAW ──run ends──► closed, completed
 * </pre>
 */
final class RawTakeOver {
    private final TakenTransport transport;
    private final StreamSocket socket;

    private RawTakeOver(TakenTransport transport, StreamSocket socket) {
        this.transport = transport;
        this.socket = socket;
    }

    static RawTakeOver of(Exchange exchange, Request request, Response response)
            throws IOException {
        if (exchange.head().isHttp2()) {
            throw new UnsupportedOperationException(
                    "no raw socket on HTTP/2, whose connection carries other requests too: use"
                            + " requestSocket() and print(), or an HTTP/1.1 listener");
        }
        RequestBody body = exchange.body();
        body.refuseHalfRead();
        exchange.output().refuseToMute();
        exchange.settle();
        EndPoint endPoint =
                Request.unWrap(request).getConnectionMetaData().getConnection().getEndPoint();
        if (endPoint.isFillInterested()) {
            throw new IllegalStateException("pending request body reading");
        }
        boolean owesLineEnd = exchange.output().mute();
        body.yieldToRaw();
        request.addHttpStreamWrapper(MutedStream::new);
        RawConnection connection =
                new RawConnection(
                        endPoint, request.getConnectionMetaData().getConnector().getExecutor());
        endPoint.upgrade(connection);
        TakenTransport transport =
                new TakenTransport(below(endPoint), connection.preRead(), owesLineEnd);
        StreamSocket socket = SocketSeam.stream(exchange.sockets(), transport);
        return new RawTakeOver(transport, socket);
    }

    /**
     * A cleartext connection is used on its channel, past Jetty's selector, which has no interest
     * in it any more: a wait costs one hop less, and a reset is told from an end. Its end point
     * still closes it.
     */
    private static Transport below(EndPoint endPoint) throws IOException {
        return endPoint instanceof SocketChannelEndPoint plain
                ? ChannelTransport.over(plain.getChannel(), plain::close)
                : new EndPointTransport(endPoint);
    }

    StreamSocket socket() {
        return socket;
    }

    TakenTransport transport() {
        return transport;
    }

    /** Closes the connection; a thread that still waits on it leaves first. */
    void close() {
        socket.close();
    }
}
