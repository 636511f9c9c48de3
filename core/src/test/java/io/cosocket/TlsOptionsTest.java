package io.cosocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.transport.TestCertificates;
import io.cosocket.transport.TestCertificates.Certified;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;

import javax.crypto.spec.SecretKeySpec;

class TlsOptionsTest {
    private static final String HOST = "peer.test";
    private static Path directory;
    private static TestCertificates certificates;
    private static Certified one;
    private static Certified two;

    @BeforeAll
    static void makeCertificates(@TempDir Path where) throws IOException {
        directory = where;
        certificates = TestCertificates.in(where);
        one = certificates.server("one", "localhost");
        two = certificates.server("two", "localhost");
    }

    private static final TlsOptions DEFAULTS = TlsOptions.defaults();

    @Test
    void defaultsVerify() {
        assertTrue(DEFAULTS.verify());
        assertNull(DEFAULTS.serverName());
        assertEquals(List.of(), DEFAULTS.trust());
        assertEquals(List.of(), DEFAULTS.identity());
        assertTrue(DEFAULTS.sessionReuse());
        assertNull(DEFAULTS.session());
    }

    @Test
    void sameContentIsTheSameKey() {
        TlsOptions left = full();
        TlsOptions right = full();

        assertEquals(left.keyFor(HOST), right.keyFor(HOST));
        assertEquals(left.keyFor(HOST).hashCode(), right.keyFor(HOST).hashCode());
        assertEquals(left, right);
    }

    private static TlsOptions full() {
        return DEFAULTS.withServerName("a.test")
                .withTrustPem(certificates.root())
                .withIdentityPem(one.chain(), one.key())
                .withProtocols("TLSv1.3")
                .withCipherSuites("TLS_AES_128_GCM_SHA256")
                .withAlpn("h2");
    }

    @Test
    void everythingThatMattersIsInTheKey() throws IOException {
        List<TlsOptions> all =
                List.of(
                        DEFAULTS,
                        DEFAULTS.withServerName("a.test"),
                        DEFAULTS.withVerify(false),
                        DEFAULTS.withTrustPem(certificates.root()),
                        DEFAULTS.withTrustPem(one.chain()),
                        DEFAULTS.withRevocationPem(certificates.revoking(one)),
                        DEFAULTS.withIdentityPem(one.chain(), one.key()),
                        DEFAULTS.withIdentityPem(two.chain(), two.key()),
                        DEFAULTS.withProtocols("TLSv1.2"),
                        DEFAULTS.withCipherSuites("TLS_AES_128_GCM_SHA256"),
                        DEFAULTS.withAlpn("h2"),
                        DEFAULTS.withAlpn("h2", "http/1.1"),
                        DEFAULTS.withTolerateTruncation(true));
        for (int i = 0; i < all.size(); i++) {
            for (int j = 0; j < i; j++) {
                assertNotEquals(all.get(i).keyFor(HOST), all.get(j).keyFor(HOST), i + " and " + j);
            }
        }
        assertEquals(DEFAULTS.keyFor(HOST), DEFAULTS.withSessionReuse(false).keyFor(HOST));
    }

    @Test
    void keyStoreAndPemOfTheSameContentAreTheSameTerms() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry(
                "root", DEFAULTS.withTrustPem(certificates.root()).trust().getFirst());

        assertEquals(
                DEFAULTS.withTrustPem(certificates.root()).keyFor(HOST),
                DEFAULTS.withTrust(store).keyFor(HOST));
    }

    @Test
    void identityComesFromAKeyStoreToo() throws Exception {
        certificates.openssl(
                "pkcs12",
                "-export",
                "-in",
                one.chain().toString(),
                "-inkey",
                one.key().toString(),
                "-out",
                "one.p12",
                "-passout",
                "pass:secret");
        KeyStore store =
                KeyStore.getInstance(directory.resolve("one.p12").toFile(), "secret".toCharArray());

        TlsOptions fromStore = DEFAULTS.withIdentity(store, "secret".toCharArray());

        assertEquals(
                DEFAULTS.withIdentityPem(one.chain(), one.key()).keyFor(HOST),
                fromStore.keyFor(HOST));
        assertThrows(
                IllegalArgumentException.class,
                () -> DEFAULTS.withIdentity(store, "wrong".toCharArray()));
    }

    @Test
    @Tag("129-T16")
    @Tag("129-T34")
    void badValuesAreNamed() {
        assertBad("bad protocol: SSLv2 (allowed: ", () -> DEFAULTS.withProtocols("SSLv2"));
        assertBad(
                "bad cipher suite: TLS_AES_128_CCM_SHA256 (allowed: ",
                () -> DEFAULTS.withCipherSuites("TLS_AES_128_CCM_SHA256"));
        assertBad("bad server name: \"\"", () -> DEFAULTS.withServerName(""));
        assertBad("bad server name: \"a b\"", () -> DEFAULTS.withServerName("a b"));
        assertBad("bad server name: \"https://a\"", () -> DEFAULTS.withServerName("https://a"));
        assertBad("bad length of alpn name: 0", () -> DEFAULTS.withAlpn(""));
        assertBad(
                "bad identity: the private key is not that of the first certificate",
                () -> DEFAULTS.withIdentityPem(one.chain(), two.key()));
        assertBad(
                "bad PEM file " + directory.resolve("missing"),
                () -> DEFAULTS.withTrustPem(directory.resolve("missing")));
        assertBad("holds no certificate", () -> DEFAULTS.withTrustPem(one.key()));
    }

    private static void assertBad(String words, Runnable call) {
        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, call::run);
        assertTrue(refusal.getMessage().contains(words), refusal.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "example.test, example.test",
        "example.test., example.test",
        "[::1], ::1",
        "a_b.test, a_b.test",
        "bücher.test, bücher.test",
        "fe80::1%eth0, fe80::1",
        "127.0.0.1, 127.0.0.1"
    })
    void serverNamesAreBare(String given, String kept) {
        assertEquals(kept, DEFAULTS.withServerName(given).serverName());
    }

    @Test
    void literalsAndImpossibleNamesAreNotSent() {
        assertNull(TlsName.indication("127.0.0.1"));
        assertNull(TlsName.indication("::1"));
        assertEquals("localhost", TlsName.indication("localhost").getAsciiName());
        // the JDK cannot send it, and the connection works without
        assertNull(TlsName.indication("a_b.test"));
    }

    @Test
    void emptyKeyStoresAreRefused() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);

        assertBad("bad trust", () -> DEFAULTS.withTrust(store));
        assertBad("bad identity", () -> DEFAULTS.withIdentity(store, new char[0]));
        char[] password = "secret".toCharArray();
        store.setEntry(
                "shared",
                new KeyStore.SecretKeyEntry(new SecretKeySpec(new byte[16], "AES")),
                new KeyStore.PasswordProtection(password));
        assertBad("holds no private key", () -> DEFAULTS.withIdentity(store, password));
    }
}
