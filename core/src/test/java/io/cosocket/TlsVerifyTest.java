package io.cosocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.transport.TestCertificates;
import io.cosocket.transport.TestCertificates.Certified;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

/** Which peers are accepted, and the words by which others are refused. */
@Timeout(60)
class TlsVerifyTest extends TlsDialogue {
    @Test
    @Tag("129-T12")
    void rightAuthorityMayBeTheSecondOfTheFile(@TempDir Path directory) throws IOException {
        TestCertificates others = TestCertificates.in(directory);
        Path both = directory.resolve("both.pem");
        Files.writeString(
                both, Files.readString(others.root()) + Files.readString(certificates.root()));
        try (TlsServer server = TlsServer.echo(certificates, good)) {
            TlsOptions tls = TlsOptions.defaults().withTrustPem(both);
            exchange(scope.connect("localhost", server.port(), with(tls)));
        }
    }

    @Test
    void addressOfTheCertificateIsVerified() throws IOException {
        try (TlsServer server = TlsServer.echo(certificates, good)) {
            TcpSocket socket = scope.connect("127.0.0.1", server.port(), with(trusting()));

            exchange(socket);
            assertEquals("127.0.0.1", socket.tls().serverName());
        }
    }

    @Test
    @Tag("129-T5")
    @Tag("129-T6")
    void certificateOfAnotherNameIsRefused() throws IOException {
        Certified other = certificates.server("other", "other.test");
        try (TlsServer server = TlsServer.echo(certificates, other)) {
            TcpSocket socket = scope.tcp();

            SSLException refusal = server.refuse(socket, trusting());

            assertTrue(
                    refusal.getMessage().contains(": certificate host mismatch"),
                    refusal.getMessage());
            assertThrows(SocketClosedException.class, () -> socket.send("x"));
            exchange(
                    scope.connect(
                            "localhost",
                            server.port(),
                            with(trusting().withServerName("other.test"))));
        }
    }

    @Test
    void certificateOfAnotherAddressIsRefused() throws IOException {
        Certified other = certificates.server("address", "127.0.0.2", "localhost");
        try (TlsServer server = TlsServer.echo(certificates, other)) {
            SSLException refusal =
                    assertThrows(
                            SSLHandshakeException.class,
                            () -> scope.connect("127.0.0.1", server.port(), with(trusting())));
            assertTrue(refusal.getMessage().contains(": certificate host mismatch"));
        }
    }

    private void refusedBecause(String words, Certified identity, TlsOptions tls)
            throws IOException {
        try (TlsServer server = TlsServer.echo(certificates, identity)) {
            SSLException refusal = server.refuse(scope.tcp(), tls);
            assertTrue(refusal.getMessage().endsWith(": " + words), refusal.getMessage());
        }
    }

    @Test
    @Tag("129-T30")
    @Tag("193-T2")
    void selfSignedCertificateIsRefused() throws IOException {
        Certified alone = certificates.selfSigned("alone", "localhost");

        refusedBecause("18: self-signed certificate", alone, TlsOptions.defaults());
    }

    @Test
    void expiredCertificateIsRefused() throws IOException {
        refusedBecause(
                "10: certificate has expired",
                certificates.expired("old", "localhost"),
                trusting());
    }

    @Test
    void certificateThatIsTrustedItselfExpires() throws IOException {
        Certified old = certificates.expired("worn", "localhost");

        refusedBecause(
                "10: certificate has expired", old, TlsOptions.defaults().withTrustPem(old.leaf()));
    }

    @Test
    void certificateThatIsTrustedItselfNeedsNoAuthority() throws IOException {
        Certified alone = certificates.selfSigned("known", "localhost");
        try (TlsServer server = TlsServer.echo(certificates, alone)) {
            TlsOptions tls = TlsOptions.defaults().withTrustPem(alone.leaf());
            exchange(scope.connect("localhost", server.port(), with(tls)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.wild.test", "A.wild.TEST", "a.wild.test."})
    void wildcardStandsForOneLabel(String name) throws IOException {
        Certified wild = certificates.server("wild", "*.wild.test");
        try (TlsServer server = TlsServer.echo(certificates, wild)) {
            exchange(
                    scope.connect(
                            "localhost", server.port(), with(trusting().withServerName(name))));
            for (String other : List.of("a.b.wild.test", "wild.test")) {
                SSLException refusal = server.refuse(scope.tcp(), trusting().withServerName(other));
                assertTrue(refusal.getMessage().contains(": certificate host mismatch"));
            }
        }
    }

    @Test
    @Tag("129-T11")
    @Tag("193-T3")
    void unknownAuthorityIsRefused(@TempDir Path directory) throws IOException {
        refusedBecause(
                "20: unable to get local issuer certificate",
                good,
                TlsOptions.defaults().withTrustPem(TestCertificates.in(directory).root()));
    }

    @Test
    @Tag("129-T9")
    @Tag("129-T10")
    void missingIntermediateIsNamed() throws IOException {
        refusedBecause(
                "20: unable to get local issuer certificate; "
                        + "21: unable to verify the first certificate",
                new Certified(good.leaf(), good.leaf(), good.key()),
                trusting());
    }

    @Test
    @Tag("129-T23")
    void revokedCertificateIsRefused() throws IOException {
        Certified revoked = certificates.server("revoked", "localhost");
        TlsOptions listed = trusting().withRevocationPem(certificates.revoking(revoked));

        refusedBecause("23: certificate revoked", revoked, listed);
        try (TlsServer server = TlsServer.echo(certificates, good)) {
            exchange(scope.connect("localhost", server.port(), with(listed)));
        }
    }

    @Test
    @Tag("129-T2")
    void verificationCanBeSwitchedOff() throws IOException {
        Certified alone = certificates.selfSigned("unverified", "elsewhere.test");
        try (TlsServer server = TlsServer.echo(certificates, alone)) {
            exchange(
                    scope.connect(
                            "127.0.0.1",
                            server.port(),
                            with(TlsOptions.defaults().withVerify(false))));
        }
    }
}
