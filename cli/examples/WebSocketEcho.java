import io.cosocket.http.Exchange;
import io.cosocket.http.Handler;
import io.cosocket.websocket.Message;
import io.cosocket.websocket.WebSocket;
import io.cosocket.websocket.WebSocketOptions;

import java.io.IOException;

/** Echoes WebSocket messages. Try it in a browser: new WebSocket("ws://127.0.0.1:8080/"). */
public final class WebSocketEcho implements Handler {
    @Override
    public void handle(Exchange exchange) throws IOException {
        try (WebSocket client = WebSocket.accept(exchange, WebSocketOptions.defaults())) {
            // Pings are answered inside receive, and so is the client's close.
            for (Message message; (message = client.receive()) != null; ) {
                switch (message) {
                    case Message.Text(String text) -> client.sendText(text);
                    case Message.Binary(byte[] bytes) -> client.sendBinary(bytes);
                    case Message.Close close -> {}
                }
            }
        }
    }
}
