package io.cosocket;

import io.cosocket.transport.TlsIdentity;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.cert.Certificate;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;

/**
 * What is agreed on with whom, but for the name of the peer. Terms of the same content share one
 * {@link SSLContext}, and with it the sessions that may be resumed; others never do.
 *
 * <p>Threads: immutable.
 */
final class TlsTerms {
    static final TlsTerms DEFAULTS =
            new TlsTerms(
                    true, List.of(), List.of(), TlsIdentity.NONE, List.of(), List.of(), List.of());

    /** Contexts kept; the one used longest ago goes first. */
    private static final int MAX_CONTEXTS = 256;

    /** Sessions a context keeps for later. */
    private static final int MAX_SESSIONS = 4096;

    private static final SSLParameters SUPPORTED = supported();
    private static final ReentrantLock CONTEXTS_LOCK = new ReentrantLock();
    // guarded by CONTEXTS_LOCK
    private static final Map<TlsTerms, SSLContext> CONTEXTS =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<TlsTerms, SSLContext> eldest) {
                    return size() > MAX_CONTEXTS;
                }
            };

    private final boolean verify;
    private final List<X509Certificate> trust;
    private final List<X509CRL> revoked;
    private final TlsIdentity identity;
    private final List<String> protocols;
    private final List<String> cipherSuites;
    private final List<String> alpn;
    private final int hash;
    private volatile @Nullable SSLContext context;

    private TlsTerms(
            boolean verify,
            List<X509Certificate> trust,
            List<X509CRL> revoked,
            TlsIdentity identity,
            List<String> protocols,
            List<String> cipherSuites,
            List<String> alpn) {
        this.verify = verify;
        this.trust = trust;
        this.revoked = revoked;
        this.identity = identity;
        this.protocols = protocols;
        this.cipherSuites = cipherSuites;
        this.alpn = alpn;
        this.hash = Objects.hash(verify, trust, revoked, identity, protocols, cipherSuites, alpn);
    }

    private static SSLParameters supported() {
        try {
            return SSLContext.getDefault().getSupportedSSLParameters();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no TLS", e);
        }
    }

    /** Gives what a trust store trusts: certificates, and those of its keys. */
    static List<X509Certificate> certificates(KeyStore store) {
        List<X509Certificate> found = new ArrayList<>();
        try {
            for (String alias : Collections.list(store.aliases())) {
                Certificate certificate = store.getCertificate(alias);
                if (certificate instanceof X509Certificate x509) {
                    found.add(x509);
                }
            }
        } catch (KeyStoreException e) {
            throw new IllegalArgumentException("bad trust: " + e.getMessage(), e);
        }
        if (found.isEmpty()) {
            throw new IllegalArgumentException("bad trust: the key store holds no certificate");
        }
        return List.copyOf(found);
    }

    TlsTerms withVerify(boolean value) {
        return new TlsTerms(value, trust, revoked, identity, protocols, cipherSuites, alpn);
    }

    TlsTerms withTrust(List<X509Certificate> value) {
        return new TlsTerms(verify, value, revoked, identity, protocols, cipherSuites, alpn);
    }

    TlsTerms withRevoked(List<X509CRL> value) {
        return new TlsTerms(verify, trust, value, identity, protocols, cipherSuites, alpn);
    }

    TlsTerms withIdentity(TlsIdentity value) {
        return new TlsTerms(verify, trust, revoked, value, protocols, cipherSuites, alpn);
    }

    TlsTerms withProtocols(List<String> value) {
        checkKnown("protocol", value, SUPPORTED.getProtocols());
        return new TlsTerms(verify, trust, revoked, identity, value, cipherSuites, alpn);
    }

    TlsTerms withCipherSuites(List<String> value) {
        checkKnown("cipher suite", value, SUPPORTED.getCipherSuites());
        return new TlsTerms(verify, trust, revoked, identity, protocols, value, alpn);
    }

    TlsTerms withAlpn(List<String> value) {
        return new TlsTerms(verify, trust, revoked, identity, protocols, cipherSuites, value);
    }

    private static void checkKnown(String what, List<String> names, String[] known) {
        for (String name : names) {
            if (!List.of(known).contains(name)) {
                throw new IllegalArgumentException(
                        "bad "
                                + what
                                + ": "
                                + name
                                + " (allowed: "
                                + String.join(", ", known)
                                + ")");
            }
        }
    }

    boolean verify() {
        return verify;
    }

    List<X509Certificate> trust() {
        return trust;
    }

    TlsIdentity identity() {
        return identity;
    }

    List<String> protocols() {
        return protocols;
    }

    List<String> cipherSuites() {
        return cipherSuites;
    }

    List<String> alpn() {
        return alpn;
    }

    /** Gives the context of all terms with this content; made at the first call. */
    SSLContext context() throws SSLException {
        SSLContext known = context;
        if (known == null) {
            known = shared(null);
            if (known == null) {
                known = shared(make());
            }
            context = known;
        }
        return Objects.requireNonNull(known);
    }

    private @Nullable SSLContext shared(@Nullable SSLContext made) {
        CONTEXTS_LOCK.lock();
        try {
            SSLContext known = CONTEXTS.get(this);
            if (known == null && made != null) {
                CONTEXTS.put(this, made);
                return made;
            }
            return known;
        } finally {
            CONTEXTS_LOCK.unlock();
        }
    }

    private SSLContext make() throws SSLException {
        try {
            SSLContext made = SSLContext.getInstance("TLS");
            TrustManager trustManager = verify ? TlsTrust.in(trust, revoked) : TlsTrust.anyone();
            made.init(identity.keyManagers(), new TrustManager[] {trustManager}, null);
            made.getClientSessionContext().setSessionCacheSize(MAX_SESSIONS);
            return made;
        } catch (GeneralSecurityException | IOException e) {
            throw new SSLException("tls set-up failed: " + e.getMessage(), e);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || other instanceof TlsTerms that
                        && hash == that.hash
                        && verify == that.verify
                        && trust.equals(that.trust)
                        && revoked.equals(that.revoked)
                        && identity.equals(that.identity)
                        && protocols.equals(that.protocols)
                        && cipherSuites.equals(that.cipherSuites)
                        && alpn.equals(that.alpn);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return "verify="
                + verify
                + ", protocols="
                + protocols
                + ", cipherSuites="
                + cipherSuites
                + ", alpn="
                + alpn;
    }
}
