import io.cosocket.StreamSocket;
import io.cosocket.TcpSocket;
import io.cosocket.http.Application;
import io.cosocket.http.Exchange;
import io.cosocket.http.Routes;

import java.io.IOException;
import java.time.Duration;

/** Waits for long on the raw connection or on an upstream: /raw?NUMBER, /upstream?NUMBER. */
public final class Parked implements Application {
    private static final int PORT = Integer.getInteger("upstream.port", 7);
    private static final Duration LONG = Duration.ofMinutes(30);

    @Override
    public void configure(Routes routes) {
        routes.content("/raw", Parked::raw);
        routes.content("/upstream", Parked::upstream);
    }

    private static void raw(Exchange exchange) throws IOException {
        exchange.status(101).setHeader("Connection", "Upgrade").setHeader("Upgrade", "echo");
        exchange.flush();
        StreamSocket client = exchange.rawSocket();
        client.receiveTimeout(LONG);
        client.send("first " + exchange.query() + "\n");
        for (String line; (line = client.receiveLine()) != null; ) {
            client.send(line + "\n");
        }
    }

    private static void upstream(Exchange exchange) throws IOException {
        try (TcpSocket upstream = exchange.sockets().connect("127.0.0.1", PORT)) {
            upstream.receiveTimeout(LONG);
            upstream.send("last " + exchange.query() + "\n");
            exchange.say(String.valueOf(upstream.receiveLine()));
        }
    }
}
