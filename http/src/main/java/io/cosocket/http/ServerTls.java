package io.cosocket.http;

import io.cosocket.transport.PemFile;
import io.cosocket.transport.TlsIdentity;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * How a listener speaks TLS: its certificate, what may be agreed on, and whether clients have to
 * show a certificate.
 *
 * <p>Threads: immutable. Files are read when they are given; a bad value is an {@link
 * IllegalArgumentException} that names it.
 */
public final class ServerTls {
    /** Whether a client shows a certificate. */
    public enum ClientAuth {
        /** It is not asked for one. */
        NONE,
        /** It is asked; one that it shows has to be trusted. */
        OPTIONAL,
        /** Without a trusted one there is no connection. */
        REQUIRED
    }

    private final @Nullable SSLContext given;
    private final TlsIdentity identity;
    private final ClientAuth clientAuth;
    private final List<X509Certificate> clientTrust;
    private final List<String> protocols;
    private final List<String> cipherSuites;
    private final boolean http2;

    private ServerTls(
            @Nullable SSLContext given,
            TlsIdentity identity,
            ClientAuth clientAuth,
            List<X509Certificate> clientTrust,
            List<String> protocols,
            List<String> cipherSuites,
            boolean http2) {
        this.given = given;
        this.identity = identity;
        this.clientAuth = clientAuth;
        this.clientTrust = clientTrust;
        this.protocols = protocols;
        this.cipherSuites = cipherSuites;
        this.http2 = http2;
    }

    private static ServerTls of(@Nullable SSLContext given, TlsIdentity identity) {
        return new ServerTls(
                given, identity, ClientAuth.NONE, List.of(), List.of(), List.of(), true);
    }

    /**
     * Shows a certificate of PEM files, HTTP/2 offered by ALPN, clients not asked for one.
     *
     * @param certificateChain the server's own certificate first
     * @param privateKey not encrypted; may be the same file
     */
    public static ServerTls ofPem(Path certificateChain, Path privateKey) {
        return of(null, TlsIdentity.of(PemFile.read(certificateChain), PemFile.read(privateKey)));
    }

    /**
     * Shows the certificate of a key store that is for the server name the client asks for, or else
     * the first of a kind that the client understands.
     *
     * @param password of the keys; not kept
     */
    public static ServerTls of(KeyStore keys, char[] password) {
        return of(null, TlsIdentity.of(keys, password));
    }

    /** Uses a context made elsewhere, with its keys and its trust in clients. */
    public static ServerTls of(SSLContext context) {
        return of(notNull("context", context), TlsIdentity.NONE);
    }

    /** Has no certificate of its own: {@link Routes#certificate} chooses each. */
    public static ServerTls ofHandler() {
        return of(null, TlsIdentity.NONE);
    }

    /**
     * Gives a copy that asks clients for a certificate, signed by one of a PEM file.
     *
     * @param trusted the authorities
     */
    public ServerTls withClientAuth(ClientAuth wanted, Path trusted) {
        if (given != null) {
            throw new IllegalArgumentException(
                    "bad client trust: " + trusted + " (allowed: none beside that of a context)");
        }
        return withClientAuth(wanted, PemFile.read(trusted).certificates());
    }

    /**
     * Gives a copy that asks clients for a certificate, trusted by the context it was made of, or
     * else by the system.
     */
    public ServerTls withClientAuth(ClientAuth wanted) {
        return withClientAuth(wanted, clientTrust);
    }

    private ServerTls withClientAuth(ClientAuth wanted, List<X509Certificate> trusted) {
        notNull("client auth", wanted);
        return new ServerTls(given, identity, wanted, trusted, protocols, cipherSuites, http2);
    }

    /** Gives a copy with these protocols, as {@code TLSv1.3}; none for the default. */
    public ServerTls withProtocols(String... names) {
        return new ServerTls(
                given,
                identity,
                clientAuth,
                clientTrust,
                known("protocol", names, supported().getProtocols()),
                cipherSuites,
                http2);
    }

    /** Gives a copy with these cipher suites by the JDK's names; none for the default. */
    public ServerTls withCipherSuites(String... names) {
        return new ServerTls(
                given,
                identity,
                clientAuth,
                clientTrust,
                protocols,
                known("cipher suite", names, supported().getCipherSuites()),
                http2);
    }

    private SSLParameters supported() {
        try {
            SSLContext context = given == null ? SSLContext.getDefault() : given;
            return context.getSupportedSSLParameters();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no TLS", e);
        }
    }

    private static List<String> known(String what, String[] names, String[] supported) {
        for (String name : notNull(what + "s", names)) {
            if (!Arrays.asList(supported).contains(name)) {
                throw new IllegalArgumentException(
                        "bad "
                                + what
                                + ": "
                                + name
                                + " (allowed: "
                                + String.join(", ", supported)
                                + ")");
            }
        }
        return List.copyOf(Arrays.asList(names));
    }

    private static <T> T notNull(String what, @Nullable T value) {
        if (value == null) {
            throw new IllegalArgumentException("bad " + what + ": null (allowed: a value)");
        }
        return value;
    }

    /** Gives a copy that offers HTTP/2 by ALPN, or does not. */
    public ServerTls withHttp2(boolean offer) {
        return new ServerTls(
                given, identity, clientAuth, clientTrust, protocols, cipherSuites, offer);
    }

    /** Tells whether clients are asked for a certificate. */
    public ClientAuth clientAuth() {
        return clientAuth;
    }

    /** Gives the protocols, none for the default. */
    public List<String> protocols() {
        return protocols;
    }

    /** Gives the cipher suites, none for the default. */
    public List<String> cipherSuites() {
        return cipherSuites;
    }

    /** Tells whether HTTP/2 is offered. */
    public boolean http2() {
        return http2;
    }

    boolean hasCertificate() {
        return given != null || !identity.certificates().isEmpty();
    }

    /** Makes the context of the listener's own certificate. */
    SSLContext context() {
        return given != null ? given : context(identity);
    }

    /** Makes the context of another certificate. */
    SSLContext context(TlsIdentity shown) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(shown.keyManagers(), clientTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException("bad tls: " + e.getMessage(), e);
        }
    }

    private TrustManager @Nullable [] clientTrustManagers()
            throws GeneralSecurityException, IOException {
        if (clientAuth == ClientAuth.NONE) {
            return new TrustManager[0];
        }
        if (clientTrust.isEmpty()) {
            return null; // the system's
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (int i = 0; i < clientTrust.size(); i++) {
            store.setCertificateEntry("client" + i, clientTrust.get(i));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        return factory.getTrustManagers();
    }
}
