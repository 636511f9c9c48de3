package io.cosocket.websocket;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.cosocket.OperationTimeoutException;
import io.cosocket.SocketClosedException;
import io.cosocket.SocketClosedException.ClosedBy;
import io.cosocket.SocketPair;
import io.cosocket.StreamSocket;
import io.cosocket.UnexpectedEndException;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

import java.io.IOException;
import java.io.OutputStream;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;

/** One reader, one writer, and closes from anywhere. */
class ConcurrencyTest extends OnSocketPair {
    private static final DeflateTerms TERMS = new DeflateTerms(true, true, 15, 15);
    private static final WebSocketOptions OPTIONS =
            WebSocketOptions.defaults().withCloseTimeout(Duration.ofSeconds(10));

    private WebSocket server(WebSocketOptions options) {
        return new WebSocket(pair.left(), true, options, null, null);
    }

    private WebSocket client(WebSocketOptions options) {
        return new WebSocket(pair.right(), false, options, null, null);
    }

    private static <T> FutureTask<T> start(Callable<T> task) {
        FutureTask<T> future = new FutureTask<>(task);
        Thread.startVirtualThread(future);
        return future;
    }

    private static void awaitParked(Thread thread) {
        await().until(
                        () ->
                                thread.getState() == Thread.State.WAITING
                                        || thread.getState() == Thread.State.TIMED_WAITING);
    }

    @Test
    void pongsOfTheReaderFallBetweenTheFramesOfTheWriter() throws Exception {
        WebSocket server = server(OPTIONS);
        byte[] large = new byte[300_000];
        FutureTask<Integer> reader =
                start(
                        () -> {
                            int messages = 0;
                            while (server.receive() instanceof Message.Text) {
                                messages++;
                            }
                            return messages;
                        });
        FutureTask<?> writer =
                start(
                        () -> {
                            for (int i = 0; i < 50; i++) {
                                server.sendBinary(large);
                                server.sendBinary(new byte[i]);
                            }
                            return null;
                        });

        // The writer fills the pipe and stands in the middle of a frame while pings come in.
        FutureTask<List<Message>> peer = start(() -> readAll(100));
        StreamSocket raw = pair.right();
        for (int i = 0; i < 500; i++) {
            raw.send(Wire.client().text("t").ping("" + i).bytes());
        }
        writer.get(20, SECONDS);
        assertEquals(100, peer.get(20, SECONDS).size());
        raw.send(Wire.client().close(1000, "").bytes());
        raw.shutdownSend();
        assertEquals(500, reader.get(20, SECONDS));
    }

    @Test
    void aPingThatWaitsForTheWriterEndsWithItsThread() throws Exception {
        WebSocket server = server(OPTIONS);
        byte[] large = new byte[300_000];
        FutureTask<?> writer =
                start(
                        () -> {
                            server.sendBinary(large);
                            return null;
                        });
        await().until(() -> pair.right().peek(1).length == 1);
        FutureTask<SocketClosedException> pings =
                new FutureTask<>(
                        () ->
                                assertThrows(
                                        SocketClosedException.class,
                                        () -> server.sendPing(new byte[1])));
        Thread pinger = Thread.startVirtualThread(pings);
        awaitParked(pinger);

        pinger.interrupt();

        assertEquals(ClosedBy.INTERRUPTED, pings.get(20, SECONDS).closedBy());
        assertTrue(server.isOpen());
        assertEquals(1, readAll(1).size());
        writer.get(20, SECONDS);
    }

    /** Reads data frames with a reader that fails when frames are mixed up. */
    private List<Message> readAll(int count) throws IOException {
        FrameReader frames = new FrameReader(pair.right(), false, false, OPTIONS, () -> {});
        MessageReader messages =
                new MessageReader(frames, (code, bytes) -> true, Limits.defaults(), true);
        List<Message> all = new ArrayList<>();
        while (all.size() < count) {
            assertTrue(messages.begin() && messages.gather());
            all.add(new Message.Binary(messages.takeBytes()));
        }
        return all;
    }

    @Test
    void aPongWaitsForAStuckWriterAndTheReaderDoesNot() throws Exception {
        WebSocket server = server(OPTIONS);
        Thread writer =
                Thread.startVirtualThread(
                        () -> {
                            try {
                                server.sendBinary(new byte[1 << 20]);
                            } catch (IOException e) {
                                throw new AssertionError(e);
                            }
                        });
        awaitParked(writer);

        pair.right()
                .send(Wire.client().ping("1").ping("2").text("after").ping("3").text("b").bytes());
        assertEquals(new Message.Text("after"), server.receive());
        assertEquals(new Message.Text("b"), server.receive());

        byte[] all = pair.right().receive((1 << 20) + 10 + 3);
        List<Wire.Sent> sent = Wire.read(all, false);
        assertEquals(
                List.of("128+2[1048576 bytes]", "128+10[3]"),
                sent.stream().map(Wire.Sent::toString).toList());
    }

