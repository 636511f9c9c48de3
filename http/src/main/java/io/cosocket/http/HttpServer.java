package io.cosocket.http;

import io.cosocket.Cosockets;

import org.eclipse.jetty.server.AbstractConnector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.thread.VirtualThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.BindException;
import java.net.URI;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;

/**
 * A running HTTP server.
 *
 * <p>Threads: every method from any thread. Lifetime: until {@link #close()}.
 */
public final class HttpServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);
    private static final Duration CUT_TIME = Duration.ofSeconds(2);
    private static final long POLL_NANOS = 5_000_000;

    private final HttpConfig config;
    private final Cosockets sockets;
    private final JettyBridge bridge;
    private final Server server;
    private final List<AbstractConnector> connectors;
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile List<URI> uris = List.of();

    private HttpServer(HttpConfig config, Cosockets sockets, Routes routes) throws IOException {
        this.config = config;
        this.sockets = sockets;
        this.bridge = new JettyBridge(config, routes, sockets);
        VirtualThreadPool threads = new VirtualThreadPool();
        // a limit here would let parked handlers freeze the server; connections are limited instead
        threads.setMaxConcurrentTasks(-1);
        threads.setVirtualThreadsExecutor(Thread::startVirtualThread);
        this.server = new Server(threads);
        server.setStopTimeout(0);
        server.setHandler(bridge);
        server.setErrorHandler(new PlainErrors());
        AccessLog log = config.accessLog();
        if (log != null) {
            server.setRequestLog(new AccessLogWriter(log));
        }
        this.connectors = Connectors.make(server, config, routes, sockets);
    }

    /**
     * Starts a server; returns when connections are accepted.
     *
     * @throws IOException when it cannot listen, or the application throws a checked exception;
     *     nothing is left open then, as with any other exception
     * @throws IllegalArgumentException when a TLS listener has no certificate and the application
     *     chooses none; or what the application throws
     */
    public static HttpServer start(HttpConfig config, Application app) throws IOException {
        Routes routes = configure(app);
        Cosockets sockets = Cosockets.create(config.sockets());
        HttpServer started = null;
        try {
            started = new HttpServer(config, sockets, routes);
            started.listen();
            // a port is known only while it is listened on
            started.uris = started.connectors.stream().map(Connectors::uri).toList();
            routes.start(sockets);
            return started;
        } catch (IOException | RuntimeException e) {
            if (started == null) {
                sockets.close();
            } else {
                started.cut();
            }
            throw e;
        }
    }

    /**
     * Configures the application as {@link #start} does, and throws what that would throw, but
     * opens and starts nothing.
     *
     * @throws IOException when the application throws a checked exception
     */
    public static void check(HttpConfig config, Application app) throws IOException {
        Routes routes = configure(app);
        for (Listener listener : config.listeners()) {
            if (listener instanceof Listener.Tls encrypted) {
                Connectors.checkCertificate(encrypted.tls(), routes);
            }
        }
    }

    private static Routes configure(Application app) throws IOException {
        Routes routes = new Routes();
        try {
            app.configure(routes);
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("the application could not be configured: " + e, e);
        }
        return routes;
    }

    private static BindException refused(String where, String words, IOException cause) {
        BindException told = new BindException("listen tcp " + where + ": " + words);
        told.initCause(cause);
        return told;
    }

    private void listen() throws IOException {
        try {
            server.start();
        } catch (IOException e) {
            String where = String.valueOf(e.getMessage());
            if (e.getCause() instanceof BindException cause) {
                String words = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
                throw refused(where.replaceFirst(".*[ /]", ""), words, e);
            }
            if (e.getCause() instanceof UnresolvedAddressException) {
                String name = where.replaceFirst(".* ", "").replace("/<unresolved>", "");
                throw refused(name, "host not found", e);
            }
            throw e;
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("the server could not start: " + e.getMessage(), e);
        }
    }

    /** Gives where the first listener is reached, for example {@code http://127.0.0.1:8080}. */
    public URI uri() {
        return uris().getFirst();
    }

    /**
     * Gives where each listener is reached, in the order of the configuration; a Unix-domain socket
     * as {@code unix:/path}.
     */
    public List<URI> uris() {
        return uris;
    }

    /** Gives the runtime that the handlers' sockets belong to. */
    public Cosockets cosockets() {
        return sockets;
    }

    /**
     * Stops: accepts nothing more, tells handlers by {@link Exchange#draining()}, waits for them
     * for {@link HttpConfig#shutdownTimeout()}, then cancels their runs and closes what is left,
     * raw sockets too, which may take up to two seconds more. A connection whose last bytes are on
     * their way is waited for as a handler is. A second call returns at once.
     */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        bridge.drain();
        for (AbstractConnector connector : connectors) {
            Connectors.stopAccepting(connector);
        }
        if (!awaitNone(() -> bridge.running() + bridge.taken(), config.shutdownTimeout())) {
            LOG.info(
                    "{} exchanges and {} connections did not end in time and are cut",
                    bridge.running(),
                    bridge.taken());
        }
        cut();
    }

    private void cut() {
        bridge.cut();
        sockets.close();
        awaitNone(bridge::running, CUT_TIME);
        try {
            server.stop();
        } catch (Exception e) {
            LOG.warn("the server did not stop cleanly", e);
        }
    }

    private boolean awaitNone(IntSupplier left, Duration limit) {
        long expiry = System.nanoTime() + limit.toNanos();
        while (left.getAsInt() > 0) {
            if (expiry - System.nanoTime() <= 0 || Thread.currentThread().isInterrupted()) {
                return false;
            }
            LockSupport.parkNanos(this, POLL_NANOS);
        }
        return true;
    }
}
