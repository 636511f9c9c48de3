package io.cosocket;

import io.cosocket.transport.Deadline;
import io.cosocket.transport.TlsTransport;
import io.cosocket.transport.Transport;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;

/**
 * Does the client's side of the handshake.
 *
 * <p>The JDK keeps a client's sessions under the host and port given to the engine and offers no
 * other way to choose one. So the host is always the verified name, and the port stands for the
 * slot: one for each endpoint, or one of its own for a handshake that shall not reuse anything.
 */
final class TlsClient {
    /** Bound to a session after its full handshake; copies made for tickets share it. */
    private static final String MARK = "io.cosocket.session";

    private static final AtomicInteger OWN_SLOT = new AtomicInteger(Integer.MIN_VALUE);

    /** An encrypted connection and what was agreed on. */
    record Encrypted(TlsTransport transport, TlsSession session) {}

    private TlsClient() {}

    /**
     * Encrypts a connection; on failure the peer is told by an alert and {@code below} is closed.
     *
     * @param host given to connect, or null for a Unix-domain path
     * @param where for messages: transport and addresses
     * @throws java.net.SocketTimeoutException when the deadline passed
     * @throws InterruptedIOException otherwise, when cancelled or interrupted
     * @throws SSLException when handshake or verification failed
     */
    static Encrypted connect(
            Transport below,
            TlsOptions options,
            @Nullable String host,
            int port,
            String where,
            Deadline deadline)
            throws IOException {
        String endpoint = host == null ? below.remoteAddress().toString() : host + ":" + port;
        TlsTransport transport = null;
        try {
            String name = options.serverName();
            if (name == null && host != null) {
                name = TlsName.check(host);
            }
            int slot = slot(options, name, endpoint);
            transport =
                    TlsTransport.over(
                            below, engine(options, name, slot), options.tolerateTruncation());
            transport.handshake(deadline);
            return new Encrypted(transport, session(transport, options.terms(), name, slot));
        } catch (InterruptedIOException e) {
            close(transport, below);
            throw e;
        } catch (IOException e) {
            close(transport, below);
            throw Failures.handshake(where, e);
        } catch (RuntimeException | Error e) {
            close(transport, below);
            throw e;
        }
    }

    private static void close(@Nullable TlsTransport transport, Transport below) {
        if (transport != null) {
            transport.close();
        } else {
            below.close();
        }
    }

    private static int slot(TlsOptions options, @Nullable String name, String endpoint) {
        TlsSession earlier = options.session();
        if (earlier != null && earlier.offeredTo(options.terms(), name)) {
            return earlier.slot();
        }
        return options.sessionReuse() && name != null
                ? endpoint.toLowerCase(Locale.ROOT).hashCode() & Integer.MAX_VALUE
                : OWN_SLOT.getAndIncrement();
    }

    private static SSLEngine engine(TlsOptions options, @Nullable String name, int slot)
            throws SSLException {
        TlsTerms terms = options.terms();
        if (terms.verify() && name == null) {
            throw new SSLHandshakeException(
                    "certificate host mismatch: no server name was given to check");
        }
        SSLEngine engine = terms.context().createSSLEngine(name == null ? "" : name, slot);
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        if (!terms.protocols().isEmpty()) {
            parameters.setProtocols(terms.protocols().toArray(String[]::new));
        }
        if (!terms.cipherSuites().isEmpty()) {
            parameters.setCipherSuites(terms.cipherSuites().toArray(String[]::new));
        }
        if (!terms.alpn().isEmpty()) {
            parameters.setApplicationProtocols(terms.alpn().toArray(String[]::new));
        }
        if (terms.verify()) {
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
        }
        SNIHostName indication = name == null ? null : TlsName.indication(name);
        parameters.setServerNames(indication == null ? List.of() : List.of(indication));
        engine.setSSLParameters(parameters);
        return engine;
    }

    private static TlsSession session(
            TlsTransport transport, TlsTerms terms, @Nullable String name, int slot) {
        SSLEngine engine = transport.engine();
        SSLSession session = engine.getSession();
        boolean resumed = session.getValue(MARK) != null;
        if (!resumed) {
            session.putValue(MARK, Boolean.TRUE);
        }
        return TlsSession.connected(
                session, engine.getApplicationProtocol(), name, resumed, terms, slot);
    }
}
