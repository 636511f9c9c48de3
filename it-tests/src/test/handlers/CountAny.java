import io.cosocket.Receiver;
import io.cosocket.http.Exchange;
import io.cosocket.http.Handler;

import java.io.IOException;

/** Answers with the length of the body, read as it arrives. */
public final class CountAny implements Handler {
    @Override
    public void handle(Exchange exchange) throws IOException {
        Receiver body = exchange.requestSocket();
        long count = 0;
        for (byte[] piece; (piece = body.receiveAny(65536)) != null; ) {
            count += piece.length;
        }
        exchange.say(String.valueOf(count));
    }
}
