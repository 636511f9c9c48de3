import io.cosocket.http.Exchange;
import io.cosocket.http.Handler;

import java.io.IOException;

/** Fails before or after output: /before, /after. */
public final class Throws implements Handler {
    @Override
    public void handle(Exchange exchange) throws IOException {
        if (exchange.path().equals("/after")) {
            exchange.say("partial");
            exchange.flush();
        }
        throw new IllegalStateException("thrown on purpose");
    }
}
