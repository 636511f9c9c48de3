package io.cosocket.it.bench;

import io.cosocket.ConnectOptions;
import io.cosocket.Cosockets;
import io.cosocket.SocketScope;
import io.cosocket.TcpSocket;
import io.cosocket.TlsOptions;
import io.cosocket.it.support.CosocketJar;
import io.cosocket.it.support.NginxServer;
import io.cosocket.it.support.RunningServer;
import io.cosocket.it.support.Scratch;
import io.cosocket.transport.TestCertificates;
import io.cosocket.transport.TestCertificates.Certified;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
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
    void readsAndHandshakesBesideSslSocket() throws Exception {
        try (Scratch scratch = Scratch.create();
                Cosockets cosockets = Cosockets.create()) {
            TestCertificates certificates = TestCertificates.in(scratch.folder());
            try (NginxServer nginx = upstream(scratch, certificates.server("bench", "localhost"))) {
                besideSslSocket(certificates, cosockets, nginx.port());
            }
        }
    }

    private static void besideSslSocket(
            TestCertificates certificates, Cosockets cosockets, int port) throws Exception {
        SSLContext jdk = trusting(certificates);
        TlsOptions ours = TlsOptions.defaults().withTrustPem(certificates.root());
        ConnectOptions reused = ConnectOptions.defaults().withTls(ours);
        ConnectOptions fresh = ConnectOptions.defaults().withTls(ours.withSessionReuse(false));
        new Rounds()
                .with("SSLSocket", inVirtualThread(nanos -> bulkJdk(jdk, port, nanos)))
                .with("TcpSocket", inVirtualThread(nanos -> bulk(cosockets, port, reused, nanos)))
                .run("TLS bulk read, 1 MiB", ROUNDS, BULK_ROUND_NANOS);
        // a handshake is a lot of code that runs seldom, so it takes long to be compiled
        greetJdk(trusting(certificates), port, false, HANDSHAKE_WARM_UP_NANOS);
        greetJdk(jdk, port, true, HANDSHAKE_WARM_UP_NANOS);
        greet(cosockets, port, fresh, HANDSHAKE_WARM_UP_NANOS);
        greet(cosockets, port, reused, HANDSHAKE_WARM_UP_NANOS);
        new Rounds()
                .with(
                        "SSLSocket, full",
                        inVirtualThread(
                                nanos -> greetJdk(trusting(certificates), port, false, nanos)))
                .with(
                        "SSLSocket, resumed",
                        inVirtualThread(nanos -> greetJdk(jdk, port, true, nanos)))
                .with(
                        "TcpSocket, full",
                        inVirtualThread(nanos -> greet(cosockets, port, fresh, nanos)))
                .with(
                        "TcpSocket, resumed",
                        inVirtualThread(nanos -> greet(cosockets, port, reused, nanos)))
                .run("TLS handshake + 1 request", ROUNDS, HANDSHAKE_ROUND_NANOS);
    }

    @Test
    void handlersThatFetchBesideNginxWithLua() throws Exception {
        try (Scratch scratch = Scratch.create()) {
            TestCertificates certificates = TestCertificates.in(scratch.folder());
            String root = certificates.root().toString();
            try (NginxServer upstream =
                            upstream(scratch, certificates.server("bench", "localhost"));
                    RunningServer ours =
                            CosocketJar.onThisJava()
                                    .withJvm("-Dtls.port=" + upstream.port(), "-Dtls.root=" + root)
                                    .serve(CosocketJar.handler("TlsFetch"));
                    NginxServer nginx =
                            NginxServer.start(
                                    "nginx-tls-bench.conf",
                                    Map.of(
                                            "@ROOT@",
                                            root,
                                            "@UPSTREAM@",
                                            String.valueOf(upstream.port())))) {
                for (String path : List.of("/full", "/full12", "/resumed12", "/bulk")) {
                    String at = "http://127.0.0.1:";
                    new ServerRounds()
                            .with("cosocket", ours.server(), Loads.get(at + ours.port() + path))
                            .with("nginx", nginx.process(), Loads.get(at + nginx.port() + path))
                            .run("TLS upstream " + path, "request");
                }
            }
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

    /** Sessions cannot be switched off, so a full handshake asks for a peer of its own. */
    private static long greetJdk(SSLContext context, int port, boolean resumed, long nanos)
            throws IOException {
        long end = System.nanoTime() + nanos;
        long count = 0;
        context.getClientSessionContext().setSessionCacheSize(resumed ? 16 : 1);
        while (System.nanoTime() < end) {
            int peer = resumed ? port : (int) -count - 2;
            try (Socket plain = new Socket("localhost", port);
                    SSLSocket socket =
                            (SSLSocket)
                                    context.getSocketFactory()
                                            .createSocket(plain, "localhost", peer, true)) {
                plain.setTcpNoDelay(true);
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

    private static NginxServer upstream(Scratch scratch, Certified identity) throws IOException {
        Files.write(scratch.folder().resolve("bulk"), new byte[FILE_BYTES]);
        return NginxServer.start(
                "nginx-tls-upstream.conf",
                Map.of(
                        "@CHAIN@",
                        identity.chain().toString(),
                        "@KEY@",
                        identity.key().toString(),
                        "@ROOT@",
                        scratch.folder().toString()));
    }
}
