package io.cosocket.http;

import io.cosocket.Cosockets;

import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.AbstractConnectionFactory;
import org.eclipse.jetty.server.AbstractConnector;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.NetworkConnector;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.unixdomain.server.UnixDomainServerConnector;
import org.eclipse.jetty.util.HostPort;
import org.eclipse.jetty.util.IO;
import org.eclipse.jetty.util.ssl.SslContextFactory;

import java.io.IOException;
import java.net.BindException;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import javax.net.ssl.SSLContext;

/** Makes Jetty's connectors from the configuration. */
final class Connectors {
    private static final int ACCEPT_QUEUE = 1024;

    /** Accepting on the selector ends at once when the limit of connections is reached. */
    private static final int ACCEPTORS = 0;

    private static final int SELECTORS = -1;

    /** The bits of a Unix file's mode that tell its kind. */
    private static final int FILE_KIND = 0170000;

    private static final int SOCKET_KIND = 0140000;

    /** Jetty begins with 8 KiB and takes more only for a head that needs it. */
    private static final int MOST_RESPONSE_HEAD_BYTES = 256 << 10;

    private Connectors() {}

    static List<AbstractConnector> make(
            Server server, HttpConfig config, Routes routes, Cosockets sockets) throws IOException {
        List<AbstractConnector> made = new ArrayList<>();
        for (Listener listener : config.listeners()) {
            AbstractConnector connector =
                    switch (listener) {
                        case Listener.Tcp tcp ->
                                tcp(server, tcp.host(), tcp.port(), cleartext(config));
                        case Listener.Tls tls ->
                                tcp(
                                        server,
                                        tls.host(),
                                        tls.port(),
                                        encrypted(config, tls.tls(), routes, sockets));
                        case Listener.Unix unix -> unix(server, unix, cleartext(config));
                    };
            connector.setIdleTimeout(millis(config.timeouts().idle()));
            // exchanges under way are waited for by the server itself
            connector.setShutdownIdleTimeout(millis(config.shutdownTimeout()));
            connector.addBean(new Opened(config));
            server.addConnector(connector);
            made.add(connector);
        }
        server.addBean(new NetworkConnectionLimit(config.limits().connections(), server));
        return List.copyOf(made);
    }

    /** At least 1, because Jetty takes 0 for no limit. */
    private static long millis(Duration time) {
        return Math.max(1, time.toMillis());
    }

    /** Closes the listening socket; connections that were accepted go on. */
    static void stopAccepting(AbstractConnector connector) {
        connector.shutdown();
        if (connector instanceof ServerConnector tcp
                && tcp.getTransport() instanceof ServerSocketChannel listening) {
            // Without acceptor threads the connector leaves it open, and once closed it listens
            // until the selector has dropped its key, which a sleeping selector does not do.
            IO.close(listening);
            for (ManagedSelector selector :
                    tcp.getSelectorManager().getContainedBeans(ManagedSelector.class)) {
                selector.submit(ignored -> {});
            }
        }
    }

    private static ServerConnector tcp(
            Server server, String host, int port, ConnectionFactory... protocols) {
        ServerConnector connector = new ServerConnector(server, ACCEPTORS, SELECTORS, protocols);
        connector.setHost(host);
        connector.setPort(port);
        connector.setAcceptQueueSize(ACCEPT_QUEUE);
        return connector;
    }

    private static UnixDomainServerConnector unix(
            Server server, Listener.Unix listener, ConnectionFactory... protocols)
            throws IOException {
        removeStale(listener.path());
        UnixDomainServerConnector connector =
                new UnixDomainServerConnector(server, ACCEPTORS, SELECTORS, protocols);
        connector.setUnixDomainPath(listener.path());
        connector.setAcceptQueueSize(ACCEPT_QUEUE);
        return connector;
    }

