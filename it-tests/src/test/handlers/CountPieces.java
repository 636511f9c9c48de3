import io.cosocket.Receiver;
import io.cosocket.http.Exchange;
import io.cosocket.http.Handler;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Answers with the length of the body, read into one buffer. */
public final class CountPieces implements Handler {
    @Override
    public void handle(Exchange exchange) throws IOException {
        Receiver body = exchange.requestSocket();
        ByteBuffer piece = ByteBuffer.allocate(65536);
        long count = 0;
        while (body.receive(piece) != -1) {
            count += piece.position();
            piece.clear();
        }
        exchange.say(String.valueOf(count));
    }
}
