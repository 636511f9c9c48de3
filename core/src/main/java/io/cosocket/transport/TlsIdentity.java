package io.cosocket.transport;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.interfaces.EdECKey;
import java.security.interfaces.RSAKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;

import javax.net.ssl.KeyManager;

/**
 * Own keys with their certificate chains, for either side of a handshake. Equal when the chains
 * are: a certificate tells its key.
 *
 * <p>Threads: immutable.
 */
public final class TlsIdentity {
    /** Has no key. */
    public static final TlsIdentity NONE = new TlsIdentity(List.of());

    /** The kind of a name of RFC 5280 section 4.2.1.6. */
    private static final Integer DNS_NAME = 2;

    private static final byte[] PROBE =
            "do key and certificate match".getBytes(StandardCharsets.US_ASCII);

    record Entry(PrivateKey key, List<X509Certificate> chain) {
        /** Tells whether the certificate is for a host, by name or by wildcard. */
        boolean isNamed(String host) {
            int dot = host.indexOf('.');
            String wildcard = dot < 0 ? host : "*" + host.substring(dot);
            try {
                Collection<List<?>> names = chain.getFirst().getSubjectAlternativeNames();
                for (List<?> name : names == null ? List.<List<?>>of() : names) {
                    if (DNS_NAME.equals(name.getFirst())
                            && name.getLast() instanceof String text
                            && (text.equalsIgnoreCase(host) || text.equalsIgnoreCase(wildcard))) {
                        return true;
                    }
                }
            } catch (CertificateParsingException e) {
                // then it names nobody
            }
            return false;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Entry that && chain.equals(that.chain);
        }

        @Override
        public int hashCode() {
            return chain.hashCode();
        }
    }

    private final List<Entry> entries;

    private TlsIdentity(List<Entry> entries) {
        this.entries = entries;
    }

    /**
     * Takes one key and its chain.
     *
     * @throws IllegalArgumentException when they do not belong together
     */
    public static TlsIdentity of(PemFile chain, PemFile key) {
        List<X509Certificate> certificates = chain.certificates();
        PrivateKey privateKey = key.privateKey();
        checkPair(certificates.getFirst().getPublicKey(), privateKey);
        return new TlsIdentity(List.of(new Entry(privateKey, certificates)));
    }

    /**
     * Takes every key of a store.
     *
     * @throws IllegalArgumentException when there is none, or the password is wrong
     */
    public static TlsIdentity of(KeyStore store, char[] password) {
        if (store == null || password == null) {
            throw new IllegalArgumentException(
                    "bad identity: null (allowed: a key store and a password)");
        }
        List<Entry> entries = new ArrayList<>();
        try {
            for (String alias : Collections.list(store.aliases())) {
                if (!store.isKeyEntry(alias)) {
                    continue;
                }
                if (store.getKey(alias, password) instanceof PrivateKey privateKey) {
                    entries.add(new Entry(privateKey, chain(store, alias)));
                }
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("bad identity: " + e.getMessage(), e);
        }
        if (entries.isEmpty()) {
            throw new IllegalArgumentException("bad identity: the key store holds no private key");
        }
        return new TlsIdentity(List.copyOf(entries));
    }

    private static List<X509Certificate> chain(KeyStore store, String alias)
            throws KeyStoreException {
        List<X509Certificate> chain = new ArrayList<>();
        for (Certificate certificate : store.getCertificateChain(alias)) {
            if (!(certificate instanceof X509Certificate x509)) {
                throw new IllegalArgumentException(
                        "bad identity: the certificate of " + alias + " is not X.509");
            }
            chain.add(x509);
        }
        return List.copyOf(chain);
    }

    private static void checkPair(PublicKey publicKey, PrivateKey privateKey) {
        boolean match;
        try {
            Signature signature = Signature.getInstance(probeAlgorithm(privateKey));
            signature.initSign(privateKey);
            signature.update(PROBE);
            byte[] signed = signature.sign();
            signature.initVerify(publicKey);
            signature.update(PROBE);
            match = signature.verify(signed);
        } catch (GeneralSecurityException e) {
            match = false;
        }
        if (!match) {
            throw new IllegalArgumentException(
                    "bad identity: the private key is not that of the first certificate");
        }
    }

    private static String probeAlgorithm(PrivateKey key) {
        return switch (key) {
            case RSAKey rsa -> "SHA256withRSA";
            case ECKey ec -> "SHA256withECDSA";
            case EdECKey ed -> "EdDSA";
            default -> key.getAlgorithm();
        };
    }

    /** Gives all certificates, chain after chain. */
    public List<X509Certificate> certificates() {
        return entries.stream().flatMap(entry -> entry.chain.stream()).toList();
    }

    /** Gives key managers that choose among the keys, or null without any. */
    public KeyManager @Nullable [] keyManagers() {
        return entries.isEmpty() ? null : new KeyManager[] {new TlsKeys(entries)};
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TlsIdentity that && entries.equals(that.entries);
    }

    @Override
    public int hashCode() {
        return entries.hashCode();
    }
}
