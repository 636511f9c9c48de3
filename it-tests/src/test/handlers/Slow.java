import io.cosocket.http.Exchange;
import io.cosocket.http.Handler;

import java.io.IOException;
import java.time.Duration;

/** Says that it has begun, waits for the given milliseconds and answers. */
public final class Slow implements Handler {
    @Override
    public void handle(Exchange exchange) throws IOException {
        exchange.say("begun");
        exchange.flush();
        String millis = exchange.query() == null ? "1000" : exchange.query();
        exchange.sockets().sleep(Duration.ofMillis(Long.parseLong(millis)));
        exchange.say("done");
    }
}
