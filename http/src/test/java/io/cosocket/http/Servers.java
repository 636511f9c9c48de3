package io.cosocket.http;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;

/** Servers for tests, on a free port. */
final class Servers {
    private Servers() {}

    static HttpConfig config() {
        return HttpConfig.defaults().withPort(0).withShutdownTimeout(Duration.ofSeconds(5));
    }

    static HttpServer start(Application app) throws IOException {
        return HttpServer.start(config(), app);
    }

    /** Gives where a listener is reached, in the order of the configuration. */
    static URI uri(HttpServer server, int listener) {
        return server.uris().get(listener);
    }

    /** Starts a server whose every path is served by {@code handler}. */
    static HttpServer serving(Handler handler) throws IOException {
        return start(routes -> routes.content("/*", handler));
    }
}
