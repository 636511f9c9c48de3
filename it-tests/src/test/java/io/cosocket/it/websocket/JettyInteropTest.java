package io.cosocket.it.websocket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.cosocket.Cosockets;
import io.cosocket.http.HttpServer;
import io.cosocket.websocket.Message;
import io.cosocket.websocket.WebSocket;
import io.cosocket.websocket.WebSocketOptions;

import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.client.ClientUpgradeRequest;
import org.eclipse.jetty.websocket.client.WebSocketClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.Writer;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;

/** Our client with Jetty's server, Jetty's and the JDK's client with our server. */
class JettyInteropTest {
    private static final int[] SIZES = {0, 1, 125, 126, 65_535, 65_536, 1_000_000};

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ourClientTalksToJettysServer(boolean compressed) throws Exception {
        WebSocketOptions options = WebSocketOptions.defaults();
        Server jetty = JettyEcho.start();
        try (Cosockets cosockets = Cosockets.create();
                WebSocket client =
                        WebSocket.connect(
                                cosockets.openScope("client"),
                                URI.create("ws://127.0.0.1:" + JettyEcho.port(jetty) + "/"),
                                compressed ? options : options.withoutDeflate())) {
            assertEquals(compressed, client.isCompressed());
            for (int size : SIZES) {
                String text = text(size);
                client.sendText(text);
                assertEquals(new Message.Text(text), client.receive());
                byte[] bytes = bytes(size);
                client.sendBinary(bytes);
                assertEquals(new Message.Binary(bytes), client.receive());
                client.sendPing(new byte[] {1});
                try (Writer writer = client.textWriter()) {
                    writer.write(text);
                }
                assertEquals(new Message.Text(text), client.receive());
            }
            assertTrue(client.close(1000, "done"));
            assertEquals(new Message.Close(1000, "done"), client.receive());
        } finally {
            jetty.stop();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "permessage-deflate",
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
            })
    void jettysClientTalksToOurServer(String extension) throws Exception {
        WebSocketClient jetty = new WebSocketClient();
        jetty.setMaxTextMessageSize(1 << 24);
        jetty.setMaxBinaryMessageSize(1 << 24);
        jetty.setMaxFrameSize(1 << 24);
        jetty.start();
        try (HttpServer server = EchoServer.start()) {
            Inbox inbox = new Inbox();
            ClientUpgradeRequest request = new ClientUpgradeRequest(uri(server));
            request.setSubProtocols("chat", "echo");
            if (!extension.isEmpty()) {
                request.addExtensions(extension);
            }
            Session session = jetty.connect(inbox, request).get(20, SECONDS);
            assertEquals("echo", session.getUpgradeResponse().getAcceptedSubProtocol());
            assertEquals(
                    extension.isEmpty() ? 0 : 1,
                    session.getUpgradeResponse().getExtensions().size());
            for (int size : SIZES) {
                String text = text(size);
                session.sendText(text, Callback.NOOP);
                assertEquals(text, inbox.messages.poll(20, SECONDS));
                byte[] bytes = bytes(size);
                session.sendBinary(ByteBuffer.wrap(bytes), Callback.NOOP);
                assertArrayEquals(bytes, (byte[]) inbox.messages.poll(20, SECONDS));
            }
            session.sendPartialText("κόσ", false, Callback.NOOP);
            session.sendPing(ByteBuffer.wrap(new byte[] {7}), Callback.NOOP);
            session.sendPartialText("με", true, Callback.NOOP);
            assertEquals("κόσμε", inbox.messages.poll(20, SECONDS));
            session.close(4002, "bye", Callback.NOOP);
            assertEquals("closed 4002", inbox.messages.poll(20, SECONDS));
        } finally {
            jetty.stop();
        }
    }

    /** Called by Jetty, which asks for a public class. */
    public static final class Inbox extends Session.Listener.AbstractAutoDemanding {
        private final BlockingQueue<Object> messages = new LinkedBlockingQueue<>();

        @Override
        public void onWebSocketText(String message) {
            messages.add(message);
        }

        @Override
        public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
            byte[] bytes = new byte[payload.remaining()];
            payload.get(bytes);
            messages.add(bytes);
            callback.succeed();
        }

        @Override
        public void onWebSocketClose(int code, String reason, Callback callback) {
            messages.add("closed " + code);
            callback.succeed();
        }
    }

    @Test
    void theJdksClientTalksToOurServer() throws Exception {
        BlockingQueue<String> messages = new LinkedBlockingQueue<>();
        java.net.http.WebSocket.Listener listener =
                new java.net.http.WebSocket.Listener() {
                    private final StringBuilder parts = new StringBuilder();

                    @Override
                    public CompletionStage<?> onText(
                            java.net.http.WebSocket from, CharSequence data, boolean last) {
                        parts.append(data);
                        if (last) {
                            messages.add(parts.toString());
                            parts.setLength(0);
                        }
                        from.request(1);
                        return CompletableFuture.completedStage(null);
                    }

                    @Override
                    public CompletionStage<?> onClose(
                            java.net.http.WebSocket from, int code, String reason) {
                        messages.add("closed " + code);
                        return CompletableFuture.completedStage(null);
                    }
                };
        try (HttpServer server = EchoServer.start();
                HttpClient client = HttpClient.newHttpClient()) {
            java.net.http.WebSocket jdk =
                    client.newWebSocketBuilder()
                            .subprotocols("echo")
                            .buildAsync(uri(server), listener)
                            .get(20, SECONDS);
            for (int size : SIZES) {
                jdk.sendText(text(size), true).get(20, SECONDS);
                assertEquals(text(size), messages.poll(20, SECONDS));
            }
            jdk.sendClose(1000, "").get(20, SECONDS);
            assertEquals("closed 1000", messages.poll(20, SECONDS));
        }
    }

    private static URI uri(HttpServer server) {
        return URI.create("ws" + server.uri().toString().substring(4));
    }

    private static String text(int size) {
        return "ü1".repeat(size / 3) + "x".repeat(size % 3);
    }

    private static byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }
}