    @Test
    void aSecondReaderOrWriterIsRefusedAndDisturbsNothing() throws Exception {
        WebSocket server = server(OPTIONS);
        FutureTask<Message> reader = new FutureTask<>(server::receive);
        Thread readerThread = Thread.startVirtualThread(reader);
        awaitParked(readerThread);
        assertThrows(IllegalStateException.class, server::receive);

        FutureTask<?> writer =
                new FutureTask<>(
                        () -> {
                            server.sendBinary(new byte[1 << 20]);
                            return null;
                        });
        awaitParked(Thread.startVirtualThread(writer));
        assertThrows(IllegalStateException.class, () -> server.sendText("x"));

        pair.right().send(Wire.client().text("undisturbed").bytes());
        assertEquals(new Message.Text("undisturbed"), reader.get(10, SECONDS));
        pair.right().receive((1 << 20) + 10);
        writer.get(10, SECONDS);
        server.sendText("again");
    }

    @Test
    void aThreadOfAnotherRunIsRefusedAndDisturbsNothing() throws Exception {
        CompletableFuture<SocketPair> owned = new CompletableFuture<>();
        CountDownLatch over = new CountDownLatch(1);
        Thread.startVirtualThread(
                () ->
                        run(
                                "owner",
                                () -> {
                                    owned.complete(StreamSocket.inMemory(runtime));
                                    over.await();
                                }));
        try {
            refusesAnotherRun(owned.get(10, SECONDS));
        } finally {
            over.countDown();
        }
    }

    private void refusesAnotherRun(SocketPair pair) throws Exception {
        WebSocket server = new WebSocket(pair.left(), true, OPTIONS, null, TERMS);
        WebSocket client = new WebSocket(pair.right(), false, OPTIONS, null, TERMS);
        server.sendText("first");

        run(
                "another",
                () -> {
                    assertThrows(IllegalStateException.class, () -> server.sendText("foreign"));
                    assertThrows(IllegalStateException.class, () -> server.sendPing(new byte[0]));
                    assertThrows(IllegalStateException.class, server::receive);
                });
        server.sendText("first");

        assertEquals(new Message.Text("first"), client.receive());
        assertEquals(new Message.Text("first"), client.receive());
        run("another", () -> assertFalse(server.close(1000, "")));
        assertFalse(server.isOpen());
        assertThrows(UnexpectedEndException.class, client::receive);
    }

