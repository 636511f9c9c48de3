import io.cosocket.http.Exchange;
import io.cosocket.http.Handler;

import java.io.IOException;

/** Answers every request with one line. Try: curl http://127.0.0.1:8080/ */
public final class Hello implements Handler {
    @Override
    public void handle(Exchange exchange) throws IOException {
        exchange.say("hello");
    }
}
