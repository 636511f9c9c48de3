package io.cosocket.it.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.Cosockets;
import io.cosocket.it.support.CosocketJar;
import io.cosocket.it.support.RunningServer;
import io.cosocket.websocket.Message;
import io.cosocket.websocket.WebSocket;
import io.cosocket.websocket.WebSocketOptions;

import org.junit.jupiter.api.Test;

import java.net.URI;

class WebSocketExampleTest {
    @Test
    void webSocketEchoEchoes() throws Exception {
        try (RunningServer server =
                        CosocketJar.onThisJava().serve(CosocketJar.example("WebSocketEcho"));
                Cosockets cosockets = Cosockets.create()) {
            URI uri = URI.create("ws" + server.uri("/").toString().substring(4));
            WebSocket client =
                    WebSocket.connect(
                            cosockets.openScope("client"), uri, WebSocketOptions.defaults());

            client.sendText("hello");
            assertEquals(new Message.Text("hello"), client.receive());
            client.sendBinary(new byte[100_000]);
            assertEquals(new Message.Binary(new byte[100_000]), client.receive());
            assertTrue(client.close(1000, "done"));
        }
    }
}
