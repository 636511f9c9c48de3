package io.cosocket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.transport.ForwardingTransport;
import io.cosocket.transport.Pending;
import io.cosocket.transport.ScriptedTransport;
import io.cosocket.transport.SocketSeam;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

class ReceiveTest {
    private final Cosockets runtime =
            Cosockets.create(CosocketConfig.defaults().withLogSocketErrors(false));
    private final SocketScope scope = runtime.openScope("receive");

    @AfterEach
    void close() {
        runtime.close();
    }

    private static byte[] random(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    @Test
    void exactSizesArriveWholeFromPiecesOfAnySize() throws IOException {
        byte[] data = random(300_000);
        for (int piece : new int[] {1, 1000, 4095, 4096, 4097, 65_536, 100_000, 300_000}) {
            StreamSocket socket = Pieces.socket(scope, Pieces.equal(data, piece));
            int at = 0;
            for (int size : new int[] {1, 0, 4096, 4097, 65_535, 3, 65_537, 100_000}) {
                assertArrayEquals(Arrays.copyOfRange(data, at, at + size), socket.receive(size));
                at += size;
            }
            assertArrayEquals(
                    Arrays.copyOfRange(data, at, data.length), socket.receiveAll(data.length));
        }
    }

    /** The tests' heap could not hold what is asked for. */
    @Test
    void aHugeSizeTakesMemoryOnlyAsBytesCome() throws IOException {
        int huge = Integer.MAX_VALUE - 8;
        assertTrue(Runtime.getRuntime().maxMemory() < huge, "the test proves nothing");
        try (Cosockets wide =
                Cosockets.create(
                        CosocketConfig.defaults()
                                .withMaxReceiveBytes(huge)
                                .withLogSocketErrors(false))) {
            SocketPair pair = StreamSocket.inMemory(wide);
            pair.left().send("few");
            pair.right().receiveTimeout(Duration.ofMillis(5));

            OperationTimeoutException e =
                    assertThrows(OperationTimeoutException.class, () -> pair.right().receive(huge));

            assertEquals("few", Pieces.text(e.partial()));
        }
    }

    @Test
    void aReaderThatWaitsHoldsNoBuffer() throws IOException {
        SocketPair pair = StreamSocket.inMemory(runtime);
        BufferedReceiver right = (BufferedReceiver) pair.right();
        pair.left().send("line\n");
        assertEquals("line", pair.right().receiveLine());

        Pending<byte[]> waiting = Pending.parked(() -> pair.right().receive(1));

        assertEquals(0, right.buffer.array().length);
        pair.left().send("x");
        assertEquals("x", Pieces.text(waiting.get()));
    }

    @Test
    void receiveAnyGivesWhatIsThereUpToTheLimit() throws IOException {
        StreamSocket socket = Pieces.socket(scope, "hello", " ", "world");

        assertEquals("hell", Pieces.text(socket.receiveAny(4)));
        assertEquals("o", Pieces.text(socket.receiveAny(Integer.MAX_VALUE)));
        assertEquals(" ", Pieces.text(socket.receiveAny(1)));
        assertEquals("world", Pieces.text(socket.receiveAny(100)));
        assertNull(socket.receiveAny(1));
        assertNull(socket.receiveAny(1));
    }

    @Test
    void resultsAreTheCallersOwn() throws IOException {
        StreamSocket socket = Pieces.socket(scope, "aaaabbbb");
        byte[] seen = socket.peek(4);
        Arrays.fill(seen, (byte) 'x');

        byte[] first = socket.receive(4);
        Arrays.fill(first, (byte) 'x');

        assertNotSame(seen, first);
        assertEquals("bbbb", Pieces.text(socket.receive(4)));
    }

    @Test
    void peekConsumesNothing() throws IOException {
        StreamSocket socket = Pieces.socket(scope, "hello", "world");

        assertEquals("he", Pieces.text(socket.peek(2)));
        assertEquals("hello", Pieces.text(socket.peek(5)));
        assertEquals("helloworld", Pieces.text(socket.peek(65_536)));
        assertEquals("hello", Pieces.text(socket.peek(5)));
        assertEquals("hellowo", Pieces.text(socket.receive(7)));
        assertEquals("rld", Pieces.text(socket.peek(100)));
        assertEquals("rld", Pieces.text(socket.receiveAll(3)));
        assertEquals(0, socket.peek(1).length);
    }

    @Test
    void aLaterPeekSeesWhatHasComeSince() throws IOException {
        SocketPair pair = StreamSocket.inMemory(runtime);
        pair.left().send("he");
        assertEquals("he", Pieces.text(pair.right().peek(5)));

        pair.left().send("llo!");

        assertEquals("hello", Pieces.text(pair.right().peek(5)));
        assertEquals("hello!", Pieces.text(pair.right().receive(6)));
    }

    /** The kernel reports a reset once; after that the stream looks like one that ended well. */
    @Test
    void aResetThatPeekMeetsBehindBytesIsToldOnceTheyAreRead() throws IOException {
        for (boolean pastTheBuffer : new boolean[] {false, true}) {
            StreamSocket socket = SocketSeam.stream(scope, new ResetOnce("hello"));
            assertEquals("he", Pieces.text(socket.peek(2)));
            assertEquals("hello", Pieces.text(socket.peek(9)));
            assertEquals("hello", Pieces.text(socket.receive(5)));
            ByteBuffer target = ByteBuffer.allocate(pastTheBuffer ? 65_536 : 1);

            SocketClosedException e =
                    assertThrows(SocketClosedException.class, () -> socket.receive(target));

            assertEquals(SocketClosedException.ClosedBy.RESET, e.closedBy());
        }
    }

    private static final class ResetOnce extends ForwardingTransport {
        private boolean told;

        ResetOnce(String data) {
            super(new ScriptedTransport(List.of(Pieces.bytes(data))));
        }

        @Override
        public int tryRead(ByteBuffer target) throws IOException {
            int count = super.tryRead(target);
            if (count < 0 && !told) {
                told = true;
                throw new IOException("Connection reset");
            }
            return count;
        }
    }

    @Test
    void buffersOfEveryKindAreFilledBetweenPositionAndLimit() throws IOException {
        StreamSocket socket = Pieces.socket(scope, "0123456789", "abcdefghij");
        ByteBuffer direct = ByteBuffer.allocateDirect(8).position(2).limit(5);
        assertEquals(3, socket.receive(direct));
        assertEquals(5, direct.position());
        assertEquals('0', direct.get(2));

        ByteBuffer slice = ByteBuffer.wrap(new byte[10]).slice(4, 3);
        assertEquals("3", Pieces.text(socket.receive(1)));
        assertEquals(3, socket.receive(slice));
        assertEquals("456", Pieces.text(Arrays.copyOfRange(slice.array(), 4, 7)));

        assertEquals(0, socket.receive(slice));
        assertEquals(3, socket.receive(ByteBuffer.allocate(100)));
        assertEquals(2, socket.receive(ByteBuffer.allocateDirect(2)));
        assertEquals("cdefghij", Pieces.text(socket.receive(8)));
        assertEquals(-1, socket.receive(ByteBuffer.allocate(1)));
        assertEquals(0, socket.receive(ByteBuffer.allocate(0)));
    }

    @Test
    void allIsLimitedExactly() throws IOException {
        assertEquals("abcd", Pieces.text(Pieces.socket(scope, "ab", "cd").receiveAll(4)));
        StreamSocket socket = Pieces.socket(scope, "ab", "cde");

        ReceiveLimitException e =
                assertThrows(ReceiveLimitException.class, () -> socket.receiveAll(4));

        assertEquals("abcd", Pieces.text(e.partial()));
        assertEquals("e", Pieces.text(socket.receiveAll(4)));
        assertEquals("", Pieces.text(socket.receiveAll(4)));
    }

    @Test
    void theInputStreamIsTheRestOfTheStream() throws IOException {
        StreamSocket socket = Pieces.socket(scope, "line\nrest", " of it", "!");
        assertEquals("line", socket.receiveLine());
        InputStream in = socket.inputStream();

        assertEquals(4, in.available());
        assertEquals('r', in.read());
        assertEquals(0, in.read(new byte[0]));
        assertEquals(2, in.skip(2));
        assertEquals("t", Pieces.text(socket.receive(1)));
        assertEquals(" of it!", Pieces.text(in.readAllBytes()));
        assertEquals(-1, in.read());
        in.close();
        assertTrue(socket.isOpen());
    }

    @Test
    void aByteOfAllOnesIsNotTheEnd() throws IOException {
        byte[] ones = {-1, -1};
        StreamSocket socket = Pieces.socket(scope, List.of(ones, Pieces.bytes("x")));

        assertEquals(255, socket.inputStream().read());
        assertEquals(255, socket.streamUntil(Delimiter.of("x")).read());
        assertEquals(-1, socket.streamUntil(Delimiter.of("x")).read());
    }

    @Test
    void transferMovesEverythingToTheEnd() throws IOException {
        byte[] data = random(700_000);
        StreamSocket source = Pieces.socket(scope, Pieces.equal(data, 9_999));
        SocketPair sink = StreamSocket.inMemory(runtime);
        Pending<byte[]> got = Pending.start(() -> sink.right().receiveAll(data.length));
        assertEquals(data[0], source.receive(1)[0]);

        assertEquals(data.length - 1, source.transferTo(sink.left()));

        sink.left().shutdownSend();
        assertArrayEquals(Arrays.copyOfRange(data, 1, data.length), got.get());
        assertEquals(0, source.transferTo(sink.left()));
    }

    @Test
    void transferToASocketThatBreaksTellsSo() throws IOException {
        SocketPair from = StreamSocket.inMemory(runtime);
        SocketPair to = StreamSocket.inMemory(runtime);
        from.left().send("data");
        to.right().close();

        SocketClosedException e =
                assertThrows(SocketClosedException.class, () -> from.right().transferTo(to.left()));

        assertTrue(e.getMessage().startsWith("send "), e.getMessage());
        from.left().send("more");
        assertEquals("datamore", Pieces.text(from.right().receive(8)));
    }

    @Test
    void anEchoMayTransferASocketToItself() throws IOException {
        SocketPair pair = StreamSocket.inMemory(runtime);
        Pending<Long> echo = Pending.start(() -> pair.right().transferTo(pair.right()));

        pair.left().send("echo");
        assertEquals("echo", Pieces.text(pair.left().receive(4)));
        pair.left().shutdownSend();

        assertEquals(4, echo.get());
    }

    @Test
    void whatTheTargetOfATransferRefusesStaysInTheStream() throws IOException {
        SocketPair from = StreamSocket.inMemory(runtime);
        SocketPair busy = StreamSocket.inMemory(runtime);
        Pending<Boolean> writer =
                Pending.parked(
                        () -> {
                            busy.left().send(new byte[100_000]);
                            return true;
                        });
        from.left().send("data");

        IllegalStateException e =
                assertThrows(
                        IllegalStateException.class, () -> from.right().transferTo(busy.left()));

        assertTrue(e.getMessage().endsWith("socket busy writing"), e.getMessage());
        assertEquals("data", Pieces.text(from.right().receive(4)));
        busy.right().receive(100_000);
        writer.get();
    }

    @Test
    void manySmallReadsCostOneReadOfTheTransport() throws IOException {
        byte[] data = random(3000);
        AtomicInteger reads = new AtomicInteger();
        StreamSocket socket = SocketSeam.stream(scope, new CountingTransport(data, reads));
        InputStream stream = socket.inputStream();
        ByteBuffer two = ByteBuffer.allocate(2);

        for (int i = 0; i < 2998; i++) {
            assertEquals(data[i], (byte) stream.read());
        }
        assertEquals(2, socket.receive(two));

        assertEquals(1, reads.get());
        assertEquals(-1, stream.read());
    }

    private static final class CountingTransport extends ForwardingTransport {
        private final AtomicInteger reads;

        CountingTransport(byte[] data, AtomicInteger reads) {
            super(new ScriptedTransport(List.of(data)));
            this.reads = reads;
        }

        @Override
        public int tryRead(ByteBuffer target) throws IOException {
            reads.incrementAndGet();
            return super.tryRead(target);
        }
    }
}
