package io.cosocket.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.Cosockets;
import io.cosocket.OperationTimeoutException;
import io.cosocket.SocketClosedException;
import io.cosocket.SocketScope;
import io.cosocket.StreamSocket;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

@Timeout(120)
class TlsTransportTest {
    private static SSLContext context;

    @BeforeAll
    static void makeCertificates(@TempDir Path directory) throws IOException {
        TestCertificates certificates = TestCertificates.in(directory);
        context = certificates.serverContext(certificates.server("server", "localhost"));
    }

    private static TlsPair pair(String protocol) throws Exception {
        MemoryTransport[] ends = MemoryTransport.pair();
        return TlsPair.over(context, protocol, ends[0], ends[1]);
    }

    private static byte[] random(int byteCount) {
        byte[] bytes = new byte[byteCount];
        new Random(byteCount).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @CsvSource({
        "TLSv1.3, 1, 1, 7",
        "TLSv1.3, 1, 1000000, 65536",
        "TLSv1.3, 3, 4093, 1",
        "TLSv1.3, 16389, 16391, 16384",
        "TLSv1.3, 1000000, 1000000, 65536",
        "TLSv1.2, 1, 1, 7",
        "TLSv1.2, 5, 4093, 1",
        "TLSv1.2, 16389, 16391, 16383",
        "TLSv1.2, 1000000, 1000000, 65536"
    })
    void anyPiecesGiveTheSameBytes(String protocol, int readBytes, int writeBytes, int bufferBytes)
            throws Exception {
        MemoryTransport[] ends = MemoryTransport.pair();
        TlsPair pair =
                TlsPair.over(
                        context,
                        protocol,
                        new ChunkedTransport(ends[0], readBytes, writeBytes, true),
                        new ChunkedTransport(ends[1], readBytes, writeBytes, true));
        byte[] sent = random(70_000);

        FutureTask<?> echo =
                TlsPair.fork(
                        () -> {
                            byte[] got = TlsPair.read(pair.server(), sent.length, bufferBytes);
                            TlsPair.write(pair.server(), got);
                            pair.server().shutdownSend();
                        });
        TlsPair.write(pair.client(), sent);
        byte[] back = TlsPair.read(pair.client(), Integer.MAX_VALUE, bufferBytes);

        echo.get();
        assertArrayEquals(sent, back);
        assertEquals(0, pair.client().heldBuffers());
        pair.close();
    }

    @Test
    void manySmallBuffersAreGathered() throws Exception {
        TlsPair pair = pair("TLSv1.3");
        ByteBuffer[] pieces = new ByteBuffer[100];
        for (int i = 0; i < pieces.length; i++) {
            pieces[i] = ByteBuffer.wrap(new byte[] {(byte) i, (byte) i});
        }

        assertTrue(pair.client().write(pieces, 1, 98, Deadline.after(TlsPair.LIMIT)));

        byte[] got = TlsPair.read(pair.server(), 196, 4096);
        assertEquals(196, got.length);
        assertEquals(1, got[0]);
        assertEquals(98, got[195]);
        pair.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void readerAndWriterWorkAtTheSameTimeOnBothEnds(String protocol) throws Exception {
        TlsPair pair = pair(protocol);
        byte[] up = random(3_000_000);
        byte[] down = random(3_000_001);

        FutureTask<?> upWriter = TlsPair.fork(() -> TlsPair.write(pair.client(), up));
        FutureTask<?> downWriter = TlsPair.fork(() -> TlsPair.write(pair.server(), down));
        FutureTask<?> upReader =
                TlsPair.fork(
                        () -> assertArrayEquals(up, TlsPair.read(pair.server(), up.length, 65536)));

        assertArrayEquals(down, TlsPair.read(pair.client(), down.length, 4096));
        upReader.get();
        upWriter.get();
        downWriter.get();
        pair.close();
    }

    @Test
    void keyUpdatesAmidTrafficOfBothDirectionsGoUnnoticed() throws Exception {
        TlsPair pair = pair("TLSv1.3");
        byte[] up = random(1_000_000);
        byte[] down = random(1_000_001);

        FutureTask<?> upWriter = TlsPair.fork(() -> writeUpdatingKeys(pair.client(), up));
        FutureTask<?> downWriter = TlsPair.fork(() -> writeUpdatingKeys(pair.server(), down));
        FutureTask<?> upReader =
                TlsPair.fork(
                        () -> assertArrayEquals(up, TlsPair.read(pair.server(), up.length, 65536)));

        assertArrayEquals(down, TlsPair.read(pair.client(), down.length, 4096));
        upReader.get();
        upWriter.get();
        downWriter.get();
        pair.close();
    }

    private static void writeUpdatingKeys(TlsTransport to, byte[] bytes) throws IOException {
        for (int at = 0; at < bytes.length; at += 10_000) {
            to.engine().beginHandshake(); // the JDK's way to ask both sides for new keys
            TlsPair.write(to, Arrays.copyOfRange(bytes, at, Math.min(at + 10_000, bytes.length)));
        }
    }

    @Test
    void warningThatTheNameIsUnknownIsPassedOver() throws Exception {
        MemoryTransport[] ends = MemoryTransport.pair();
        TlsPair.write(ends[1], new byte[] {21, 3, 3, 0, 2, 1, 112});

        TlsPair pair = TlsPair.over(context, "TLSv1.2", ends[0], ends[1]);

        TlsPair.write(pair.server(), new byte[] {1, 2, 3});
        assertEquals(3, TlsPair.read(pair.client(), 3, 100).length);
        pair.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void closeNotifyIsTheEndOfTheStream(String protocol) throws Exception {
        TlsPair pair = pair(protocol);
        TlsPair.write(pair.server(), new byte[] {1, 2, 3});
        pair.server().close();

        assertEquals(3, TlsPair.read(pair.client(), 100, 100).length);
        assertEquals(-1, pair.client().tryRead(ByteBuffer.allocate(1)));
        assertEquals(-1, pair.client().tryRead(ByteBuffer.allocate(1)));
        pair.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void endWithoutCloseNotifyIsAnError(String protocol) throws Exception {
        MemoryTransport[] ends = MemoryTransport.pair();
        TlsPair pair = TlsPair.over(context, protocol, ends[0], ends[1]);
        TlsPair.write(pair.server(), new byte[] {1, 2, 3});
        ends[1].close();

        assertEquals(3, TlsPair.read(pair.client(), 3, 100).length);
        ByteBuffer target = ByteBuffer.allocate(1);
        SSLException first = assertThrows(SSLException.class, () -> pair.client().tryRead(target));
        assertTrue(first.getMessage().startsWith("closed without close_notify"));
        assertThrows(SSLException.class, () -> pair.client().tryRead(target));
        pair.close();
    }

    @Test
    void endWithoutCloseNotifyIsToleratedWhenAskedFor() throws Exception {
        MemoryTransport[] ends = MemoryTransport.pair();
        TlsPair pair = TlsPair.over(context, "TLSv1.3", ends[0], ends[1], true);
        TlsPair.write(pair.server(), new byte[] {1, 2, 3});
        ends[1].close();

        assertEquals(3, TlsPair.read(pair.client(), 100, 100).length);
        assertEquals(-1, pair.client().tryRead(ByteBuffer.allocate(1)));
        pair.close();
    }

    @Test
    void halfClosedPeerStillReceives() throws Exception {
        TlsPair pair = pair("TLSv1.3");
        TlsPair.write(pair.client(), "question".getBytes(StandardCharsets.US_ASCII));
        pair.client().shutdownSend();

        assertEquals(8, TlsPair.read(pair.server(), 100, 100).length);
        byte[] answer = random(300_000);
        FutureTask<?> writer =
                TlsPair.fork(
                        () -> {
                            TlsPair.write(pair.server(), answer);
                            pair.server().close();
                        });

        assertArrayEquals(answer, TlsPair.read(pair.client(), Integer.MAX_VALUE, 9000));
        writer.get();
        ByteBuffer[] more = {ByteBuffer.allocate(1)};
        assertThrows(
                SocketException.class,
                () -> pair.client().write(more, 0, 1, Deadline.after(TlsPair.LIMIT)));
        pair.close();
    }

    @Test
    void olderProtocolCannotSendToAPeerThatClosed() throws Exception {
        TlsPair pair = pair("TLSv1.2");
        pair.server().shutdownSend();
        assertEquals(0, TlsPair.read(pair.client(), 100, 100).length);
        ByteBuffer[] bytes = {ByteBuffer.allocate(1)};

        assertThrows(
                SocketException.class,
                () -> {
                    pair.client().write(bytes, 0, 1, Deadline.after(TlsPair.LIMIT));
                    pair.client().write(bytes, 0, 1, Deadline.after(TlsPair.LIMIT));
                });
        pair.close();
    }

    @Test
    void lateTicketIsNoDataAndNoEnd() throws Exception {
        TlsPair pair = pair("TLSv1.3");
        ByteBuffer peek = ByteBuffer.allocate(1);

        assertEquals(0, pair.client().tryRead(peek));
        assertEquals(0, pair.client().tryRead(peek));
        assertEquals(0, pair.client().heldBuffers());

        TlsPair.write(pair.server(), new byte[] {42});
        assertEquals(42, TlsPair.read(pair.client(), 1, 1)[0]);
        pair.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void renegotiationIsRefused(boolean byServer) throws Exception {
        MemoryTransport[] ends = MemoryTransport.pair();
        TlsPair pair = TlsPair.over(context, "TLSv1.2", ends[0], ends[1]);
        TlsTransport asking = byServer ? pair.server() : pair.client();
        TlsTransport asked = byServer ? pair.client() : pair.server();
        ByteBuffer request = ByteBuffer.allocate(20_000);
        SSLEngine engine = asking.engine();
        engine.beginHandshake();
        engine.wrap(ByteBuffer.allocate(0), request);
        ByteBuffer[] buffers = {request.flip()};
        ends[byServer ? 1 : 0].write(buffers, 0, 1, Deadline.after(TlsPair.LIMIT));

        SSLException refusal =
                assertThrows(SSLException.class, () -> asked.tryRead(ByteBuffer.allocate(65536)));

        assertEquals("renegotiation refused", refusal.getMessage());
        pair.close();
    }

    @Test
    void forgedRecordFailsBehindTheGoodOnes() throws Exception {
        MemoryTransport[] ends = MemoryTransport.pair();
        TlsPair pair = TlsPair.over(context, "TLSv1.3", ends[0], ends[1]);
        TlsPair.write(pair.server(), new byte[100]);
        byte[] forged = new byte[60];
        forged[0] = 23;
        forged[1] = 3;
        forged[2] = 3;
        forged[4] = 55;
        TlsPair.write(ends[1], forged);

        assertEquals(100, TlsPair.read(pair.client(), 100, 65536).length);
        ByteBuffer target = ByteBuffer.allocate(10);
        assertThrows(SSLException.class, () -> pair.client().tryRead(target));
        assertThrows(SSLException.class, () -> pair.client().tryRead(target));
        pair.client().close();

        SSLException told =
                assertThrows(SSLException.class, () -> TlsPair.read(pair.server(), 1, 10));
        assertTrue(told.getMessage().contains("bad_record_mac"), told.getMessage());
        pair.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void serverThatLeavesAnywhereIsNoticed(String protocol) throws Exception {
        int cuts = 0;
        int step = 29;
        for (int cut = 0; ; cut += step) {
            MemoryTransport[] ends = MemoryTransport.pair();
            Transport cutOff = new ChunkedTransport(ends[0], 4096, 4096, false).endingAfter(cut);
            try {
                TlsPair pair = TlsPair.over(context, protocol, cutOff, ends[1]);
                step = 3;
                FutureTask<?> writer = TlsPair.fork(() -> say(pair.server()));
                try {
                    assertEquals(50, TlsPair.read(pair.client(), 1000, 1000).length);
                    break;
                } finally {
                    pair.client().close();
                    writer.get();
                    assertEquals(0, pair.client().heldBuffers());
                }
            } catch (SSLException e) {
                cuts++;
            }
        }
        assertTrue(cuts > 40, cuts + " cuts");
    }

    private static void say(TlsTransport server) {
        try {
            TlsPair.write(server, new byte[50]);
        } catch (IOException e) {
            // the client has gone already
        }
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void clientThatLeavesAnywhereIsNoticed(String protocol) throws Exception {
        int cuts = 0;
        boolean clean = false;
        for (int cut = 0; !clean; cut += 3) {
            MemoryTransport[] ends = MemoryTransport.pair();
            Transport cutOff = new ChunkedTransport(ends[1], 4096, 4096, false).endingAfter(cut);
            TlsTransport server =
                    TlsTransport.over(cutOff, TlsPair.engine(context, protocol, false), false);
            FutureTask<?> accepting =
                    TlsPair.fork(
                            () -> {
                                try {
                                    server.handshake(Deadline.after(TlsPair.LIMIT));
                                    TlsPair.read(server, 10, 10);
                                } finally {
                                    server.close();
                                }
                            });
            TlsTransport client =
                    TlsTransport.over(ends[0], TlsPair.engine(context, protocol, true), false);
            try {
                client.handshake(Deadline.after(TlsPair.LIMIT));
            } catch (IOException e) {
                // told by an alert or by the end
            }
            client.close();
            try {
                accepting.get();
                clean = true;
            } catch (ExecutionException e) {
                // a broken pipe also tells
                assertTrue(e.getCause() instanceof IOException, cut + ": " + e.getCause());
                assertFalse(e.getCause() instanceof InterruptedIOException, "cut " + cut);
                cuts++;
            }
            assertEquals(0, server.heldBuffers());
        }
        assertTrue(cuts > 100, cuts + " cuts");
    }

    @Test
    void silentPeerEndsTheHandshakeAtTheDeadline() {
        MemoryTransport[] ends = MemoryTransport.pair();
        TlsTransport client =
                TlsTransport.over(ends[0], TlsPair.engine(context, "TLSv1.3", true), false);
        long start = System.nanoTime();

        assertThrows(
                SocketTimeoutException.class,
                () -> client.handshake(Deadline.after(Duration.ofMillis(120))));

        assertTrue(System.nanoTime() - start >= 120_000_000);
        assertEquals(0, client.heldBuffers());
        client.close();
    }

    @Test
    void peerThatTricklesCannotStretchTheDeadline() throws Exception {
        MemoryTransport[] ends = MemoryTransport.pair();
        TlsTransport client =
                TlsTransport.over(ends[0], TlsPair.engine(context, "TLSv1.3", true), false);
        // the head of a record that takes 16 KiB to arrive
        TlsPair.write(ends[1], new byte[] {22, 3, 3, 0x40, 0});
        FutureTask<?> trickle =
                TlsPair.fork(
                        () -> {
                            for (int i = 0; i < 16_000 && !ends[1].cancelled(); i++) {
                                TlsPair.write(ends[1], new byte[] {2});
                                ends[1].awaitReadable(Deadline.after(Duration.ofMillis(5)));
                            }
                        });

        assertThrows(
                SocketTimeoutException.class,
                () -> client.handshake(Deadline.after(Duration.ofMillis(150))));
        ends[1].cancel();
        client.close();
        try {
            trickle.get();
        } catch (ExecutionException e) {
            assertTrue(e.getCause() instanceof IOException);
        }
    }

    @Test
    void cancelEndsAHandshakeThatWaits() throws Exception {
        MemoryTransport[] ends = MemoryTransport.pair();
        TlsTransport client =
                TlsTransport.over(ends[0], TlsPair.engine(context, "TLSv1.3", true), false);
        FutureTask<?> handshake =
                TlsPair.fork(() -> client.handshake(Deadline.after(TlsPair.LIMIT)));
        // its first flight is there, so it is on its way to wait
        ends[1].awaitReadable(Deadline.after(TlsPair.LIMIT));

        client.cancel();

        ExecutionException end = assertThrows(ExecutionException.class, handshake::get);
        assertTrue(end.getCause() instanceof InterruptedIOException);
        assertFalse(end.getCause() instanceof SocketTimeoutException);
        client.close();
    }

    @Test
    void halfCloseIntoAFullPipeEndsWithTheSendTimeOut() throws Exception {
        MemoryTransport[] ends = MemoryTransport.pair();
        TlsPair pair = TlsPair.over(context, "TLSv1.3", ends[0], ends[1]);
        while (ends[0].tryWrite(ByteBuffer.allocate(1024)) > 0) {
            // until the pipe is full
        }
        try (Cosockets runtime = Cosockets.create();
                SocketScope scope = runtime.openScope("tls")) {
            StreamSocket socket = SocketSeam.stream(scope, pair.client());
            socket.sendTimeout(Duration.ofMillis(100));

            assertThrows(OperationTimeoutException.class, socket::shutdownSend);
            assertThrows(SocketClosedException.class, socket::shutdownSend);
            assertFalse(pair.client().shutdownSend(Deadline.after(TlsPair.LIMIT)));
        }
        pair.close();
    }

    @Test
    void cancelEndsAWriteIntoAFullPipe() throws Exception {
        TlsPair pair = pair("TLSv1.3");
        ByteBuffer[] much = {ByteBuffer.allocate(1 << 20)};
        boolean[] all = {true};
        FutureTask<?> writer =
                TlsPair.fork(
                        () ->
                                all[0] =
                                        pair.client()
                                                .write(much, 0, 1, Deadline.after(TlsPair.LIMIT)));
        pair.server().awaitReadable(Deadline.after(TlsPair.LIMIT));

        pair.client().cancel();

        writer.get();
        assertFalse(all[0]);
        pair.close();
    }

    @Test
    void idleConnectionHoldsNoBuffer() throws Exception {
        TlsPair pair = pair("TLSv1.3");
        TlsPair.write(pair.server(), random(50_000));

        TlsPair.read(pair.client(), 49_999, 50_000);
        assertTrue(pair.client().heldBuffers() > 0);
        TlsPair.read(pair.client(), 1, 10);

        assertEquals(0, pair.client().heldBuffers());
        assertEquals(0, pair.client().tryRead(ByteBuffer.allocate(10)));
        assertEquals(0, pair.client().heldBuffers());
        pair.close();
    }

    @Test
    void tlsRunsInsideTls() throws Exception {
        TlsPair outer = pair("TLSv1.3");
        TlsPair inner = TlsPair.over(context, "TLSv1.2", outer.client(), outer.server());
        byte[] sent = random(200_000);
        FutureTask<?> writer =
                TlsPair.fork(
                        () -> {
                            TlsPair.write(inner.server(), sent);
                            inner.server().close();
                        });

        assertArrayEquals(sent, TlsPair.read(inner.client(), Integer.MAX_VALUE, 30_000));
        writer.get();
        inner.client().close();
    }

    @Test
    void addressesAreThoseBelow() throws Exception {
        TlsPair pair = pair("TLSv1.3");

        assertEquals("tls", pair.client().kind());
        assertEquals(
                Arrays.asList("left", "right"),
                Arrays.asList(
                        pair.client().localAddress().toString(),
                        pair.client().remoteAddress().toString()));
        pair.close();
    }
}
