package io.cosocket.transport;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/** Two ends of one encrypted connection, with the handshake done. */
record TlsPair(TlsTransport client, TlsTransport server) {
    static final Duration LIMIT = Duration.ofSeconds(20);

    private static final AtomicInteger PORT = new AtomicInteger();

    static TlsPair over(SSLContext context, String protocol, Transport left, Transport right)
            throws Exception {
        return over(context, protocol, left, right, false);
    }

    static TlsPair over(
            SSLContext context,
            String protocol,
            Transport left,
            Transport right,
            boolean tolerateTruncation)
            throws Exception {
        TlsTransport server = TlsTransport.over(right, engine(context, protocol, false), false);
        FutureTask<@Nullable Void> accepting = fork(() -> server.handshake(Deadline.after(LIMIT)));
        TlsTransport client =
                TlsTransport.over(left, engine(context, protocol, true), tolerateTruncation);
        try {
            client.handshake(Deadline.after(LIMIT));
        } catch (IOException e) {
            client.close();
            throw e;
        } finally {
            try {
                accepting.get();
            } catch (ExecutionException e) {
                server.close();
            }
        }
        return new TlsPair(client, server);
    }

    static SSLEngine engine(SSLContext context, String protocol, boolean client) {
        // a port of its own, so that no handshake is shortened by an earlier one
        SSLEngine engine = context.createSSLEngine("localhost", PORT.incrementAndGet());
        engine.setUseClientMode(client);
        engine.setEnabledProtocols(new String[] {protocol});
        return engine;
    }

    /** Something that may throw. */
    interface Step {
        void run() throws Exception;
    }

    static FutureTask<@Nullable Void> fork(Step step) {
        FutureTask<@Nullable Void> task =
                new FutureTask<>(
                        () -> {
                            step.run();
                            return null;
                        });
        Thread.startVirtualThread(task);
        return task;
    }

    static void write(Transport to, byte[] bytes) throws IOException {
        if (!to.write(new ByteBuffer[] {ByteBuffer.wrap(bytes)}, 0, 1, Deadline.after(LIMIT))) {
            throw new IOException("not all was written");
        }
    }

    /** Reads that many bytes, or what there is up to the end. */
    static byte[] read(Transport from, int byteCount, int bufferBytes) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(bufferBytes);
        Deadline deadline = Deadline.after(LIMIT);
        while (bytes.size() < byteCount) {
            buffer.clear().limit(Math.min(bufferBytes, byteCount - bytes.size()));
            int count = from.tryRead(buffer);
            if (count < 0) {
                break;
            }
            if (count != buffer.position()) {
                throw new AssertionError("count " + count + ", position " + buffer.position());
            }
            bytes.write(buffer.array(), 0, count);
            if (count == 0 && !from.awaitReadable(deadline)) {
                throw new SocketTimeoutException("timeout after " + bytes.size() + " bytes");
            }
        }
        return bytes.toByteArray();
    }

    void close() {
        client.close();
        server.close();
    }
}
