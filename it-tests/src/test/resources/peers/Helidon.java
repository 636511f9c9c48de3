import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Helidon with the same two answers: hello, and the length of the request body. */
public final class Helidon {
    private Helidon() {}

    public static void main(String[] args) {
        WebServer server =
                WebServer.builder()
                        .host("127.0.0.1")
                        .port(0)
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
}
