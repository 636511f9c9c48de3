import io.cosocket.ConnectOptions;
import io.cosocket.SocketScope;
import io.cosocket.TcpSocket;
import io.cosocket.TlsOptions;
import io.cosocket.http.Application;
import io.cosocket.http.Exchange;
import io.cosocket.http.Routes;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/** Fetches from a TLS upstream: with a full handshake, with a resumed one, or much at once. */
public final class TlsFetch implements Application {
    private static final int PORT = Integer.getInteger("tls.port");
    private static final int BULK_BYTES = 16 << 20;
    private static final TlsOptions TLS =
            TlsOptions.defaults().withTrustPem(Path.of(System.getProperty("tls.root")));
    private static final TlsOptions TLS_1_2 = TLS.withProtocols(List.of("TLSv1.2"));
    private static final TlsOptions FULL = TLS.withSessionReuse(false);
    private static final TlsOptions FULL_1_2 = TLS_1_2.withSessionReuse(false);

    @Override
    public void configure(Routes routes) {
        routes.content("/full", exchange -> small(exchange, FULL));
        routes.content("/full12", exchange -> small(exchange, FULL_1_2));
        routes.content("/resumed12", exchange -> small(exchange, TLS_1_2));
        routes.content("/bulk", TlsFetch::bulk);
    }

    private static TcpSocket connect(SocketScope sockets, TlsOptions tls) throws IOException {
        return sockets.connect("localhost", PORT, ConnectOptions.defaults().withTls(tls));
    }

    private static void small(Exchange exchange, TlsOptions tls) throws IOException {
        try (TcpSocket upstream = connect(exchange.sockets(), tls)) {
            upstream.send("GET /small HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            exchange.say(String.valueOf(upstream.receiveLine()));
        }
    }

    private static void bulk(Exchange exchange) throws IOException {
        try (TcpSocket upstream = connect(exchange.sockets(), TLS)) {
            upstream.send("GET /bulk HTTP/1.1\r\nHost: localhost\r\n\r\n");
            upstream.receiveUntil("\r\n\r\n");
            ByteBuffer piece = ByteBuffer.allocate(65536);
            long count = 0;
            while (count < BULK_BYTES && upstream.receive(piece.clear()) > 0) {
                count += piece.position();
            }
            upstream.release();
            exchange.say(String.valueOf(count));
        }
    }
}
