package io.cosocket.it.websocket;

import io.cosocket.Timeouts;
import io.cosocket.http.Exchange;
import io.cosocket.http.HttpConfig;
import io.cosocket.http.HttpServer;
import io.cosocket.websocket.Message;
import io.cosocket.websocket.WebSocket;
import io.cosocket.websocket.WebSocketOptions;

import java.io.IOException;
import java.time.Duration;

/** Our echo server; as a process of its own it tells its port first. */
final class EchoServer {
    private static final WebSocketOptions OPTIONS =
            WebSocketOptions.defaults()
                    .withSubprotocols("echo")
                    .withTimeouts(Timeouts.of(Duration.ofMinutes(10)));

    private EchoServer() {}

    static HttpServer start() throws IOException {
        HttpConfig config =
                HttpConfig.defaults().withPort(0).withShutdownTimeout(Duration.ofSeconds(1));
        return HttpServer.start(config, routes -> routes.content("/*", EchoServer::echo));
    }

    private static void echo(Exchange exchange) throws IOException {
        try (WebSocket webSocket = WebSocket.accept(exchange, OPTIONS)) {
            for (Message message; (message = webSocket.receive()) != null; ) {
                switch (message) {
                    case Message.Text(String text) -> webSocket.sendText(text);
                    case Message.Binary(byte[] bytes) -> webSocket.sendBinary(bytes);
                    case Message.Close close -> {}
                }
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        try (HttpServer server = start()) {
            ServerProcess.serve(server.uri().getPort());
        }
    }
}
