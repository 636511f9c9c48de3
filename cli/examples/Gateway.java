import static java.time.Duration.ofSeconds;

import io.cosocket.ConnectOptions;
import io.cosocket.PoolOptions;
import io.cosocket.SocketScope;
import io.cosocket.TcpSocket;
import io.cosocket.http.Application;
import io.cosocket.http.Exchange;
import io.cosocket.http.Routes;

import java.io.IOException;

/** Passes GET on to an upstream that a timer watches: java -Dupstream=127.0.0.1:8081 -jar … */
public final class Gateway implements Application {
    private static final String UPSTREAM = System.getProperty("upstream", "127.0.0.1:8081");
    // An upstream that speaks TLS needs .withTls(TlsOptions.defaults()), too.
    private static final ConnectOptions OPTIONS =
            ConnectOptions.defaults().withPool(PoolOptions.defaults().withMaxOpen(100));

    private volatile boolean up = true;

    @Override
    public void configure(Routes routes) {
        routes.every(ofSeconds(1), this::probe);
        routes.access("/*", this::check);
        routes.content("/*", Gateway::pass);
    }

    private void probe(SocketScope sockets) {
        try (TcpSocket upstream = sockets.connect(UPSTREAM, OPTIONS)) {
            up = upstream.isOpen();
        } catch (IOException e) {
            up = false;
        }
    }

    private void check(Exchange exchange) throws IOException {
        if (!exchange.method().equals("GET") || !up) {
            exchange.fail(up ? 405 : 503);
        }
    }

    private static void pass(Exchange exchange) throws IOException {
        try (TcpSocket upstream = exchange.sockets().connect(UPSTREAM, OPTIONS)) {
            String query = exchange.query() == null ? "" : "?" + exchange.query();
            String target = exchange.rawPath() + query;
            upstream.send("GET " + target + " HTTP/1.0\r\nHost: " + UPSTREAM + "\r\n\r\n");
            String status = upstream.receiveLine();
            exchange.status(Integer.parseInt(status.substring(9, 12)));
            // A gateway would pass headers on here.
            while (!upstream.receiveLine().isEmpty()) {}
            // In HTTP/1.0 the connection ends with the body.
            upstream.inputStream().transferTo(exchange.outputStream());
        }
    }
}
