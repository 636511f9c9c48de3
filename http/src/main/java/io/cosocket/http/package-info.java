/**
 * HTTP server, exchange, routes and phases.
 *
 * <p>Jetty parses, frames and encrypts; it calls the bridge on the virtual thread that parsed the
 * request, and everything up to the next request happens on that thread: one hop for each request.
 * Only an upgrade has a thread of its own. A raw socket ends Jetty's exchange when it is taken, so
 * that a connection which rests holds neither its stack nor its objects. The thread pool has no
 * limit, because a parked handler must not keep others from running; what is limited is the number
 * of connections and, on HTTP/2, of streams.
 *
 * <p>Threads: the handler's own; its forks, which it waits for; a short-lived virtual one for each
 * look of the {@code AbortWatch} and each connection that lingers; Jetty's selectors, which only
 * raise signals here; the wheel's, which never waits. Locks: the turn of {@code ResponseOutput},
 * held while the client is waited for, and the lock of {@code AbortWatch}, never held over a wait.
 *
 * <p>States are drawn in {@code HandlerRun} (phases), {@code ResponseOutput}, {@code RequestBody},
 * {@code Downstream}, {@code RawTakeOver}, {@code Linger}, {@code ConnectionWatch} and {@code
 * AbortWatch}.
 *
 * <p>Rejected: a connector of our own (no cheaper than Jetty's on this thread pool), detaching the
 * channel from Jetty (its connection count and its TLS would be lost), and watching every client
 * for its leaving from the first moment (a registration for each request).
 */
package io.cosocket.http;
