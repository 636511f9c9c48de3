package io.cosocket.it.websocket;

import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;

import java.nio.ByteBuffer;
import java.time.Duration;

/** Jetty's own WebSocket as an echo server. */
final class JettyEcho {
    private static final int MAX_BYTES = 1 << 24;

    private JettyEcho() {}

    static Server start() throws Exception {
        Server server = new Server();
        ServerConnector connector = new ServerConnector(server);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.setHandler(
                WebSocketUpgradeHandler.from(
                        server,
                        container -> {
                            container.setIdleTimeout(Duration.ofMinutes(10));
                            container.setMaxTextMessageSize(MAX_BYTES);
                            container.setMaxBinaryMessageSize(MAX_BYTES);
                            container.setMaxFrameSize(MAX_BYTES);
                            container.addMapping("/*", (request, response, done) -> new Echo());
                        }));
        server.start();
        return server;
    }

    static int port(Server server) {
        return ((ServerConnector) server.getConnectors()[0]).getLocalPort();
    }

    /** Called by Jetty, which asks for a public class. */
    public static final class Echo extends Session.Listener.AbstractAutoDemanding {
        @Override
        public void onWebSocketText(String message) {
            getSession().sendText(message, Callback.NOOP);
        }

        @Override
        public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
            getSession().sendBinary(payload, callback);
        }
    }

    public static void main(String[] arguments) throws Exception {
        ServerProcess.serve(port(start()));
        System.exit(0);
    }
}
