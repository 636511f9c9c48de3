package io.cosocket.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cosocket.transport.TestCertificates.Certified;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.FutureTask;

import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

@Timeout(60)
class TlsKeysTest {
    private static final char[] PASSWORD = "secret".toCharArray();

    private static TestCertificates certificates;
    private static KeyStore store;

    @BeforeAll
    static void makeCertificates(@TempDir Path directory) throws Exception {
        certificates = TestCertificates.in(directory);
        store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        put("one", certificates.server("one", "one.test"));
        put("two", certificates.server("two", "two.test", "*.wild.test"));
        certificates.openssl("genrsa", "-out", "three.key", "2048");
        put("three", certificates.server("three", "three.test"));
    }

    private static void put(String alias, Certified identity) throws Exception {
        store.setKeyEntry(
                alias,
                PemFile.read(identity.key()).privateKey(),
                PASSWORD,
                PemFile.read(identity.chain()).certificates().toArray(X509Certificate[]::new));
    }

    @ParameterizedTest
    @CsvSource({
        "one.test, one, TLSv1.3",
        "two.test, two, TLSv1.3",
        "a.wild.test, two, TLSv1.3",
        "THREE.test, three, TLSv1.3",
        "two.test, two, TLSv1.2",
        "three.test, three, TLSv1.2",
        "a.b.wild.test, one, TLSv1.3"
    })
    void serverShowsTheCertificateOfTheNameAskedFor(String name, String shown, String protocol)
            throws Exception {
        SSLContext server = SSLContext.getInstance("TLS");
        server.init(TlsIdentity.of(store, PASSWORD).keyManagers(), null, null);
        MemoryTransport[] ends = MemoryTransport.pair();
        SSLEngine accepting = TlsPair.engine(server, protocol, false);
        TlsTransport right = TlsTransport.over(ends[1], accepting, false);
        FutureTask<?> accepted = TlsPair.fork(() -> right.handshake(Deadline.after(TlsPair.LIMIT)));
        SSLEngine connecting = TlsPair.engine(trusting(), protocol, true);
        SSLParameters parameters = connecting.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(name)));
        connecting.setSSLParameters(parameters);

        TlsTransport left = TlsTransport.over(ends[0], connecting, false);
        left.handshake(Deadline.after(TlsPair.LIMIT));
        accepted.get();

        assertEquals("CN=" + shown, connecting.getSession().getPeerPrincipal().getName());
        left.close();
        right.close();
    }

    private static SSLContext trusting() throws IOException {
        return certificates.serverContext(certificates.server("client", "client.test"));
    }
}
