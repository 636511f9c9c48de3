package io.cosocket.http;

/**
 * Looks at a client before the handshake is answered ({@code ssl_client_hello_by_lua}).
 *
 * <p>It runs on a virtual thread, may block and use sockets; the client waits. It lets the client
 * in by returning, and keeps it out by {@link ClientHello#refuse} or, with the alert {@code
 * internal_error}, by an exception.
 */
@FunctionalInterface
public interface ClientHelloHandler {
    /**
     * Looks at one client; called once for each connection.
     *
     * @throws Exception any failure; it is logged and the client refused
     */
    void handle(ClientHello hello) throws Exception;
}
