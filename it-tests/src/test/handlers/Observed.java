import io.cosocket.Receiver;
import io.cosocket.http.Application;
import io.cosocket.http.Exchange;
import io.cosocket.http.Routes;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/** Lets a test see what reaches the server: bytes of bodies, parked runs, clients that left. */
public final class Observed implements Application {
    private final AtomicLong received = new AtomicLong();
    private final AtomicLong cut = new AtomicLong();
    private final AtomicLong parked = new AtomicLong();
    private final AtomicLong aborted = new AtomicLong();

    @Override
    public void configure(Routes routes) {
        routes.content("/count", this::count);
        routes.content("/park", this::park);
        routes.content("/refuse", exchange -> exchange.fail(413));
        routes.content("/bytes", Observed::bytes);
        routes.content("/number", exchange -> exchange.say(String.valueOf(exchange.query())));
        routes.content("/port", Observed::port);
        routes.content(
                "/seen",
                exchange ->
                        exchange.print(
                                "received %d cut %d parked %d aborted %d"
                                        .formatted(
                                                received.get(),
                                                cut.get(),
                                                parked.get(),
                                                aborted.get())));
    }

    /** Counts the bytes of the body as they arrive, and the bodies that end too soon. */
    private void count(Exchange exchange) throws IOException {
        Receiver body = exchange.requestSocket();
        ByteBuffer piece = ByteBuffer.allocate(65_536);
        long count = 0;
        try {
            while (body.receive(piece) != -1) {
                count += piece.position();
                received.addAndGet(piece.position());
                piece.clear();
            }
        } catch (IOException e) {
            cut.incrementAndGet();
            throw e;
        }
        exchange.say(String.valueOf(count));
    }

    /** Waits until the client leaves. */
    private void park(Exchange exchange) throws IOException {
        exchange.onAbort(scope -> aborted.incrementAndGet());
        parked.incrementAndGet();
        try {
            exchange.sockets().sleep(Duration.ofMinutes(10));
        } finally {
            parked.decrementAndGet();
        }
    }

    /** Answers with so many bytes, each of which is the number of its MiB. */
    private static void bytes(Exchange exchange) throws IOException {
        long count = Long.parseLong(String.valueOf(exchange.query()));
        byte[] piece = new byte[64 << 10];
        for (long sent = 0; sent < count; ) {
            Arrays.fill(piece, (byte) (sent >> 20));
            int length = (int) Math.min(count - sent, piece.length);
            exchange.outputStream().write(piece, 0, length);
            sent += length;
        }
    }

    /** Tells which connection the request came on. */
    private static void port(Exchange exchange) throws IOException {
        exchange.say(String.valueOf(((InetSocketAddress) exchange.remoteAddress()).getPort()));
    }
}
