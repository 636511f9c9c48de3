import static java.time.Duration.ofMillis;

import io.cosocket.ConnectOptions;
import io.cosocket.PoolOptions;
import io.cosocket.TcpSocket;
import io.cosocket.Timeouts;
import io.cosocket.http.Exchange;
import io.cosocket.http.Handler;

import java.io.IOException;

/** Asks Redis on a pooled connection. Another port: java -Dredis.port=6390 -jar … */
public final class RedisPing implements Handler {
    private static final int PORT = Integer.getInteger("redis.port", 6379);
    private static final ConnectOptions REDIS =
            ConnectOptions.defaults()
                    .withTimeouts(Timeouts.of(ofMillis(5000)))
                    .withPool(PoolOptions.defaults().withName("redis").withMaxIdle(256));

    @Override
    public void handle(Exchange exchange) throws IOException {
        try (TcpSocket redis = exchange.sockets().connect("127.0.0.1", PORT, REDIS)) {
            redis.send("PING\r\n");
            exchange.setHeader("X-Reuse-Count", String.valueOf(redis.reuseCount()));
            exchange.say(String.valueOf(redis.receiveLine()));
            // Kept for the next request. Without this the connection really closes.
            redis.release();
        }
    }
}