    /** Runs as a handler or timer of that name does. */
    private void run(String name, Executable task) {
        try {
            runtime.openScope(name)
                    .run(
                            scope -> {
                                try {
                                    task.execute();
                                } catch (Throwable e) {
                                    throw new AssertionError(e);
                                }
                            });
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aBadReceiveTimeoutChangesNothing() {
        WebSocket server = server(OPTIONS.withPingInterval(Duration.ofSeconds(1)));
        Duration before = server.receiveTimeout();

        assertThrows(IllegalArgumentException.class, () -> server.receiveTimeout(Duration.ZERO));

        assertEquals(before, server.receiveTimeout());
    }

    @Test
    void fragmentsOfOtherMessagesAreRefused() throws Exception {
        WebSocket server = server(OPTIONS);
        server.sendText("a", false);

        assertThrows(IllegalStateException.class, () -> server.sendBinary(new byte[1]));
        server.sendPing(new byte[0]);
        server.sendText("b", true);
        server.sendBinary(new byte[1]);

        byte[] wire = pair.right().receive(3 + 2 + 3 + 3);
        assertEquals(
                List.of("0+1[a]", "128+9[]", "128+0[b]", "128+2[\0]"),
                Wire.read(wire, false).stream().map(Wire.Sent::toString).toList());
    }

    @Test
    void bothSidesTalkCompressedInFragments() throws Exception {
        WebSocket server = new WebSocket(pair.left(), true, OPTIONS, null, TERMS);
        WebSocket client = new WebSocket(pair.right(), false, OPTIONS, null, TERMS);
        FutureTask<?> echo =
                start(
                        () -> {
                            for (Message m; (m = server.receive()) instanceof Message.Text text; ) {
                                try (Writer writer = server.textWriter()) {
                                    writer.write(text.text());
                                }
                            }
                            return null;
                        });

        for (int round = 0; round < 20; round++) {
            String text = "κόσμε 𝄞 ".repeat(round * round * 10);
            for (String part : text.split("(?<= )")) {
                client.sendText(part, false);
            }
            client.sendText(ByteBuffer.allocateDirect(0));
            assertEquals(new Message.Text(text), client.receive());
        }
        assertTrue(client.close(1000, "bye"));
        echo.get(10, SECONDS);
    }

    @Test
    void bothCloseAtTheSameTime() throws Exception {
        WebSocket server = server(OPTIONS);
        WebSocket client = client(OPTIONS);

        FutureTask<Boolean> one = start(() -> server.close(1001, "server"));
        FutureTask<Boolean> other = start(() -> client.close(1000, "client"));

        assertTrue(one.get(10, SECONDS));
        assertTrue(other.get(10, SECONDS));
        assertFalse(server.isOpen() || client.isOpen());
    }

    @Test
    void closeEndsAReceiveOfAnotherThread() throws Exception {
        WebSocket server = server(OPTIONS);
        WebSocket client = client(OPTIONS);
        FutureTask<Message> clientReader = new FutureTask<>(client::receive);
        awaitParked(Thread.startVirtualThread(clientReader));
        FutureTask<Message> serverReader = start(server::receive);

        assertTrue(client.close(4000, "over"));

        assertEquals(new Message.Close(4000, ""), clientReader.get(10, SECONDS));
        assertEquals(new Message.Close(4000, "over"), serverReader.get(10, SECONDS));
        assertNull(client.receive());
        assertNull(server.receive());
        assertThrows(SocketClosedException.class, () -> server.sendText("late"));
        assertThrows(SocketClosedException.class, () -> client.sendPing(new byte[0]));
    }

    @Test
    void closeDropsMessagesThatComeBeforeThePeersClose() throws Exception {
        WebSocket server = server(OPTIONS);
        StreamSocket raw = pair.right();
        FutureTask<Boolean> closing = start(() -> server.close(1000, ""));
        assertEquals(
                List.of("128+8[1000]"),
                Wire.read(raw.receive(4), false).stream().map(Wire.Sent::toString).toList());

        raw.send(Wire.client().text("dropped").ping("no pong").frame(Opcode.TEXT, "a").bytes());
        raw.send(Wire.client().close(1000, "").bytes());
        raw.shutdownSend();

        assertTrue(closing.get(10, SECONDS));
        assertEquals(0, raw.receiveAll(100).length);
    }

    @Test
    void closeGivesUpOnAPeerThatSaysNothing() throws Exception {
        WebSocket server = server(OPTIONS.withCloseTimeout(Duration.ofMillis(50)));

        assertFalse(server.close(1000, ""));
        assertFalse(server.isOpen());
        assertThrows(SocketClosedException.class, server::receive);
    }

    @Test
    void closeGivesUpOnAPeerThatNeverStopsTalking() throws Exception {
        WebSocket server = server(OPTIONS.withCloseTimeout(Duration.ofMillis(100)));
        Thread talker =
                Thread.startVirtualThread(
                        () -> {
                            try {
                                while (true) {
                                    pair.right().send(Wire.client().ping("x").bytes());
                                }
                            } catch (IOException e) {
                                // Closed, at last.
                            }
                        });

        assertFalse(server.close(1000, ""));
        assertTrue(talker.join(Duration.ofSeconds(10)));
    }

    @Test
    void closeGivesUpOnAPeerThatTakesNothing() throws Exception {
        WebSocket server = server(OPTIONS.withCloseTimeout(Duration.ofMillis(50)));
        pair.left().send(new byte[1 << 16]);

        assertFalse(server.close(1000, ""));
        assertFalse(server.isOpen());
    }

    @Test
    void closeWaitsForTheFrameThatIsBeingSent() throws Exception {
        WebSocket server = server(OPTIONS);
        FutureTask<?> writer =
                new FutureTask<>(
                        () -> {
                            server.sendBinary(new byte[1 << 20]);
                            return null;
                        });
        awaitParked(Thread.startVirtualThread(writer));
        FutureTask<Boolean> closing = start(() -> server.close(1000, "later"));

        WebSocket client = client(OPTIONS);
        assertInstanceOf(Message.Binary.class, client.receive());
        assertEquals(new Message.Close(1000, "later"), client.receive());
        assertTrue(closing.get(10, SECONDS));
        writer.get(10, SECONDS);
    }

    @Test
    void aSilentPeerIsPingedAndAnAnswerKeepsTheConnection() throws Exception {
        WebSocket server = server(OPTIONS.withPingInterval(Duration.ofMillis(100)));
        server.receiveTimeout(Duration.ofSeconds(1));
        StreamSocket raw = pair.right();
        FutureTask<Message> reader = start(server::receive);

        for (int i = 0; i < 15; i++) {
            assertArrayEquals(new byte[] {(byte) 0x89, 0}, raw.receive(2));
            raw.send(Wire.client().pong("").bytes());
        }
        raw.send(Wire.client().text("still here").bytes());
        assertEquals(new Message.Text("still here"), reader.get(10, SECONDS));

        OperationTimeoutException silence =
                assertThrows(OperationTimeoutException.class, server::receive);
        assertTrue(silence.limit().compareTo(server.receiveTimeout()) >= 0, silence.getMessage());
    }

    @Test
    void receivesFrameByFrame() throws Exception {
        WebSocket server = server(OPTIONS);
        StreamSocket raw = pair.right();
        raw.send(
                Wire.client()
                        .frame(Opcode.TEXT, "Gr")
                        .ping("p")
                        .frame(Opcode.CONTINUATION, new byte[] {(byte) 0xC3})
                        .frame(Wire.FIN, new byte[] {(byte) 0xBC})
                        .frame(Opcode.BINARY, "skipped")
                        .frame(Wire.FIN, "too")
                        .text("whole")
                        .close(1000, "bye")
                        .bytes());
        raw.shutdownSend();

        assertEquals(new Frame(Frame.Kind.TEXT, "Gr".getBytes(), false), server.receiveFrame());
        assertEquals(new Frame(Frame.Kind.PING, "p".getBytes(), true), server.receiveFrame());
        assertEquals(
                new Frame(Frame.Kind.CONTINUATION, new byte[] {(byte) 0xC3}, false),
                server.receiveFrame());
        assertEquals(
                new Frame(Frame.Kind.CONTINUATION, new byte[] {(byte) 0xBC}, true),
                server.receiveFrame());
        assertEquals(
                new Frame(Frame.Kind.BINARY, "skipped".getBytes(), false), server.receiveFrame());
        assertEquals(new Message.Text("whole"), server.receive());
        Frame close = server.receiveFrame();
        assertEquals(Frame.Kind.CLOSE, close == null ? null : close.kind());
        assertNull(server.receiveFrame());
        assertNull(server.receive());
        assertEquals(new Message.Close(1000, "bye"), server.peerClose());
    }

    @Test
    void aStreamThatIsLeftEarlyIsSkipped() throws Exception {
        WebSocket server = server(OPTIONS);
        pair.right()
                .send(
                        Wire.client()
                                .frame(Opcode.TEXT, "abc")
                                .frame(Wire.FIN, "def")
                                .text("next")
                                .frame(Opcode.TEXT, "cut")
                                .close()
                                .bytes());
        pair.right().shutdownSend();

        @Nullable MessageStream first = server.receiveStream();
        assertEquals('a', first == null ? -1 : first.read());
        assertEquals(new Message.Text("next"), server.receive());
        assertThrows(IOException.class, first::read);

        MessageStream cut = server.receiveStream();
        assertThrows(UnexpectedEndException.class, cut::readAllBytes);
        assertNull(server.receiveStream());
    }

    @Test
    void halfASurrogatePairIsNeverSent() throws Exception {
        WebSocket server = server(OPTIONS);

        assertThrows(IllegalArgumentException.class, () -> server.sendText("a\uD834"));
        assertThrows(
                IllegalArgumentException.class, () -> server.sendText("\uDD1E\uD834 long text?"));
        assertThrows(
                IllegalArgumentException.class,
                () -> server.sendText(ByteBuffer.wrap(new byte[] {(byte) 0xC3})));
        assertThrows(IllegalArgumentException.class, () -> server.close(1005, ""));
        assertThrows(IllegalArgumentException.class, () -> server.close(1000, "x".repeat(124)));
        server.sendText("?? 𝄞");
        assertEquals("?? 𝄞", Wire.read(pair.right().receive(2 + 7), false).getFirst().text());

        Writer writer = server.textWriter();
        assertThrows(
                CharacterCodingException.class,
                () -> {
                    writer.write("?\uD834?");
                    writer.flush();
                });
        writer.close();
        assertEquals("?", Wire.read(pair.right().receive(2 + 1), false).getFirst().text());
    }

    @Test
    void flushingAClosedStreamBeginsNoOtherMessage() throws Exception {
        WebSocket server = server(OPTIONS);
        OutputStream stream = server.binaryStream();
        stream.write('a');
        stream.close();
        stream.flush();
        stream.close();
        server.sendText("b");

        List<Wire.Sent> sent = Wire.read(pair.right().receive(2 * (2 + 1)), false);
        assertEquals("[128+2[a], 128+1[b]]", sent.toString());
    }
}
