import org.jspecify.annotations.NullMarked;

/** HTTP server whose handlers use cosockets. */
@NullMarked
module io.cosocket.http {
    exports io.cosocket.http;
    exports io.cosocket.websocket;

    // Sockets, scopes and options appear in the signatures of this module.
    requires transitive io.cosocket.core;
    requires org.eclipse.jetty.alpn.java.server;
    requires org.eclipse.jetty.http;
    requires org.eclipse.jetty.http2.common;
    requires org.eclipse.jetty.http2.server;
    requires org.eclipse.jetty.io;
    requires org.eclipse.jetty.server;
    requires org.eclipse.jetty.unixdomain.server;
    requires org.eclipse.jetty.util;
    requires org.slf4j;
    requires static org.jspecify;
}
