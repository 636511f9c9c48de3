package io.cosocket;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Verifies peers as the JDK does, and says what is wrong in the words and numbers of OpenSSL, which
 * are those of the original.
 */
final class TlsTrust extends X509ExtendedTrustManager {
    /** What is wrong with the peer's certificate. */
    static final class Refused extends CertificateException {
        private static final long serialVersionUID = 1;

        Refused(String words, @Nullable CertificateException cause) {
            super(words, cause);
        }
    }

    private static final class Anyone extends X509ExtendedTrustManager {
        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    private final X509ExtendedTrustManager judge;
    private final List<X509CRL> revoked;

    private TlsTrust(X509ExtendedTrustManager judge, List<X509CRL> revoked) {
        this.judge = judge;
        this.revoked = revoked;
    }

    /** Trusts the given certificates, or, when there are none, those of the system. */
    static TrustManager in(List<X509Certificate> certificates, List<X509CRL> revoked)
            throws GeneralSecurityException, IOException {
        KeyStore store = null;
        if (!certificates.isEmpty()) {
            store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            int number = 0;
            for (X509Certificate certificate : certificates) {
                store.setCertificateEntry("trusted" + number++, certificate);
            }
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager judge) {
                return new TlsTrust(judge, revoked);
            }
        }
        throw new GeneralSecurityException("no trust manager for X.509");
    }

    /** Trusts everybody, for verification switched off. */
    static TrustManager anyone() {
        return new Anyone();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
            throws CertificateException {
        try {
            judge.checkServerTrusted(chain, type, engine);
            // a certificate that is trusted itself is trusted by the JDK for ever
            chain[0].checkValidity();
        } catch (CertificateException e) {
            throw new Refused(words(chain, type, e), e);
        }
        for (X509Certificate certificate : chain) {
            checkNotRevoked(certificate, chain);
        }
    }

    /** A list counts when it is signed by the key that the certificate's issuer has. */
    private void checkNotRevoked(X509Certificate certificate, X509Certificate[] chain)
            throws Refused {
        for (X509CRL list : revoked) {
            if (list.getIssuerX500Principal().equals(certificate.getIssuerX500Principal())
                    && (isSigned(list, chain) || isSigned(list, judge.getAcceptedIssuers()))) {
                if (list.isRevoked(certificate)) {
                    throw new Refused("23: certificate revoked", null);
                }
                Date next = list.getNextUpdate();
                if (next != null && next.toInstant().isBefore(Instant.now())) {
                    throw new Refused("12: CRL has expired", null);
                }
            }
        }
    }

    private static boolean isSigned(X509CRL list, X509Certificate[] issuers) {
        for (X509Certificate issuer : issuers) {
            if (issuer.getSubjectX500Principal().equals(list.getIssuerX500Principal())) {
                try {
                    list.verify(issuer.getPublicKey());
                    return true;
                } catch (GeneralSecurityException e) {
                    // another authority of the same name
                }
            }
        }
        return false;
    }

    private String words(X509Certificate[] chain, String type, CertificateException error) {
        String reason = reason(error);
        if (reason != null) {
            return reason;
        }
        try {
            judge.checkServerTrusted(chain, type);
            // the chain alone is good, so it is the name
            return "certificate host mismatch: " + error.getMessage();
        } catch (CertificateException ofChain) {
            return untrusted(chain);
        }
    }

    private static @Nullable String reason(CertificateException error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateExpiredException) {
                return "10: certificate has expired";
            }
            if (cause instanceof CertificateNotYetValidException) {
                return "9: certificate is not yet valid";
            }
            if (cause instanceof CertPathValidatorException path) {
                if (path.getReason() == BasicReason.REVOKED) {
                    return "23: certificate revoked";
                }
                if (path.getReason() == BasicReason.ALGORITHM_CONSTRAINED) {
                    return "certificate algorithm refused: " + path.getMessage();
                }
            }
        }
        return null;
    }

    /** Nobody that is trusted stands behind the chain: says where it breaks off. */
    private static String untrusted(X509Certificate[] chain) {
        X509Certificate last = chain[chain.length - 1];
        if (isSelfSigned(last)) {
            return chain.length == 1
                    ? "18: self-signed certificate"
                    : "19: self-signed certificate in certificate chain";
        }
        // OpenSSL reports the second one, too, when nothing but the peer's own certificate came
        return chain.length == 1
                ? "20: unable to get local issuer certificate; 21: unable to verify the first"
                        + " certificate"
                : "20: unable to get local issuer certificate";
    }

    private static boolean isSelfSigned(X509Certificate certificate) {
        if (!certificate.getIssuerX500Principal().equals(certificate.getSubjectX500Principal())) {
            return false;
        }
        try {
            certificate.verify(certificate.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
            throws CertificateException {
        judge.checkServerTrusted(chain, type, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
            throws CertificateException {
        judge.checkServerTrusted(chain, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
            throws CertificateException {
        judge.checkClientTrusted(chain, type, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
            throws CertificateException {
        judge.checkClientTrusted(chain, type, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
            throws CertificateException {
        judge.checkClientTrusted(chain, type);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return judge.getAcceptedIssuers();
    }
}
