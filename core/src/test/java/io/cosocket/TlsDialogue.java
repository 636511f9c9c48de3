package io.cosocket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cosocket.transport.TestCertificates;
import io.cosocket.transport.TestCertificates.Certified;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;

/**
 * What tests of encrypted upstream sockets begin with: certificates, a scope, and a line to say.
 */
abstract class TlsDialogue {
    static TestCertificates certificates;
    static Certified good;

    Cosockets runtime;
    SocketScope scope;

    @BeforeAll
    static void makeCertificates(@TempDir Path directory) throws IOException {
        certificates = TestCertificates.in(directory);
        good = certificates.server("good", "localhost", "127.0.0.1");
    }

    @BeforeEach
    void openScope() {
        runtime = Cosockets.create();
        scope = runtime.openScope("test");
    }

    @AfterEach
    void closeScope() {
        scope.close();
        runtime.close();
    }

    static TlsOptions trusting() {
        return TlsOptions.defaults().withTrustPem(certificates.root());
    }

    static ConnectOptions with(TlsOptions tls) {
        return ConnectOptions.defaults().withTls(tls);
    }

    static TcpSocket exchange(TcpSocket socket) throws IOException {
        socket.send("hello\n");
        assertEquals("hello", socket.receiveLine());
        return socket;
    }
}
