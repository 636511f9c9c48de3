import io.cosocket.TcpSocket;
import io.cosocket.http.Exchange;
import io.cosocket.http.Handler;

import java.io.IOException;

/** The first steps: tcp, bind, connect, send, receive, close. Try: curl 'localhost:8080/?port=7' */
public final class FirstSocket implements Handler {
    @Override
    public void handle(Exchange exchange) throws IOException {
        String port = exchange.parameter("port");
        TcpSocket sock = exchange.sockets().tcp();
        String step = "connect";
        try {
            sock.bind("127.0.0.1").connect("127.0.0.1", port == null ? 80 : Integer.parseInt(port));
            exchange.say("successfully connected!");
            step = "send";
            sock.send("hello\n");
            step = "receive";
            String line = sock.receiveLine();
            exchange.say(line == null ? "the peer closed" : "received: " + line);
        } catch (IOException e) {
            // The message names the operation, both ends and what went wrong.
            exchange.say("failed to " + step + ": " + e.getMessage());
        }
        sock.close();
    }
}
