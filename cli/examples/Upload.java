import io.cosocket.http.Exchange;
import io.cosocket.http.Handler;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Streams a body of any size in constant memory. Try: curl -T FILE http://127.0.0.1:8080/ */
public final class Upload implements Handler {
    @Override
    public void handle(Exchange exchange) throws IOException, NoSuchAlgorithmException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        var body = exchange.requestSocket();
        ByteBuffer piece = ByteBuffer.allocate(64 * 1024);
        long byteCount = 0;
        // A piece is whatever has arrived, with or without a known length; the end gives -1.
        while (body.receive(piece) != -1) {
            piece.flip();
            byteCount += piece.remaining();
            digest.update(piece);
            piece.clear();
        }
        exchange.say(byteCount + " " + HexFormat.of().formatHex(digest.digest()));
    }
}