    /** A file that a server left behind is in the way; one that somebody answers on is in use. */
    private static void removeStale(Path path) throws IOException {
        if (!Files.exists(path)) {
            Path folder = path.toAbsolutePath().getParent();
            if (folder != null && !Files.isDirectory(folder)) {
                throw new BindException("listen unix:" + path + ": no such folder: " + folder);
            }
            return;
        }
        try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            throw new BindException("listen unix:" + path + ": address already in use by " + probe);
        } catch (BindException e) {
            throw e;
        } catch (IOException e) {
            if (!isSocket(path)) {
                throw new BindException("listen unix:" + path + ": it is not a socket");
            }
            Files.delete(path);
        }
    }

    private static boolean isSocket(Path path) throws IOException {
        int mode = (int) Files.getAttribute(path, "unix:mode");
        return (mode & FILE_KIND) == SOCKET_KIND;
    }

    private static ConnectionFactory[] cleartext(HttpConfig config) {
        HttpConfiguration http = http(config);
        HTTP2CServerConnectionFactory http2 = new HTTP2CServerConnectionFactory(http);
        http2.setMaxConcurrentStreams(config.limits().streams());
        return new ConnectionFactory[] {http1(http), http2};
    }

    private static ConnectionFactory[] encrypted(
            HttpConfig config, ServerTls tls, Routes routes, Cosockets sockets) {
        HttpConfiguration http = http(config);
        // Host and server name need not be equal: the pool of a browser may serve several hosts
        http.addCustomizer(new SecureRequestCustomizer(false));
        HttpConnectionFactory http1 = http1(http);
        if (!tls.http2()) {
            return new ConnectionFactory[] {
                encryption(tls, http1.getProtocol(), routes, sockets), http1
            };
        }
        HTTP2ServerConnectionFactory http2 = new HTTP2ServerConnectionFactory(http);
        http2.setMaxConcurrentStreams(config.limits().streams());
        ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory();
        alpn.setDefaultProtocol(http1.getProtocol());
        return new ConnectionFactory[] {
            encryption(tls, alpn.getProtocol(), routes, sockets),
            alpn,
            http2,
            http1,
            new Http10(http1)
        };
    }

    /** Serves a client that agrees on HTTP/1.0 by ALPN as the others of HTTP/1. */
    private static final class Http10 extends AbstractConnectionFactory {
        private final HttpConnectionFactory http1;

        Http10(HttpConnectionFactory http1) {
            super("http/1.0");
            this.http1 = http1;
        }

        @Override
        public Connection newConnection(Connector connector, EndPoint endPoint) {
            return http1.newConnection(connector, endPoint);
        }
    }

    static void checkCertificate(ServerTls tls, Routes routes) {
        if (!tls.hasCertificate() && routes.certificate() == null) {
            throw new IllegalArgumentException(
                    "bad tls: the listener has no certificate and there is no certificate handler");
        }
    }

    /** Asked here, because a class whose super class is hidden cannot even be asked. */
    private static HttpConnectionFactory http1(HttpConfiguration http) {
        boolean visible =
                HttpConnectionFactory.class
                        .getModule()
                        .isExported(
                                "org.eclipse.jetty.server.internal", Connectors.class.getModule());
        return visible ? new Http1Connections(http) : new HttpConnectionFactory(http);
    }

    private static SslConnectionFactory encryption(
            ServerTls tls, String nextProtocol, Routes routes, Cosockets sockets) {
        SslContextFactory.Server settings = new SslContextFactory.Server();
        SSLContext own = tls.hasCertificate() ? tls.context() : null;
        boolean hooked = routes.clientHello() != null || routes.certificate() != null;
        checkCertificate(tls, routes);
        settings.setSslContext(own == null ? tls.context() : own);
        settings.setRenegotiationAllowed(false);
        settings.setWantClientAuth(tls.clientAuth() == ServerTls.ClientAuth.OPTIONAL);
        settings.setNeedClientAuth(tls.clientAuth() == ServerTls.ClientAuth.REQUIRED);
        if (!tls.protocols().isEmpty()) {
            settings.setIncludeProtocols(tls.protocols().toArray(String[]::new));
        }
        if (!tls.cipherSuites().isEmpty()) {
            settings.setExcludeCipherSuites();
            settings.setIncludeCipherSuites(tls.cipherSuites().toArray(String[]::new));
        }
        return hooked
                ? new HookedTls(
                        settings,
                        nextProtocol,
                        new HandshakeHooks(
                                sockets, tls, own, routes.clientHello(), routes.certificate()))
                : new SslConnectionFactory(settings, nextProtocol);
    }

    private static HttpConfiguration http(HttpConfig config) {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setSendDateHeader(false);
        // for HTTP/1.0 without Host; Jetty would take the local address, which a path is not fit
        // for
        http.setServerAuthority(new HostPort("localhost"));
        http.setRequestHeaderSize(config.limits().headerBytes());
        http.setMaxResponseHeaderSize(MOST_RESPONSE_HEAD_BYTES);
        // it would hold 100 KB for each kept connection to save a few strings a request
        http.setHeaderCacheSize(0);
        // enough to see the end of a body; what is drained beyond is the exchange's to decide
        http.setMaxUnconsumedRequestContentReads(1);
        if (!config.timeouts().send().equals(config.timeouts().idle())) {
            // while a request is handled only its response can stall: the idle time is that of
            // sends
            http.setIdleTimeout(millis(config.timeouts().send()));
        }
        return http;
    }

    static URI uri(AbstractConnector connector) {
        if (connector instanceof UnixDomainServerConnector unix) {
            return URI.create("unix:" + unix.getUnixDomainPath().toUri().getRawPath());
        }
        NetworkConnector network = (NetworkConnector) connector;
        String host = network.getHost();
        host = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        String scheme = connector.getProtocols().contains("ssl") ? "https" : "http";
        return URI.create(scheme + "://" + host + ":" + network.getLocalPort());
    }

    /** Gives each new connection its watch. */
    private record Opened(HttpConfig config) implements Connection.Listener {
        @Override
        public void onOpened(Connection connection) {
            if (connection instanceof ConnectionMetaData data
                    && !data.getHttpVersion().is("HTTP/2.0")) {
                ConnectionWatch.open(connection, data, config);
            } else if (connection instanceof SslConnection encrypted) {
                HandshakeWatch.open(encrypted, config.timeouts().header().toNanos());
            } else if (connection instanceof HelloConnection hello) {
                HandshakeWatch.open(hello, config.timeouts().header().toNanos());
            }
        }

        @Override
        public void onClosed(Connection connection) {}
    }
}
