package io.cosocket.it.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.Cosockets;
import io.cosocket.it.support.NginxServer;
import io.cosocket.websocket.Frame;
import io.cosocket.websocket.Message;
import io.cosocket.websocket.WebSocket;
import io.cosocket.websocket.WebSocketOptions;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.net.URI;
import java.util.Map;
import java.util.Random;

/** Our client with an echo in Lua on nginx's raw socket. */
class NginxInteropTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 125, 126, 65_535, 65_536, 1_000_000})
    void ourClientTalksToAnEchoInLua(int size) throws Exception {
        try (NginxServer nginx = NginxServer.start("websocket/nginx.conf", Map.of());
                Cosockets cosockets = Cosockets.create();
                WebSocket client =
                        WebSocket.connect(
                                cosockets.openScope("client"),
                                URI.create("ws://127.0.0.1:" + nginx.port() + "/"),
                                WebSocketOptions.defaults())) {
            assertFalse(client.isCompressed());
            byte[] bytes = new byte[size];
            new Random(size).nextBytes(bytes);
            client.sendBinary(bytes);
            assertEquals(new Message.Binary(bytes), client.receive());
            String text = "κόσμε".repeat(size / 10);
            client.sendText(text);
            assertEquals(new Message.Text(text), client.receive());
            client.sendText("in ", false);
            client.sendText("parts", true);
            assertEquals(new Message.Text("in parts"), client.receive());
            client.sendPong(new byte[] {1, 2});
            assertEquals(
                    new Frame(Frame.Kind.PONG, new byte[] {1, 2}, true), client.receiveFrame());
            assertTrue(client.close(4000, "bye"));
            assertEquals(new Message.Close(4000, "bye"), client.peerClose());
        }
    }
}
