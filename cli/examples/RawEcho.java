import io.cosocket.StreamSocket;
import io.cosocket.http.Exchange;
import io.cosocket.http.Handler;

import java.io.IOException;

/** Leaves HTTP behind and echoes lines on the raw connection: ngx.req.socket(true). */
public final class RawEcho implements Handler {
    @Override
    public void handle(Exchange exchange) throws IOException {
        exchange.status(101).setHeader("Connection", "Upgrade").setHeader("Upgrade", "echo");
        exchange.flush();
        // From here on the handler owns the connection and every byte after the request head.
        StreamSocket client = exchange.rawSocket();
        for (String line; (line = client.receiveLine()) != null; ) {
            client.send(line + "\n");
        }
    }
}
