package io.cosocket.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.CosocketConfig;
import io.cosocket.Cosockets;
import io.cosocket.Delimiter;
import io.cosocket.OperationTimeoutException;
import io.cosocket.SocketClosedException;
import io.cosocket.SocketClosedException.ClosedBy;
import io.cosocket.SocketScope;
import io.cosocket.StreamSocket;
import io.cosocket.UnexpectedEndException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;

/**
 * What users rely on in every {@link StreamSocket}, whatever transport it has. A module that brings
 * a transport of its own extends this class from core's test jar.
 */
@ExtendWith(OnVirtualThread.class)
public abstract class StreamContract {
    private Cosockets runtime;
    private SocketScope scope;
    private Link link;
    private Peer peer;
    private StreamSocket socket;

    /** Joins a fresh transport with a far end. */
    protected abstract Link open() throws IOException;

    @BeforeEach
    final void join() throws IOException {
        runtime = Cosockets.create(CosocketConfig.defaults().withLogSocketErrors(false));
        scope = runtime.openScope("contract");
        link = open();
        peer = link.peer();
        socket = SocketSeam.stream(scope, link.near());
    }

    @AfterEach
    final void part() {
        runtime.close();
        link.close();
    }

    @Test
    protected void everyKindOfReadTakesUpWhereTheLastOneStopped() throws IOException {
        Delimiter bar = Delimiter.of("||");
        peer.send(bytes("line\r\nexact|until||piece|by|piece||peekany!incl||buffer rest"));
        peer.endSending();

        assertEquals("line", socket.receiveLine());
        assertEquals("exact", text(socket.receive(5)));
        assertEquals("|until", text(socket.receiveUntil("||")));
        try (InputStream pieces = socket.streamUntil(bar)) {
            assertEquals("piece|by|piece", text(pieces.readAllBytes()));
        }
        assertEquals("p", text(socket.peek(1)));
        assertEquals("peek", text(socket.receive(4)));
        assertTrue("any!".startsWith(text(socket.receiveAny(1))));
        assertEquals("ny!incl||", text(socket.receiveUntil(bar.inclusive())));
        ByteBuffer target = ByteBuffer.allocate(7);
        while (target.hasRemaining()) {
            assertTrue(socket.receive(target) > 0);
        }
        assertEquals("buffer ", text(target.array()));
        assertEquals("rest", text(socket.receiveAll(100)));
        assertNull(socket.receiveAny(1));
    }

    @Test
    protected void theEndIsAValueWhereItMayComeAndAnErrorWhereItMayNot() throws IOException {
        peer.endSending();

        assertNull(socket.receiveAny(8));
        assertNull(socket.receiveLine());
        assertEquals(-1, socket.receive(ByteBuffer.allocate(8)));
        assertEquals(0, socket.peek(8).length);
        assertEquals(0, socket.receiveAll(8).length);
        assertEquals(-1, socket.inputStream().read());
        assertThrows(UnexpectedEndException.class, () -> socket.receive(1));
        assertThrows(UnexpectedEndException.class, () -> socket.receiveUntil("x"));
        assertTrue(socket.isOpen());
    }

    @Test
    protected void anEarlyEndHandsOverWhatCame() throws IOException {
        peer.send(bytes("half a message"));
        peer.endSending();

        UnexpectedEndException e =
                assertThrows(UnexpectedEndException.class, () -> socket.receive(64));

        assertEquals("half a message", text(e.partial()));
        socket.send("still");
        assertEquals("still", text(peer.receive(5)));
    }

    @Test
    protected void aReadTimeOutKeepsTheSocketAndTheNextReadGoesOn() throws IOException {
        socket.receiveTimeout(Duration.ofMillis(130));
        peer.send(bytes("begin"));
        long before = System.nanoTime();

        OperationTimeoutException e =
                assertThrows(OperationTimeoutException.class, () -> socket.receive(8));

        assertTrue(System.nanoTime() - before >= 130_000_000, "early");
        assertEquals("begin", text(e.partial()));
        assertEquals("receive", e.operation());
        peer.send(bytes("and end"));
        assertEquals("and end", text(socket.receive(7)));
    }

    @Test
    protected void aSendTimeOutEndsTheSendingSideOnly() throws IOException {
        socket.sendTimeout(Duration.ofMillis(120));

        assertThrows(OperationTimeoutException.class, () -> socket.send(new byte[64 << 20]));

        assertThrows(SocketClosedException.class, () -> socket.send("more"));
        peer.send(bytes("heard"));
        assertEquals("heard", text(socket.receive(5)));
        assertTrue(socket.isOpen());
    }

