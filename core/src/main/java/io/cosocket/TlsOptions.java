package io.cosocket;

import io.cosocket.transport.PemFile;
import io.cosocket.transport.TlsIdentity;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * The terms of a TLS handshake ({@code sslhandshake}, {@code setclientcert}, {@code
 * settrustedstore}): who the peer has to be, who we are, and what may be agreed on. Unlike the
 * original, the peer is verified unless that is switched off.
 *
 * <p>Key stores and files are read when they are given; a later change of them is not seen. A bad
 * value is an {@link IllegalArgumentException} that names it.
 *
 * <p>Threads: immutable. Keep and share an instance; two with the same content count as the same
 * terms, for pools and for session reuse.
 */
public final class TlsOptions {
    private static final TlsOptions DEFAULTS =
            new TlsOptions(TlsTerms.DEFAULTS, null, true, false, null);

    private final TlsTerms terms;
    private final @Nullable String serverName;
    private final boolean sessionReuse;
    private final boolean tolerateTruncation;
    private final @Nullable TlsSession session;
    private final Key key;

    /** What makes two handshakes the same for a pool: everything but the session offered. */
    private record Key(
            TlsTerms terms, @Nullable String serverName, boolean tolerateTruncation, int hash) {
        @Override
        public int hashCode() {
            return hash;
        }
    }

    private record HostKey(Key key, String host) {}

    private TlsOptions(
            TlsTerms terms,
            @Nullable String serverName,
            boolean sessionReuse,
            boolean tolerateTruncation,
            @Nullable TlsSession session) {
        this.terms = terms;
        this.serverName = serverName;
        this.sessionReuse = sessionReuse;
        this.tolerateTruncation = tolerateTruncation;
        this.session = session;
        this.key =
                new Key(
                        terms,
                        serverName,
                        tolerateTruncation,
                        Objects.hash(terms, serverName, tolerateTruncation));
    }

    /** Gives verification against the system's certificates, no identity, the JDK's protocols. */
    public static TlsOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Sets the name sent to the peer (SNI) and looked for in its certificate; the default is the
     * host given to connect. A Unix-domain path has none: there the name has to be set, or the
     * verification switched off.
     *
     * @param name a DNS name, or an IP literal, which is checked but not sent
     */
    public TlsOptions withServerName(String name) {
        String bare = TlsName.check(name);
        return new TlsOptions(terms, bare, sessionReuse, tolerateTruncation, session);
    }

    /** Sets whether chain and name of the peer are verified; true. */
    public TlsOptions withVerify(boolean verify) {
        return with(terms.withVerify(verify));
    }

    /** Trusts the certificates of a key store, instead of the system's. */
    public TlsOptions withTrust(KeyStore trusted) {
        return with(terms.withTrust(TlsTerms.certificates(Checks.notNull("trust", trusted))));
    }

    /** Trusts the certificates of a PEM file, instead of the system's. */
    public TlsOptions withTrustPem(Path certificates) {
        return with(
                terms.withTrust(
                        PemFile.read(Checks.notNull("trust", certificates)).certificates()));
    }

    /**
     * Refuses peers whose certificate, or one above it, is on a revocation list of a PEM file
     * ({@code lua_ssl_crl}). A certificate whose issuer has no list there is not affected.
     */
    public TlsOptions withRevocationPem(Path lists) {
        return with(
                terms.withRevoked(
                        PemFile.read(Checks.notNull("revocation", lists)).revocationLists()));
    }

    /**
     * Sets the client's keys and certificate chains, for peers that ask for one.
     *
     * @param password of the keys; not kept
     */
    public TlsOptions withIdentity(KeyStore keys, char[] password) {
        return with(
                terms.withIdentity(
                        TlsIdentity.of(
                                Checks.notNull("identity", keys),
                                Checks.notNull("password", password))));
    }

    /**
     * Sets the client's key and certificate chain.
     *
     * @param certificateChain PEM, its own certificate first
     * @param privateKey PEM, not encrypted; may be the same file
     */
    public TlsOptions withIdentityPem(Path certificateChain, Path privateKey) {
        return with(
                terms.withIdentity(
                        TlsIdentity.of(
                                PemFile.read(Checks.notNull("identity", certificateChain)),
                                PemFile.read(Checks.notNull("private key", privateKey)))));
    }

