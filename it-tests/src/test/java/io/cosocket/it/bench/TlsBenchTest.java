package io.cosocket.it.bench;

import io.cosocket.ConnectOptions;
import io.cosocket.Cosockets;
import io.cosocket.SocketScope;
import io.cosocket.TcpSocket;
import io.cosocket.TlsOptions;
import io.cosocket.transport.TestCertificates;
import io.cosocket.transport.TestCertificates.Certified;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.concurrent.Callable;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** What our TLS costs beside the JDK's SSLSocket, with nginx as the peer of both. */
@Tag("bench")
class TlsBenchTest {
    private static final int ROUNDS = 11;
    private static final long BULK_ROUND_NANOS = 400_000_000;
    private static final long HANDSHAKE_ROUND_NANOS = 1_000_000_000;
    private static final long HANDSHAKE_WARM_UP_NANOS = 5_000_000_000L;
    private static final int PIECE_BYTES = 1 << 20;
    private static final int FILE_BYTES = 16 << 20;

    @Test
    void readsAndHandshakes(@TempDir Path directory) throws Exception {
        TestCertificates certificates = TestCertificates.in(directory);
        Certified identity = certificates.server("bench", "localhost");
        Files.write(directory.resolve("bulk"), new byte[FILE_BYTES]);
        int port = freePort();
        Process nginx = nginx(directory, identity, port);
        try (Cosockets cosockets = Cosockets.create()) {
            SSLContext jdk = trusting(certificates);
            TlsOptions ours = TlsOptions.defaults().withTrustPem(certificates.root());
            ConnectOptions reused = ConnectOptions.defaults().withTls(ours);
            ConnectOptions fresh = ConnectOptions.defaults().withTls(ours.withSessionReuse(false));
            awaitListening(port);
            new Rounds()
                    .with("SSLSocket", inVirtualThread(nanos -> bulkJdk(jdk, port, nanos)))
                    .with(
                            "TcpSocket",
                            inVirtualThread(nanos -> bulk(cosockets, port, reused, nanos)))
                    .run("TLS bulk read, 1 MiB", ROUNDS, BULK_ROUND_NANOS);
            // a handshake is a lot of code that runs seldom, so it takes long to be compiled
            greetJdk(certificates, port, HANDSHAKE_WARM_UP_NANOS);
            greet(cosockets, port, fresh, HANDSHAKE_WARM_UP_NANOS);
            greet(cosockets, port, reused, HANDSHAKE_WARM_UP_NANOS);
            new Rounds()
                    .with(
                            "SSLSocket, full",
                            inVirtualThread(nanos -> greetJdk(certificates, port, nanos)))
                    .with(
                            "TcpSocket, full",
                            inVirtualThread(nanos -> greet(cosockets, port, fresh, nanos)))
                    .with(
                            "TcpSocket, resumed",
                            inVirtualThread(nanos -> greet(cosockets, port, reused, nanos)))
                    .run("TLS handshake + 1 request", ROUNDS, HANDSHAKE_ROUND_NANOS);
        } finally {
            nginx.destroy();
            nginx.waitFor();
        }
    }

    private static Rounds.Variant inVirtualThread(Rounds.Variant variant) {
        return nanos -> {
            long[] count = new long[1];
            Callable<Long> job = () -> count[0] = variant.run(nanos);
            java.util.concurrent.FutureTask<Long> task = new java.util.concurrent.FutureTask<>(job);
            Thread.startVirtualThread(task);
            return task.get();
        };
    }

    private static final byte[] BULK = "GET /bulk HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes();
    private static final byte[] SMALL =
            "GET /small HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".getBytes();

    private static long bulkJdk(SSLContext context, int port, long nanos) throws IOException {
        long end = System.nanoTime() + nanos;
        long bytes = 0;
        try (SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket("localhost", port)) {
            socket.setSoTimeout(60_000);
            byte[] buffer = new byte[65536];
            InputStream in = socket.getInputStream();
            while (System.nanoTime() < end) {
                socket.getOutputStream().write(BULK);
                for (int left = FILE_BYTES; left > 0; ) {
                    int count = in.read(buffer, 0, buffer.length);
                    left -= count;
                    bytes += count;
                }
            }
        }
        return Math.max(1, bytes / PIECE_BYTES);
    }

