package io.cosocket;

import org.jspecify.annotations.Nullable;

import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * What a TLS handshake agreed on, and what a later one may offer again ({@code getsslsession},
 * {@code TlsOptions.withSession}). With TLS 1.3 the peer sends what can be resumed after the
 * handshake; this object takes part in it without being fetched again.
 *
 * <p>Threads: immutable.
 */
public final class TlsSession {
    private final String protocol;
    private final String cipherSuite;
    private final @Nullable String alpn;
    private final @Nullable String serverName;
    private final List<X509Certificate> peerCertificates;
    private final boolean resumed;
    private final @Nullable TlsTerms terms;
    private final int slot;

    private TlsSession(
            SSLSession session,
            @Nullable String alpn,
            @Nullable String serverName,
            boolean resumed,
            @Nullable TlsTerms terms,
            int slot) {
        this.protocol = session.getProtocol();
        this.cipherSuite = session.getCipherSuite();
        this.alpn = alpn == null || alpn.isEmpty() ? null : alpn;
        this.serverName = serverName;
        this.peerCertificates = peerCertificates(session);
        this.resumed = resumed;
        this.terms = terms;
        this.slot = slot;
    }

    /** Describes a session of the server's side, which offers nothing later. */
    static TlsSession accepted(
            SSLSession session, @Nullable String alpn, @Nullable String serverName) {
        return new TlsSession(session, alpn, serverName, false, null, 0);
    }

    /** Describes a session of the client's side, kept at {@code slot} of its terms. */
    static TlsSession connected(
            SSLSession session,
            @Nullable String alpn,
            @Nullable String serverName,
            boolean resumed,
            TlsTerms terms,
            int slot) {
        return new TlsSession(session, alpn, serverName, resumed, terms, slot);
    }

    private static List<X509Certificate> peerCertificates(SSLSession session) {
        try {
            List<X509Certificate> chain = new ArrayList<>();
            for (Certificate certificate : session.getPeerCertificates()) {
                chain.add((X509Certificate) certificate);
            }
            return List.copyOf(chain);
        } catch (SSLPeerUnverifiedException e) {
            return List.of();
        }
    }

    /** Gives {@code TLSv1.3} or {@code TLSv1.2}. */
    public String protocol() {
        return protocol;
    }

    /** Gives the cipher suite by its standard name. */
    public String cipherSuite() {
        return cipherSuite;
    }

    /** Gives the application protocol agreed on, or null for none. */
    public @Nullable String alpn() {
        return alpn;
    }

    /** Gives the name the client asked for, or null for none. */
    public @Nullable String serverName() {
        return serverName;
    }

    /** Gives the peer's chain, its own certificate first; none when it showed none. */
    public List<X509Certificate> peerCertificates() {
        return peerCertificates;
    }

    /** Tells whether the handshake went on from an earlier session; false on a server's side. */
    public boolean resumed() {
        return resumed;
    }

    /** Tells whether the session may be offered under these terms to that name. */
    boolean offeredTo(TlsTerms wanted, @Nullable String name) {
        return wanted.equals(terms) && name != null && name.equalsIgnoreCase(serverName);
    }

    int slot() {
        return slot;
    }

    @Override
    public String toString() {
        return protocol + " " + cipherSuite + (resumed ? " resumed" : "");
    }
}
