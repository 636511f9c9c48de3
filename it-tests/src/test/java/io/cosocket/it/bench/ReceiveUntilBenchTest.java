package io.cosocket.it.bench;

import io.cosocket.CosocketConfig;
import io.cosocket.Cosockets;
import io.cosocket.Delimiter;
import io.cosocket.SocketScope;
import io.cosocket.StreamSocket;
import io.cosocket.transport.Deadline;
import io.cosocket.transport.SocketSeam;
import io.cosocket.transport.Transport;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/** How fast a delimiter is found in memory, in harmless and in hostile data. */
@Tag("bench")
class ReceiveUntilBenchTest {
    private static final int ROUNDS = 21;
    private static final String HOSTILE = "a".repeat(31) + "b";

    /** Gives one message over and over, as fast as it can be copied. */
    private static final class Replay implements Transport {
        private final byte[] message;
        private int at;

        Replay(byte[] message) {
            this.message = message;
        }

        @Override
        public int tryRead(ByteBuffer target) {
            int count = Math.min(target.remaining(), message.length - at);
            target.put(message, at, count);
            at = (at + count) % message.length;
            return count;
        }

        @Override
        public boolean awaitReadable(Deadline deadline) {
            return true;
        }

        @Override
        public boolean write(ByteBuffer[] buffers, int offset, int length, Deadline deadline) {
            return true;
        }

        @Override
        public void shutdownSend() {}

        @Override
        public void cancel() {}

        @Override
        public void close() {}

        @Override
        public String kind() {
            return "memory";
        }

        @Override
        public SocketAddress localAddress() {
            return new InetSocketAddress(0);
        }

        @Override
        public SocketAddress remoteAddress() {
            return new InetSocketAddress(0);
        }
    }

    @FunctionalInterface
    private interface Read {
        long once(StreamSocket socket, Delimiter delimiter) throws Exception;
    }

    @Test
    void receiveUntilAtMemorySpeed() throws Exception {
        CosocketConfig config = CosocketConfig.defaults().withMaxReceiveBytes(1 << 28);
        try (Cosockets cosockets = Cosockets.create(config);
                SocketScope scope = cosockets.openScope("bench")) {
            for (int kib : new int[] {4, 32, 256, 1024, 2048}) {
                measure(scope, kib, "no candidates", 'x', "\r\n--boundary", this::whole);
                measure(scope, kib, "hostile", 'a', HOSTILE, this::whole);
                measure(scope, kib, "no candidates, streamed", 'x', "\r\n--b", this::streamed);
                measure(scope, kib, "hostile, streamed", 'a', HOSTILE, this::streamed);
            }
        }
    }

    private long whole(StreamSocket socket, Delimiter delimiter) throws Exception {
        return socket.receiveUntil(delimiter).length;
    }

    private final byte[] piece = new byte[64 << 10];

    private long streamed(StreamSocket socket, Delimiter delimiter) throws Exception {
        InputStream in = socket.streamUntil(delimiter);
        long all = 0;
        for (int count; (count = in.read(piece)) > 0; ) {
            all += count;
        }
        return all;
    }

    private static void measure(
            SocketScope scope, int kib, String name, char filler, String delimiter, Read read)
            throws Exception {
        byte[] end = delimiter.getBytes(StandardCharsets.US_ASCII);
        byte[] message = new byte[(kib << 10) + end.length];
        Arrays.fill(message, (byte) filler);
        System.arraycopy(end, 0, message, kib << 10, end.length);
        StreamSocket socket = SocketSeam.stream(scope, new Replay(message));
        Delimiter compiled = Delimiter.of(delimiter);
        int count = Math.max(8, (32 << 10) / kib);
        double[] rates = new double[ROUNDS];
        for (int round = -ROUNDS; round < ROUNDS; round++) {
            long bytes = 0;
            long start = System.nanoTime();
            for (int i = 0; i < count; i++) {
                bytes += read.once(socket, compiled);
            }
            if (round >= 0) {
                rates[round] = (double) bytes / (System.nanoTime() - start);
            }
        }
        socket.close();
        System.out.printf(
                Locale.ROOT,
                "receiveUntil %5d KiB  %-26s %6.2f GB/s%n",
                kib,
                name,
                Rounds.median(rates));
    }
}
