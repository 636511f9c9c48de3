package io.cosocket.http;

import io.cosocket.transport.PemFile;
import io.cosocket.transport.TlsIdentity;

import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;

/**
 * A server's private key with its certificate chain, and how long it may be used without asking the
 * {@link CertificateHandler} again: a minute, unless set otherwise.
 *
 * <p>Threads: immutable. Bad material is an {@link IllegalArgumentException} that says what is
 * wrong.
 */
public final class ServerCertificate {
    private static final Duration TIME_TO_LIVE = Duration.ofMinutes(1);
    private static final Duration LONGEST = Duration.ofDays(365);

    private final TlsIdentity identity;
    private final Duration timeToLive;

    private ServerCertificate(TlsIdentity identity, Duration timeToLive) {
        this.identity = identity;
        this.timeToLive = timeToLive;
    }

    /**
     * Takes PEM text, as it comes from a key-value store.
     *
     * @param certificateChain the server's own certificate first
     * @param privateKey not encrypted; PKCS #8, or the older RSA and EC forms
     */
    public static ServerCertificate ofPem(String certificateChain, String privateKey) {
        return new ServerCertificate(
                TlsIdentity.of(PemFile.of(certificateChain), PemFile.of(privateKey)), TIME_TO_LIVE);
    }

    /** Reads PEM files. */
    public static ServerCertificate ofPem(Path certificateChain, Path privateKey) {
        return new ServerCertificate(
                TlsIdentity.of(PemFile.read(certificateChain), PemFile.read(privateKey)),
                TIME_TO_LIVE);
    }

    /** Takes the keys of a key store. */
    public static ServerCertificate of(KeyStore keys, char[] password) {
        return new ServerCertificate(TlsIdentity.of(keys, password), TIME_TO_LIVE);
    }

    /**
     * Gives a copy that is kept for another time.
     *
     * @param limit above zero, at most 365 days
     */
    public ServerCertificate withTimeToLive(Duration limit) {
        if (limit == null || limit.isNegative() || limit.isZero() || limit.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "bad time to live: " + limit + " (allowed: above zero, at most 365 days)");
        }
        return new ServerCertificate(identity, limit);
    }

    /** Gives how long the certificate may be used. */
    public Duration timeToLive() {
        return timeToLive;
    }

    TlsIdentity identity() {
        return identity;
    }
}
