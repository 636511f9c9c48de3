import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.http.HttpPrologue;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.http1.spi.Http1Upgrader;
import io.helidon.webserver.spi.ServerConnection;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Helidon with the same answers, hello and the length of the body, and the same raw echo. */
public final class Helidon {
    private Helidon() {}

    public static void main(String[] args) {
        WebServer server =
                WebServer.builder()
                        .host("127.0.0.1")
                        .port(0)
                        .addConnectionSelector(
                                Http1ConnectionSelector.builder()
                                        .config(Http1Config.create())
                                        .addUpgrader(new Echo())
                                        .build())
                        .routing(
                                routing ->
                                        routing.get("/hello", Helidon::hello)
                                                .post(
                                                        "/any",
                                                        (request, response) ->
                                                                count(request, response, 8192))
                                                .put(
                                                        "/count",
                                                        (request, response) ->
                                                                count(request, response, 65536)))
                        .build()
                        .start();
        System.out.println("listening on http://127.0.0.1:" + server.port());
    }

    private static void hello(ServerRequest request, ServerResponse response) {
        response.send("hello\n".getBytes(StandardCharsets.UTF_8));
    }

    private static void count(ServerRequest request, ServerResponse response, int pieceBytes)
            throws IOException {
        long count = 0;
        byte[] piece = new byte[pieceBytes];
        try (InputStream body = request.content().inputStream()) {
            for (int n; (n = body.read(piece)) != -1; ) {
                count += n;
            }
        }
        response.send((count + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** Echoes each line of an upgraded connection once all of it is there. */
    private static final class Echo implements Http1Upgrader {
        private static final byte[] HEAD =
                ("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                                + "Upgrade: echo\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII);

        @Override
        public String supportedProtocol() {
            return "echo";
        }

        @Override
        public ServerConnection upgrade(
                ConnectionContext context, HttpPrologue prologue, WritableHeaders<?> headers) {
            context.dataWriter().writeNow(BufferData.create(HEAD));
            return new EchoConnection(context);
        }
    }

    private record EchoConnection(ConnectionContext context) implements ServerConnection {
        @Override
        public void handle(Limit limit) {
            BufferData line = BufferData.growing(64);
            while (true) {
                context.dataReader().ensureAvailable();
                BufferData piece = context.dataReader().readBuffer();
                for (int end; (end = piece.indexOf((byte) '\n')) >= 0; ) {
                    line.write(piece, end + 1);
                    context.dataWriter().writeNow(line);
                    line = BufferData.growing(64);
                }
                line.write(piece);
            }
        }

        @Override
        public Duration idleTime() {
            return Duration.ZERO;
        }

        @Override
        public void close(boolean interrupt) {}
    }
}
