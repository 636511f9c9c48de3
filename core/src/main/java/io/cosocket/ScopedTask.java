package io.cosocket;

/** Work that runs with a socket scope of its own: a timer firing, or the body of a run. */
@FunctionalInterface
public interface ScopedTask {
    /**
     * Does the work. Sockets opened in {@code sockets} end with it.
     *
     * @throws Exception any failure; it ends the run, closes the scope and is reported by whoever
     *     started the task
     */
    void run(SocketScope sockets) throws Exception;
}
