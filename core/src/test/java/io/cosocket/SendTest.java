package io.cosocket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.transport.Link;
import io.cosocket.transport.Links;
import io.cosocket.transport.OnVirtualThread;
import io.cosocket.transport.Pending;
import io.cosocket.transport.SocketSeam;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

@ExtendWith(OnVirtualThread.class)
class SendTest {
    private final Cosockets runtime =
            Cosockets.create(CosocketConfig.defaults().withLogSocketErrors(false));
    private final SocketScope scope = runtime.openScope("send");

    @AfterEach
    void close() {
        runtime.close();
    }

    /** Sends the buffers and checks that the peer gets just their bytes and all are used up. */
    private void assertSends(Links kind, List<ByteBuffer> buffers) throws IOException {
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        for (ByteBuffer buffer : buffers) {
            byte[] bytes = new byte[buffer.remaining()];
            buffer.duplicate().get(bytes);
            expected.writeBytes(bytes);
        }
        try (Link link = kind.open()) {
            StreamSocket socket = SocketSeam.stream(scope, link.near());
            Pending<byte[]> got = Pending.start(() -> link.peer().receive(expected.size()));

            socket.send(buffers.toArray(ByteBuffer[]::new));

            assertArrayEquals(expected.toByteArray(), got.get());
            for (ByteBuffer buffer : buffers) {
                assertFalse(buffer.hasRemaining());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Links.class)
    void moreBuffersThanTheKernelTakesAtOnce(Links kind) throws IOException {
        Random random = new Random(kind.ordinal());
        for (int count : new int[] {1, 2, 1023, 1024, 1025, 2048, 5000}) {
            List<ByteBuffer> buffers = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                byte[] bytes = new byte[random.nextInt(40)];
                random.nextBytes(bytes);
                buffers.add(ByteBuffer.wrap(bytes));
            }
            assertSends(kind, buffers);
        }
    }

    @ParameterizedTest
    @EnumSource(Links.class)
    void moreBytesThanOneWriteHandsOver(Links kind) throws IOException {
        int slice = 256 << 10;
        List<ByteBuffer> buffers = new ArrayList<>();
        for (int size : new int[] {1, slice - 1, slice, 0, slice + 1, 3, 1 << 20, slice / 2, 7}) {
            byte[] bytes = new byte[size];
            new Random(size).nextBytes(bytes);
            buffers.add(ByteBuffer.wrap(bytes));
        }
        assertSends(kind, buffers);
    }

    @ParameterizedTest
    @EnumSource(Links.class)
    void buffersOfEveryKind(Links kind) throws IOException {
        byte[] text = Pieces.bytes("0123456789");
        ByteBuffer direct = ByteBuffer.allocateDirect(10).put(text).position(2).limit(8);
        assertSends(
                kind,
                List.of(
                        ByteBuffer.wrap(text, 3, 4),
                        ByteBuffer.wrap(text).slice(1, 5),
                        ByteBuffer.wrap(text).asReadOnlyBuffer(),
                        ByteBuffer.allocate(0),
                        direct,
                        direct.duplicate().asReadOnlyBuffer(),
                        ByteBuffer.wrap(text).slice(4, 3).slice(1, 2)));
    }

    @Test
    void textIsSentAsUtf8() throws IOException {
        for (String text : List.of("", "plain", "grün €", "😀", "half \uD83D", "\0\r\n")) {
            SocketPair pair = StreamSocket.inMemory(runtime);
            byte[] expected = text.getBytes(StandardCharsets.UTF_8);

            pair.left().send(text);
            pair.left().shutdownSend();

            assertArrayEquals(expected, pair.right().receiveAll(100));
        }
    }

    @Test
    void onlyTheRangeIsSent() throws IOException {
        SocketPair pair = StreamSocket.inMemory(runtime);
        byte[] bytes = Pieces.bytes("abcdef");

        pair.left().send(bytes, 0, 0);
        pair.left().send(bytes, 6, 0);
        pair.left().send(bytes, 2, 3);
        pair.left().send(bytes, 0, 6);
        pair.left().shutdownSend();

        assertEquals("cdeabcdef", Pieces.text(pair.right().receiveAll(100)));
    }

    @Test
    void theOutputStreamSendsEachWriteAtOnce() throws IOException {
        SocketPair pair = StreamSocket.inMemory(runtime);
        OutputStream out = pair.left().outputStream();

        out.write('a');
        assertEquals("a", Pieces.text(pair.right().receive(1)));
        out.write(Pieces.bytes("bcd"), 1, 2);
        assertEquals("cd", Pieces.text(pair.right().receive(2)));
        out.write(0x1FF);
        assertArrayEquals(new byte[] {-1}, pair.right().receive(1));
        out.flush();
        out.close();
        out.write(Pieces.bytes("still open"));
        assertEquals("still open", Pieces.text(pair.right().receive(10)));
    }

    @Test
    void theBytesMayChangeOnceSendHasReturned() throws IOException {
        SocketPair pair = StreamSocket.inMemory(runtime);
        byte[] bytes = Pieces.bytes("one");

        pair.left().send(bytes);
        bytes[0] = 'X';

        assertEquals("one", Pieces.text(pair.right().receive(3)));
    }

    @Test
    void theUnsentRestOfABufferRemainsAfterATimeOut() throws IOException {
        SocketPair pair = StreamSocket.inMemory(runtime);
        pair.left().sendTimeout(Duration.ofMillis(20));
        ByteBuffer sent = ByteBuffer.allocate(1 << 20);

        assertThrows(OperationTimeoutException.class, () -> pair.left().send(sent));

        assertEquals(sent.position(), pair.right().receive(sent.position()).length);
        assertTrue(sent.hasRemaining());
        assertEquals(1 << 20, sent.limit());
    }
}
