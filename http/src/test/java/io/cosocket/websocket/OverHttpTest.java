package io.cosocket.websocket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.ConnectOptions;
import io.cosocket.Cosockets;
import io.cosocket.SocketScope;
import io.cosocket.StreamSocket;
import io.cosocket.TlsOptions;
import io.cosocket.http.Exchange;
import io.cosocket.http.HttpConfig;
import io.cosocket.http.HttpServer;
import io.cosocket.http.Listener;
import io.cosocket.transport.TestCertificates;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.io.OutputStream;
import java.io.Reader;
import java.io.Writer;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;

/** Our client and our server over real listeners. */
class OverHttpTest {
    enum Kind {
        TCP,
        TLS,
        UNIX
    }

    @TempDir Path folder;

    private final Cosockets runtime = Cosockets.create();
    private final SocketScope scope = runtime.openScope("client");
    private @Nullable HttpServer server;
    private @Nullable TestCertificates certificates;

    private void start(Kind kind) throws Exception {
        Listener listener =
                switch (kind) {
                    case TCP -> Listener.tcp("127.0.0.1", 0);
                    case TLS -> {
                        certificates = TestCertificates.in(folder);
                        yield Listener.tls(
                                "127.0.0.1",
                                0,
                                certificates.serverContext(
                                        certificates.server("server", "127.0.0.1")));
                    }
                    case UNIX -> Listener.unix(folder.resolve("s"));
                };
        server =
                HttpServer.start(
                        HttpConfig.defaults().withListeners(listener),
                        routes -> {
                            routes.content("/echo", OverHttpTest::echo);
                            routes.content("/stream", OverHttpTest::echoStreams);
                        });
    }

    @AfterEach
    void stop() {
        runtime.close();
        if (server != null) {
            server.close();
        }
    }

    private static final WebSocketOptions SERVER =
            WebSocketOptions.defaults().withSubprotocols("echo").withOrigins(o -> o == null);

    private static void echo(Exchange exchange) throws IOException {
        try (WebSocket webSocket = WebSocket.accept(exchange, SERVER)) {
            for (Message message; (message = webSocket.receive()) != null; ) {
                switch (message) {
                    case Message.Text(String text) -> webSocket.sendText(text);
                    case Message.Binary(byte[] bytes) -> webSocket.sendBinary(bytes);
                    case Message.Close close -> {}
                }
            }
        }
    }

    private static void echoStreams(Exchange exchange) throws IOException {
        try (WebSocket webSocket = WebSocket.accept(exchange, SERVER)) {
            for (MessageStream in; (in = webSocket.receiveStream()) != null; ) {
                if (in.isText()) {
                    try (Reader reader = in.reader();
                            Writer writer = webSocket.textWriter()) {
                        reader.transferTo(writer);
                    }
                } else {
                    try (OutputStream out = webSocket.binaryStream()) {
                        in.transferTo(out);
                    }
                }
            }
        }
    }

    private WebSocket connect(Kind kind, String path, WebSocketOptions options) throws IOException {
        ConnectOptions connect = ConnectOptions.defaults();
        if (certificates != null) {
            connect = connect.withTls(TlsOptions.defaults().withTrustPem(certificates.root()));
        }
        URI uri =
                kind == Kind.UNIX || server == null
                        ? URI.create("ws+unix:" + folder.resolve("s") + ":" + path)
                        : URI.create("ws" + server.uri().toString().substring(4)).resolve(path);
        return WebSocket.connect(scope, uri, options.withConnect(connect));
    }

    @ParameterizedTest
    @EnumSource
    void echoesOverEveryListener(Kind kind) throws Exception {
        start(kind);
        try (WebSocket client =
                connect(kind, "/echo", WebSocketOptions.defaults().withSubprotocols("echo"))) {
            assertEquals("echo", client.subprotocol());
            assertTrue(client.isCompressed());
            byte[] large = new byte[3_000_000];
            new Random(1).nextBytes(large);

            client.sendText("Grüße");
            assertEquals(new Message.Text("Grüße"), client.receive());
            scope.fork(
                    () -> {
                        client.sendBinary(ByteBuffer.wrap(large));
                        return null;
                    });
            assertArrayEquals(large, ((Message.Binary) client.receive()).bytes());
            client.sendPing(new byte[] {1, 2, 3});
            client.sendText("a", false);
            client.sendText("", false);
            client.sendText("b", true);
            assertEquals(new Message.Text("ab"), client.receive());
            client.sendPong(new byte[] {4});
            client.sendBinary(new byte[] {1}, false);
            client.sendBinary(ByteBuffer.wrap(new byte[] {2}), true);
            assertEquals(new Message.Binary(new byte[] {1, 2}), client.receive());

            assertTrue(client.close(4001, "done"));
            assertEquals(new Message.Close(4001, ""), client.receive());
            assertNull(client.receive());
        }
    }

    @ParameterizedTest
    @EnumSource
    void streamsMessages(Kind kind) throws Exception {
        start(kind);
        WebSocketOptions options = WebSocketOptions.defaults();
        options = kind == Kind.UNIX ? options.withoutDeflate() : options;
        try (WebSocket client = connect(kind, "/stream", options)) {
            String text = "𝄞 streamed ".repeat(40_000);
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);

            var sent =
                    scope.fork(
                            () -> {
                                client.sendText(ByteBuffer.wrap(bytes));
                                client.sendBinary(bytes);
                                return null;
                            });
            assertEquals(new Message.Text(text), client.receive());
            MessageStream stream = client.receiveStream();
            assertNotNull(stream);
            assertArrayEquals(bytes, stream.readAllBytes());
            sent.join();
        }
    }

    @Test
    void refusesWithAClearAnswer() throws Exception {
        start(Kind.TCP);
        assertEquals(
                403,
                assertThrows(
                                WebSocketHandshakeException.class,
                                () ->
                                        connect(
                                                Kind.TCP,
                                                "/echo",
                                                WebSocketOptions.defaults()
                                                        .withHeader("Origin", "http://evil")))
                        .status());
        StreamSocket socket =
                scope.connect(
                        "127.0.0.1", java.util.Objects.requireNonNull(server).uri().getPort());
        socket.send("GET /echo HTTP/1.1\r\nHost: x\r\n\r\n");
        String answer = new String(socket.receiveAny(4096), StandardCharsets.ISO_8859_1);
        assertTrue(answer.startsWith("HTTP/1.1 426 "), answer);
        assertTrue(answer.contains("\r\nUpgrade: websocket\r\n"), answer);
    }
}
