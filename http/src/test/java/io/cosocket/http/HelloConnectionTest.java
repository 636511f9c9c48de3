package io.cosocket.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.ConnectOptions;
import io.cosocket.Cosockets;
import io.cosocket.SocketScope;
import io.cosocket.TlsOptions;
import io.cosocket.transport.TestCertificates;
import io.cosocket.transport.TestCertificates.Certified;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

import javax.net.ssl.SSLException;

/** What becomes of clients and handlers that misbehave at the beginning of a handshake. */
@Timeout(60)
class HelloConnectionTest {
    private static Certified local;
    private static TlsOptions trusting;

    @BeforeAll
    static void makeCertificates(@TempDir Path directory) throws IOException {
        TestCertificates certificates = TestCertificates.in(directory);
        local = certificates.server("local", "localhost");
        trusting = TlsOptions.defaults().withTrustPem(certificates.root());
    }

    private static HttpServer start(HttpTimeouts timeouts, Application application)
            throws IOException {
        return HttpServer.start(
                HttpConfig.defaults()
                        .withPort(0)
                        .withTls(ServerTls.ofPem(local.chain(), local.key()))
                        .withTimeouts(timeouts),
                application);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void helloThatComesTooSlowlyIsCutOff(boolean hooked) throws Exception {
        HttpTimeouts impatient = HttpTimeouts.defaults().withHeader(Duration.ofMillis(300));
        AtomicInteger calls = new AtomicInteger();
        Application application =
                routes -> {
                    if (hooked) {
                        routes.clientHello(hello -> calls.incrementAndGet());
                    }
                };
        // the beginning of a hello; zeros go on with it
        byte[] hello = {22, 3, 1, 1, 0, 1, 0, 0, (byte) 252, 3, 3};
        try (HttpServer server = start(impatient, application);
                Socket slow =
                        new Socket(InetAddress.getLoopbackAddress(), server.uri().getPort())) {
            slow.getOutputStream().write(hello);
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(100))
                    .atMost(Duration.ofSeconds(15))
                    .until(() -> isCut(slow));
        }
        assertEquals(0, calls.get());
    }

    private static boolean isCut(Socket slow) {
        try {
            slow.getOutputStream().write(0);
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void errorOfAHandlerIsAnsweredAsAnException() throws IOException {
        try (HttpServer server =
                        start(
                                HttpTimeouts.defaults(),
                                routes ->
                                        routes.clientHello(
                                                hello -> {
                                                    throw new StackOverflowError("deep");
                                                }));
                Cosockets runtime = Cosockets.create();
                SocketScope scope = runtime.openScope("client")) {
            ConnectOptions options = ConnectOptions.defaults().withTls(trusting);

            SSLException refusal =
                    assertThrows(
                            SSLException.class,
                            () -> scope.connect("localhost", server.uri().getPort(), options));

            assertTrue(
                    refusal.getMessage().endsWith(" alert internal_error"), refusal.getMessage());
        }
    }

    @Test
    void handlerMayTakeLongerThanAHello() throws IOException {
        HttpTimeouts impatient = HttpTimeouts.defaults().withHeader(Duration.ofSeconds(2));
        try (HttpServer server =
                        start(
                                impatient,
                                routes ->
                                        routes.clientHello(
                                                hello ->
                                                        hello.sockets()
                                                                .sleep(Duration.ofMillis(2500))));
                Cosockets runtime = Cosockets.create();
                SocketScope scope = runtime.openScope("client")) {
            ConnectOptions options = ConnectOptions.defaults().withTls(trusting);

            scope.connect("localhost", server.uri().getPort(), options).close();
        }
    }
}
