import io.cosocket.ConnectOptions;
import io.cosocket.Fork;
import io.cosocket.PoolOptions;
import io.cosocket.PoolStats;
import io.cosocket.Receiver;
import io.cosocket.SocketScope;
import io.cosocket.StreamSocket;
import io.cosocket.TcpSocket;
import io.cosocket.Timeouts;
import io.cosocket.http.Application;
import io.cosocket.http.Exchange;
import io.cosocket.http.Routes;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/** A bit of everything a server does; each answer tells which request it belongs to. */
public final class Mixed implements Application {
    private static final int PORT = Integer.getInteger("redis.port", 6379);
    private static final ConnectOptions REDIS =
            ConnectOptions.defaults()
                    .withTimeouts(Timeouts.of(Duration.ofSeconds(60)))
                    .withPool(
                            PoolOptions.defaults()
                                    .withName("mixed")
                                    .withMaxIdle(64)
                                    .withIdleTimeout(Duration.ofSeconds(2)));

    @Override
    public void configure(Routes routes) {
        routes.content("/hello", exchange -> exchange.say("hello " + exchange.query()));
        routes.content("/slow", Mixed::slow);
        routes.content("/echo", Mixed::echo);
        routes.content("/bytes", Mixed::bytes);
        routes.content("/redis", Mixed::redis);
        routes.content("/forks", Mixed::forks);
        routes.content("/raw", Mixed::raw);
        routes.content("/unread", exchange -> exchange.say("unread " + exchange.query()));
        routes.content("/vitals", Mixed::vitals);
    }

    private static void slow(Exchange exchange) throws IOException {
        exchange.sockets().sleep(Duration.ofMillis(400));
        exchange.say("slow " + exchange.query());
    }

    private static void echo(Exchange exchange) throws IOException {
        Receiver body = exchange.requestSocket();
        exchange.print(body.receiveAll(1 << 20));
    }

    /** Answers with the parameter {@code size} of bytes that count up from {@code number}. */
    private static void bytes(Exchange exchange) throws IOException {
        int number = Integer.parseInt(String.valueOf(exchange.parameter("number")));
        int size = Integer.parseInt(String.valueOf(exchange.parameter("size")));
        byte[] piece = new byte[8192];
        OutputStream out = exchange.outputStream();
        for (int sent = 0; sent < size; ) {
            int length = Math.min(piece.length, size - sent);
            for (int i = 0; i < length; i++) {
                piece[i] = (byte) (number + sent + i);
            }
            out.write(piece, 0, length);
            sent += length;
        }
    }

    /** Has Redis say the number, after a wait if asked for one, on a pooled connection. */
    private static void redis(Exchange exchange) throws IOException {
        String number = String.valueOf(exchange.parameter("number"));
        try (TcpSocket redis = exchange.sockets().connect("127.0.0.1", PORT, REDIS)) {
            if (exchange.parameter("wait") != null) {
                redis.send("BLPOP nothing:" + number + " 1\r\n");
                expect("*-1", redis.receiveLine());
            }
            exchange.say(ask(redis, number));
            redis.release();
        }
    }

    private static void forks(Exchange exchange) throws Exception {
        String number = String.valueOf(exchange.parameter("number"));
        SocketScope sockets = exchange.sockets();
        Fork<String> one = sockets.fork(() -> forked(sockets, number + ".1"));
        Fork<String> other = sockets.fork(() -> forked(sockets, number + ".2"));
        exchange.say(one.join() + " " + other.join());
    }

    private static String forked(SocketScope sockets, String text) throws IOException {
        try (TcpSocket redis = sockets.connect("127.0.0.1", PORT, REDIS)) {
            String answer = ask(redis, text);
            redis.release();
            return answer;
        }
    }

    private static String ask(TcpSocket redis, String text) throws IOException {
        redis.send("ECHO " + text + "\r\n");
        expect("$" + text.length(), redis.receiveLine());
        return String.valueOf(redis.receiveLine());
    }

    private static void expect(String line, String got) {
        if (!line.equals(got)) {
            throw new AssertionError("wrong answer of Redis: " + got + ", expected " + line);
        }
    }

    private static void raw(Exchange exchange) throws IOException {
        exchange.status(101).setHeader("Connection", "Upgrade").setHeader("Upgrade", "echo");
        exchange.flush();
        StreamSocket client = exchange.rawSocket();
        for (String line; (line = client.receiveLine()) != null; ) {
            client.send(line + "\n");
        }
    }

    private static void vitals(Exchange exchange) throws IOException {
        long direct =
                ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                        .mapToLong(BufferPoolMXBean::getMemoryUsed)
                        .sum();
        long open = exchange.sockets().runtime().pools().stream().mapToLong(PoolStats::open).sum();
        exchange.print(direct + " " + open);
    }
}