    private static long bulk(Cosockets cosockets, int port, ConnectOptions options, long nanos)
            throws IOException {
        long end = System.nanoTime() + nanos;
        long bytes = 0;
        try (SocketScope scope = cosockets.openScope("bench");
                TcpSocket socket = scope.connect("localhost", port, options)) {
            ByteBuffer buffer = ByteBuffer.allocate(65536);
            while (System.nanoTime() < end) {
                socket.send(BULK);
                for (int left = FILE_BYTES; left > 0; ) {
                    int count = socket.receive(buffer.clear());
                    left -= count;
                    bytes += count;
                }
            }
        }
        return Math.max(1, bytes / PIECE_BYTES);
    }

    private static long greetJdk(TestCertificates certificates, int port, long nanos)
            throws Exception {
        // a context of each round, as its sessions cannot be switched off otherwise
        long end = System.nanoTime() + nanos;
        long count = 0;
        SSLContext context = trusting(certificates);
        while (System.nanoTime() < end) {
            context.getClientSessionContext().setSessionCacheSize(1);
            try (Socket plain = new Socket("localhost", port);
                    SSLSocket socket =
                            (SSLSocket)
                                    context.getSocketFactory()
                                            .createSocket(
                                                    plain, "localhost", (int) -count - 2, true)) {
                SSLParameters parameters = socket.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                socket.setSSLParameters(parameters);
                socket.getOutputStream().write(SMALL);
                socket.getInputStream().readAllBytes();
            }
            count++;
        }
        return count;
    }

    private static long greet(Cosockets cosockets, int port, ConnectOptions options, long nanos)
            throws IOException {
        long end = System.nanoTime() + nanos;
        long count = 0;
        try (SocketScope scope = cosockets.openScope("bench")) {
            while (System.nanoTime() < end) {
                try (TcpSocket socket = scope.connect("localhost", port, options)) {
                    socket.send(SMALL);
                    socket.receiveAll(10_000);
                }
                count++;
            }
        }
        return count;
    }

    private static SSLContext trusting(TestCertificates certificates) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        X509Certificate root =
                TlsOptions.defaults().withTrustPem(certificates.root()).trust().getFirst();
        store.setCertificateEntry("root", root);
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private static Process nginx(Path directory, Certified identity, int port) throws IOException {
        Path file = directory.resolve("nginx.conf");
        Files.writeString(
                file,
                """
                user root;
                daemon off;
                worker_processes 1;
                pid DIR/nginx.pid;
                error_log DIR/error.log;
                events { worker_connections 1024; }
                http {
                    access_log off;
                    keepalive_requests 100000000;
                    client_body_temp_path DIR/body;
                    proxy_temp_path DIR/proxy;
                    fastcgi_temp_path DIR/fastcgi;
                    uwsgi_temp_path DIR/uwsgi;
                    scgi_temp_path DIR/scgi;
                    server {
                        listen 127.0.0.1:PORT ssl;
                        ssl_protocols TLSv1.3;
                        ssl_certificate CERT;
                        ssl_certificate_key KEY;
                        root DIR;
                        location /small { return 200 "ok\\n"; }
                    }
                }
                """
                        .replace("DIR", directory.toString())
                        .replace("PORT", Integer.toString(port))
                        .replace("CERT", identity.chain().toString())
                        .replace("KEY", identity.key().toString()));
        return new ProcessBuilder("nginx", "-p", directory.toString(), "-c", file.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static void awaitListening(int port) {
        org.awaitility.Awaitility.await()
                .ignoreExceptions()
                .until(
                        () -> {
                            new Socket("localhost", port).close();
                            return true;
                        });
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
