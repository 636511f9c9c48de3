package io.cosocket.http;

/**
 * Answers requests: the body of {@code content_by_lua_block} and its siblings of the other phases.
 *
 * <p>Threads: one instance serves all requests of its route, many at once, each on a virtual thread
 * of its own; it may block. Lifetime: that of the server.
 */
@FunctionalInterface
public interface Handler {
    /**
     * Handles one exchange. The run ends when this method has returned and the forks of {@link
     * Exchange#sockets()} have ended; then all sockets opened in it are closed.
     *
     * @throws Exception any failure: it ends the run and cancels its forks; the client gets a 500
     *     when nothing was sent yet, else the connection is closed; one line is logged
     */
    void handle(Exchange exchange) throws Exception;
}
