package io.cosocket;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.transport.TestCertificates;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** A server on the JDK's own TLS sockets, on an ephemeral port of the loopback address. */
final class TlsServer implements AutoCloseable {
    /** What happens on one connection. */
    interface Script {
        void serve(Socket plain, TlsServer server) throws Exception;
    }

    private final SSLContext context;
    private final ServerSocket listener;
    private final Script script;
    private final SSLParameters parameters;
    final AtomicInteger accepted = new AtomicInteger();

    TlsServer(SSLContext context, Script script) throws IOException {
        this.context = context;
        this.script = script;
        this.parameters = context.getDefaultSSLParameters();
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.startVirtualThread(this::accept);
    }

    static TlsServer echo(TestCertificates certificates, TestCertificates.Certified identity)
            throws IOException {
        return new TlsServer(certificates.serverContext(identity), TlsServer::echoLines);
    }

    SSLParameters parameters() {
        return parameters;
    }

    int port() {
        return listener.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket plain = listener.accept();
                accepted.incrementAndGet();
                Thread.startVirtualThread(
                        () -> {
                            try (plain) {
                                script.serve(plain, this);
                            } catch (Exception e) {
                                // the client's end tells what the test wants to know
                            }
                        });
            }
        } catch (IOException e) {
            // closed
        }
    }

    SSLSocket encrypt(Socket plain) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, null, true);
        socket.setUseClientMode(false);
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    /** Connects where that must fail; the error and the socket are what they must be, too. */
    SSLException refuse(TcpSocket socket, TlsOptions tls) {
        SSLException refusal =
                assertThrows(
                        SSLHandshakeException.class,
                        () ->
                                socket.connect(
                                        "localhost",
                                        port(),
                                        ConnectOptions.defaults().withTls(tls)));
        assertFalse(socket.isOpen());
        String message = refusal.getMessage();
        assertTrue(message.startsWith("tls tcp 127.0.0.1:"), message);
        assertTrue(message.contains("->localhost/127.0.0.1:" + port() + ": "), message);
        return refusal;
    }

    private static void echoLines(Socket plain, TlsServer server) throws IOException {
        echoLines(server.encrypt(plain));
    }

    static void echoLines(Socket socket) throws IOException {
        try (socket) {
            BufferedReader in =
                    new BufferedReader(
                            new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            OutputStream out = socket.getOutputStream();
            for (String line; (line = in.readLine()) != null; ) {
                out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
