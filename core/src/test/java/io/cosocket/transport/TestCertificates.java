package io.cosocket.transport;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * A root, an intermediate and what they sign, made anew by {@code openssl}: nothing of it is
 * committed, nothing expires but what shall.
 */
public final class TestCertificates {
    private final Path directory;

    private TestCertificates(Path directory) {
        this.directory = directory;
    }

    /** Makes root and intermediate in an empty directory. */
    public static TestCertificates in(Path directory) throws IOException {
        TestCertificates made = new TestCertificates(directory);
        made.key("root");
        made.openssl(
                "req",
                "-x509",
                "-new",
                "-key",
                "root.key",
                "-out",
                "root.pem",
                "-days",
                "30",
                "-subj",
                "/CN=Test root");
        made.sign("middle", "root", 30, "basicConstraints=critical,CA:TRUE");
        return made;
    }

    /** Signs a certificate for {@code names} by the intermediate; its file has the whole chain. */
    public Certified server(String name, String... names) throws IOException {
        return leaf(name, 30, names);
    }

    /** Signs one that ended yesterday. */
    public Certified expired(String name, String... names) throws IOException {
        return leaf(name, -1, names);
    }

    /** Makes one that signs itself. */
    public Certified selfSigned(String name, String... names) throws IOException {
        key(name);
        openssl(
                "req",
                "-x509",
                "-new",
                "-key",
                name + ".key",
                "-out",
                name + ".pem",
                "-days",
                "30",
                "-subj",
                "/CN=" + name,
                "-addext",
                "subjectAltName=" + alternatives(names));
        return new Certified(path(name + ".pem"), path(name + ".pem"), path(name + ".key"));
    }

    /** Gives the root as PEM. */
    public Path root() {
        return path("root.pem");
    }

    /** Makes a list of the intermediate on which one certificate stands. */
    public Path revoking(Certified revoked) throws IOException {
        Files.writeString(path("index.txt"), "");
        Files.writeString(
                path("ca.cnf"),
                """
                [ca]
                default_ca = middle
                [middle]
                database = index.txt
                default_md = sha256
                default_crl_days = 30
                certificate = middle.pem
                private_key = middle.key
                """);
        openssl("ca", "-config", "ca.cnf", "-revoke", revoked.leaf().toString());
        openssl("ca", "-config", "ca.cnf", "-gencrl", "-out", "revoked.pem");
        return path("revoked.pem");
    }

    /** Gives the intermediate as PEM. */
    public Path intermediate() {
        return path("middle.pem");
    }

    private Certified leaf(String name, int days, String... names) throws IOException {
        key(name);
        sign(name, "middle", days, "subjectAltName=" + alternatives(names));
        Path chain = path(name + "-chain.pem");
        Files.writeString(
                chain,
                Files.readString(path(name + ".pem")) + Files.readString(path("middle.pem")));
        return new Certified(chain, path(name + ".pem"), path(name + ".key"));
    }

    private static String alternatives(String[] names) {
        List<String> entries = new ArrayList<>();
        for (String name : names) {
            boolean literal = name.matches("[0-9.]+") || name.indexOf(':') >= 0;
            entries.add((literal ? "IP:" : "DNS:") + name);
        }
        return String.join(",", entries);
    }

    private void key(String name) throws IOException {
        if (Files.exists(path(name + ".key"))) {
            return; // a test wants a key of another kind
        }
        openssl(
                "genpkey",
                "-algorithm",
                "EC",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-out",
                name + ".key");
    }

    private void sign(String name, String issuer, int days, String extension) throws IOException {
        key(name);
        openssl(
                "req",
                "-new",
                "-key",
                name + ".key",
                "-out",
                name + ".csr",
                "-subj",
                "/CN=" + name);
        Files.writeString(path(name + ".ext"), extension + "\n");
        openssl(
                "x509",
                "-req",
                "-in",
                name + ".csr",
                "-CA",
                issuer + ".pem",
                "-CAkey",
                issuer + ".key",
                "-CAcreateserial",
                "-days",
                Integer.toString(days),
                "-extfile",
                name + ".ext",
                "-out",
                name + ".pem");
    }

    private Path path(String file) {
        return directory.resolve(file);
    }

    /** Runs openssl in the directory. */
    public void openssl(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(Arrays.asList(arguments));
        Process process =
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException(command + ": " + output);
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    /** Makes a context for the server's side that asks clients for what the root stands behind. */
    public SSLContext serverContext(Certified identity) throws IOException {
        try {
            PrivateKey key = PemFile.read(identity.key()).privateKey();
            List<X509Certificate> chain = PemFile.read(identity.chain()).certificates();
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(null, null);
            keys.setKeyEntry("key", key, new char[0], chain.toArray(X509Certificate[]::new));
            KeyManagerFactory keyManagers =
                    KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keyManagers.init(keys, new char[0]);
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("root", PemFile.read(root()).certificates().getFirst());
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            TrustManager[] managers = trust.getTrustManagers();
            context.init(keyManagers.getKeyManagers(), managers, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    /**
     * Files of one key.
     *
     * @param chain its certificate and the intermediate
     * @param leaf its certificate alone
     * @param key its private key
     */
    public record Certified(Path chain, Path leaf, Path key) {}
}
