package io.cosocket.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.interfaces.ECPrivateKey;

class PemFileTest {
    private static Path directory;
    private static TestCertificates certificates;

    @BeforeAll
    static void makeCertificates(@TempDir Path where) throws IOException {
        directory = where;
        certificates = TestCertificates.in(where);
        certificates.openssl("genrsa", "-traditional", "-out", "rsa1.key", "2048");
        certificates.openssl("pkcs8", "-topk8", "-nocrypt", "-in", "rsa1.key", "-out", "rsa8.key");
        certificates.openssl("ecparam", "-name", "secp384r1", "-genkey", "-out", "ec1.key");
        certificates.openssl("pkcs8", "-topk8", "-nocrypt", "-in", "ec1.key", "-out", "ec8.key");
        certificates.openssl("genpkey", "-algorithm", "ed25519", "-out", "ed8.key");
        certificates.openssl(
                "pkcs8", "-topk8", "-in", "ec1.key", "-passout", "pass:x", "-out", "locked8.key");
        certificates.openssl(
                "ec", "-aes128", "-in", "ec1.key", "-passout", "pass:x", "-out", "locked1.key");
    }

    @ParameterizedTest
    @CsvSource({"rsa1.key, RSA", "rsa8.key, RSA", "ec1.key, EC", "ec8.key, EC", "ed8.key, EdDSA"})
    void everyKindOfKeyIsRead(String file, String algorithm) {
        assertEquals(algorithm, PemFile.read(directory.resolve(file)).privateKey().getAlgorithm());
    }

    @Test
    void olderAndNewerFormOfAKeyAreTheSame() {
        assertEquals(
                PemFile.read(directory.resolve("rsa8.key")).privateKey(),
                PemFile.read(directory.resolve("rsa1.key")).privateKey());
        ECPrivateKey older = (ECPrivateKey) PemFile.read(directory.resolve("ec1.key")).privateKey();
        ECPrivateKey newer = (ECPrivateKey) PemFile.read(directory.resolve("ec8.key")).privateKey();
        assertEquals(newer.getS(), older.getS());
    }

    @Test
    void keyWithoutItsParametersInFrontNamesTheCurveItself() throws IOException {
        String text = Files.readString(directory.resolve("ec1.key"));

        String alone = text.substring(text.indexOf("-----BEGIN EC PRIVATE KEY"));

        assertEquals("EC", PemFile.of(alone).privateKey().getAlgorithm());
    }

    @Test
    void encryptedKeysAreRefused() {
        for (String file : new String[] {"locked1.key", "locked8.key"}) {
            IllegalArgumentException refusal =
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> PemFile.read(directory.resolve(file)).privateKey());
            assertTrue(refusal.getMessage().contains("is encrypted"), refusal.getMessage());
        }
    }

    @Test
    void certificatesKeepTheirOrder() throws IOException {
        Path chain = certificates.server("some", "some.test").chain();

        PemFile read = PemFile.read(chain);

        assertEquals(2, read.certificates().size());
        assertEquals("CN=some", read.certificates().getFirst().getSubjectX500Principal().getName());
    }

    @Test
    void cutTextIsRefusedAtEveryByte() throws IOException {
        String text = Files.readString(directory.resolve("ec1.key"));
        int end = text.lastIndexOf("-----END") + 8;
        for (int cut = 0; cut < end; cut++) {
            String part = text.substring(0, cut);
            assertThrows(IllegalArgumentException.class, () -> PemFile.of(part).privateKey(), part);
        }
    }

    @Test
    void brokenKeysAreRefused() {
        for (String body : new String[] {"", "MAA=", "MIGk", "MEECAQEE/////w==", "!!!!"}) {
            for (String kind : new String[] {"PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"}) {
                String text =
                        "-----BEGIN " + kind + "-----\n" + body + "\n-----END " + kind + "-----\n";
                assertThrows(
                        IllegalArgumentException.class, () -> PemFile.of(text).privateKey(), text);
            }
        }
    }
}