    @Test
    protected void sendReturnsWhenThePeerCanHaveAllOfIt() throws IOException {
        byte[] sent = random(1 << 20);
        Pending<byte[]> got = Pending.start(() -> peer.receive(sent.length + 6));

        socket.send(sent);
        socket.send(ByteBuffer.wrap(bytes("ab")), ByteBuffer.wrap(bytes("cd")));
        socket.outputStream().write(bytes("ef"));

        byte[] expected = Arrays.copyOf(sent, sent.length + 6);
        System.arraycopy(bytes("abcdef"), 0, expected, sent.length, 6);
        assertArrayEquals(expected, got.get());
    }

    @Test
    protected void bothSidesWorkAtTheSameTime() throws IOException {
        byte[] there = random(700_000);
        byte[] back = random(700_001);
        Pending<byte[]> peerGot = Pending.start(() -> peer.receive(there.length));
        Pending<byte[]> got = Pending.start(() -> socket.receive(back.length));
        Pending<Boolean> sending =
                Pending.start(
                        () -> {
                            socket.send(there);
                            return true;
                        });

        peer.send(back);

        assertArrayEquals(back, got.get());
        assertArrayEquals(there, peerGot.get());
        assertTrue(sending.get());
    }

    @Test
    protected void halfCloseEndsTheStreamForThePeerAndReadsWorkOn() throws IOException {
        socket.send("last");
        socket.shutdownSend();
        socket.shutdownSend();

        assertEquals("last", text(peer.receive(4)));
        assertTrue(peer.atEnd());
        assertThrows(SocketClosedException.class, () -> socket.send("x"));
        peer.send(bytes("reply\n"));
        assertEquals("reply", socket.receiveLine());
    }

    @Test
    protected void aSecondReaderIsRefusedAndDisturbsNothing() throws IOException {
        Pending<String> first = Pending.parked(() -> text(socket.receive(5)));

        IllegalStateException e =
                assertThrows(IllegalStateException.class, () -> socket.receiveAny(5));

        assertTrue(e.getMessage().endsWith("socket busy reading"), e.getMessage());
        peer.send(bytes("hello"));
        assertEquals("hello", first.get());
    }

    @Test
    protected void aSecondWriterIsRefusedAndDisturbsNothing() throws IOException {
        byte[] much = random(5 << 20);
        Pending<Boolean> first =
                Pending.parked(
                        () -> {
                            socket.send(much);
                            return true;
                        });

        IllegalStateException e = assertThrows(IllegalStateException.class, () -> socket.send("x"));

        assertTrue(e.getMessage().endsWith("socket busy writing"), e.getMessage());
        assertArrayEquals(much, peer.receive(much.length));
        assertTrue(first.get());
    }

    @Test
    protected void closeWakesReaderAndWriter() throws IOException {
        Pending<byte[]> reader = Pending.parked(() -> socket.receive(1));
        Pending<Boolean> writer =
                Pending.parked(
                        () -> {
                            socket.send(new byte[64 << 20]);
                            return true;
                        });

        socket.close();

        assertEquals(ClosedBy.CALLER, reader.failure(SocketClosedException.class).closedBy());
        assertEquals(ClosedBy.CALLER, writer.failure(SocketClosedException.class).closedBy());
        assertFalse(socket.isOpen());
        assertThrows(SocketClosedException.class, () -> socket.receive(1));
        assertThrows(SocketClosedException.class, () -> socket.send("x"));
    }

    @Test
    protected void theEndOfTheScopeClosesTheSocket() throws IOException {
        Pending<byte[]> reader = Pending.parked(() -> socket.receive(1));

        scope.close();

        assertEquals(ClosedBy.SCOPE, reader.failure(SocketClosedException.class).closedBy());
        assertTrue(peer.atEnd());
    }

    @Test
    protected void interruptClosesTheSocketAndStaysSet() {
        Pending<Boolean> reader =
                Pending.parked(
                        () -> {
                            SocketClosedException e =
                                    assertThrows(
                                            SocketClosedException.class, () -> socket.receive(1));
                            assertEquals(ClosedBy.INTERRUPTED, e.closedBy());
                            return Thread.currentThread().isInterrupted();
                        });

        reader.thread().interrupt();

        assertTrue(reader.get());
        assertFalse(socket.isOpen());
    }

    @Test
    protected void closingAViewNeverClosesTheSocket() throws IOException {
        socket.inputStream().close();
        socket.outputStream().close();
        socket.streamUntil(Delimiter.of("x")).close();

        socket.send("ping");
        assertEquals("ping", text(peer.receive(4)));
        peer.send(bytes("pong"));
        assertEquals("pong", text(socket.receive(4)));
    }

    @Test
    protected void longStreamsArriveWhole() throws IOException {
        byte[] sent = random(400_000);
        Pending<Boolean> sending =
                Pending.start(
                        () -> {
                            peer.send(sent);
                            peer.endSending();
                            return true;
                        });

        assertArrayEquals(sent, socket.receiveAll(sent.length));
        assertTrue(sending.get());
    }

    private static byte[] random(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
