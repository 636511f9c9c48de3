package io.cosocket.transport;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.interfaces.EdECKey;
import java.security.interfaces.RSAKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;

/**
 * Own keys with their certificate chains, for either side of a handshake. Equal when the chains
 * are: a certificate tells its key.
 *
 * <p>Threads: immutable.
 */
public final class TlsIdentity {
    /** Has no key. */
    public static final TlsIdentity NONE = new TlsIdentity(List.of());

    private static final char[] NO_PASSWORD = {};
    private static final byte[] PROBE =
            "do key and certificate match".getBytes(StandardCharsets.US_ASCII);

    private record Entry(PrivateKey key, List<X509Certificate> chain) {
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
        List<Entry> entries = new ArrayList<>();
        try {
            for (String alias : Collections.list(store.aliases())) {
                if (!store.isKeyEntry(alias)) {
                    continue;
                }
                Key key = store.getKey(alias, password);
                List<X509Certificate> chain = new ArrayList<>();
                for (Certificate certificate : store.getCertificateChain(alias)) {
                    chain.add((X509Certificate) certificate);
                }
                if (key instanceof PrivateKey privateKey) {
                    entries.add(new Entry(privateKey, List.copyOf(chain)));
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

    /** Makes key managers that choose among the keys, or null without any. */
    public KeyManager @Nullable [] keyManagers() throws GeneralSecurityException, IOException {
        if (entries.isEmpty()) {
            return null;
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        int number = 0;
        for (Entry entry : entries) {
            store.setKeyEntry(
                    "key" + number++,
                    entry.key,
                    NO_PASSWORD,
                    entry.chain.toArray(X509Certificate[]::new));
        }
        KeyManagerFactory factory =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, NO_PASSWORD);
        return factory.getKeyManagers();
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