    /**
     * Sets the protocols that may be agreed on.
     *
     * @param names {@code TLSv1.3}, {@code TLSv1.2}; none for the JDK's default
     */
    public TlsOptions withProtocols(String... names) {
        return with(terms.withProtocols(list("protocols", names)));
    }

    /**
     * Sets the cipher suites that may be agreed on, by preference.
     *
     * @param names as the JDK has them, {@code TLS_AES_128_GCM_SHA256}; none for its default
     */
    public TlsOptions withCipherSuites(String... names) {
        return with(terms.withCipherSuites(list("cipherSuites", names)));
    }

    /**
     * Sets the application protocols to offer, by preference (RFC 7301).
     *
     * @param names {@code h2}, {@code http/1.1}, …; none to offer nothing
     */
    public TlsOptions withAlpn(String... names) {
        List<String> offered = list("alpn", names);
        for (String name : offered) {
            Checks.range("length of alpn name", name.length(), 1, 255);
        }
        return with(terms.withAlpn(offered));
    }

    /**
     * Offers the session of an earlier handshake. It is offered only when it was made under the
     * same terms and for the same server name; else, and when the peer does not want it, the
     * handshake is a full one.
     *
     * @param earlier null to offer none in particular
     */
    public TlsOptions withSession(@Nullable TlsSession earlier) {
        return new TlsOptions(terms, serverName, sessionReuse, tolerateTruncation, earlier);
    }

    /**
     * Sets whether the last session with the same host and port, under the same terms, is offered
     * of itself; true.
     */
    public TlsOptions withSessionReuse(boolean reuse) {
        return new TlsOptions(terms, serverName, reuse, tolerateTruncation, session);
    }

    /**
     * Sets whether an end of the connection without close_notify is an ordinary end of stream;
     * false: it is an {@link javax.net.ssl.SSLException}, because anybody on the way can forge it.
     */
    public TlsOptions withTolerateTruncation(boolean tolerate) {
        return new TlsOptions(terms, serverName, sessionReuse, tolerate, session);
    }

    private TlsOptions with(TlsTerms changed) {
        return new TlsOptions(changed, serverName, sessionReuse, tolerateTruncation, session);
    }

    private static List<String> list(String what, String[] names) {
        Checks.notNull(what, names);
        for (String name : names) {
            Checks.notNull(what, name);
        }
        return List.copyOf(Arrays.asList(names));
    }

    /** Gives the name to send and to check, or null for the host given to connect. */
    public @Nullable String serverName() {
        return serverName;
    }

    /** Tells whether the peer is verified. */
    public boolean verify() {
        return terms.verify();
    }

    /** Gives the trusted certificates, none for the system's. */
    public List<X509Certificate> trust() {
        return terms.trust();
    }

    /** Gives the client's own certificates, none for no identity. */
    public List<X509Certificate> identity() {
        return terms.identity().certificates();
    }

    /** Gives the protocols, none for the JDK's default. */
    public List<String> protocols() {
        return terms.protocols();
    }

    /** Gives the cipher suites, none for the JDK's default. */
    public List<String> cipherSuites() {
        return terms.cipherSuites();
    }

    /** Gives the application protocols to offer. */
    public List<String> alpn() {
        return terms.alpn();
    }

    /** Gives the session to offer, or null. */
    public @Nullable TlsSession session() {
        return session;
    }

    /** Tells whether sessions are offered of themselves. */
    public boolean sessionReuse() {
        return sessionReuse;
    }

    /** Tells whether an end without close_notify is an ordinary one. */
    public boolean tolerateTruncation() {
        return tolerateTruncation;
    }

    TlsTerms terms() {
        return terms;
    }

    /**
     * Gives what has to be equal for a connection to be reused, by content, with the name the peer
     * was verified by: in a pool that endpoints share, the host given to connect may be another.
     */
    Object keyFor(String host) {
        return serverName == null ? new HostKey(key, host) : key;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TlsOptions that
                && key.equals(that.key)
                && sessionReuse == that.sessionReuse
                && session == that.session;
    }

    @Override
    public int hashCode() {
        return key.hash;
    }

    @Override
    public String toString() {
        return "TlsOptions[serverName=" + serverName + ", " + terms + "]";
    }
}
