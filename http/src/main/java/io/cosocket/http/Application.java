package io.cosocket.http;

/** Tells a server what to serve; called once, before it listens. */
@FunctionalInterface
public interface Application {
    /**
     * Adds routes and timers.
     *
     * @throws Exception any failure; the server does not start
     */
    void configure(Routes routes) throws Exception;
}
