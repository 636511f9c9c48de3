package io.cosocket.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * What the sockets rely on in every {@link Transport}. A transport passes when a subclass that
 * gives links over it is green; a module that brings a transport of its own extends this class from
 * core's test jar.
 */
@ExtendWith(OnVirtualThread.class)
public abstract class TransportContract {
    private static final Duration LONG = Duration.ofSeconds(20);

    private Link link;
    private Transport near;
    private Peer peer;

    /** Joins a fresh transport with a far end. */
    protected abstract Link open() throws IOException;

    /** Tells whether the transport sends at all. */
    protected boolean sends() {
        return true;
    }

    /** Tells whether a connection the peer resets gives an error. */
    protected boolean resets() {
        return false;
    }

    @BeforeEach
    final void join() throws IOException {
        link = open();
        near = link.near();
        peer = link.peer();
    }

    @AfterEach
    final void part() {
        link.close();
    }

    @Test
    protected void tryReadGivesZeroWhileNothingIsThere() throws IOException {
        ByteBuffer target = ByteBuffer.allocate(8);

        assertEquals(0, near.tryRead(target));
        assertEquals(0, target.position());
    }

    @Test
    protected void readsWhatThePeerSends() throws IOException {
        peer.send(bytes("hello"));

        assertEquals("hello", text(read(5)));
        assertEquals(0, near.tryRead(ByteBuffer.allocate(8)));
    }

    @Test
    protected void readsIntoTheMiddleOfABufferAndNoFurther() throws IOException {
        ByteBuffer target = ByteBuffer.wrap(bytes("<......>")).position(1).limit(4);
        peer.send(bytes("hello"));

        assertTrue(near.awaitReadable(Deadline.after(LONG)));
        while (target.hasRemaining()) {
            near.tryRead(target);
        }

        assertEquals("<hel...>", text(target.array()));
        assertEquals("lo", text(read(2)));
    }

    @Test
    protected void theEndComesAfterTheLastByteAndStays() throws IOException {
        peer.send(bytes("bye"));
        peer.endSending();

        assertEquals("bye", text(read(3)));
        assertEquals(-1, readAny(ByteBuffer.allocate(8)));
        assertEquals(-1, near.tryRead(ByteBuffer.allocate(8)));
        assertTrue(near.awaitReadable(Deadline.after(LONG)), "the end is ready to be read");
    }

    @Test
    protected void awaitReturnsWhenBytesCome() throws IOException {
        ByteBuffer target = ByteBuffer.allocate(8);
        Pending<Integer> reading = Pending.parked(() -> readAny(target));

        peer.send(bytes("x"));

        assertEquals(1, reading.get());
        assertEquals('x', target.get(0));
    }

    @Test
    protected void awaitReturnsWhenTheStreamEnds() throws IOException {
        Pending<Integer> reading = Pending.parked(() -> readAny(ByteBuffer.allocate(1)));

        peer.endSending();

        assertEquals(-1, reading.get());
    }

    @Test
    protected void awaitIsNeverCutShortByItsOwnDeadline() throws IOException {
        for (int millis : new int[] {1, 20, 99, 130}) {
            Duration limit = Duration.ofMillis(millis);
            long before = System.nanoTime();
            Deadline deadline = Deadline.after(limit);

            while (near.awaitReadable(deadline)) {
                assertEquals(0, near.tryRead(ByteBuffer.allocate(1)));
            }

            assertTrue(System.nanoTime() - before >= limit.toNanos(), () -> "early with " + limit);
        }
    }

    @Test
    protected void cancelWakesTheReaderAndEveryLaterOne() throws IOException {
        AtomicBoolean cancelled = new AtomicBoolean();
        Deadline deadline = Deadline.after(LONG);
        Pending<Boolean> waiting = Pending.parked(() -> awaitUntil(cancelled::get, deadline));

        cancelled.set(true);
        near.cancel();

        assertTrue(waiting.get());
        assertTrue(near.awaitReadable(deadline));
        assertFalse(deadline.expired());
    }

    @Test
    protected void cancelBeforeTheFirstWaitCounts() throws IOException {
        Deadline deadline = Deadline.after(LONG);

        near.cancel();

        assertTrue(near.awaitReadable(deadline));
        assertFalse(deadline.expired());
    }

    @Test
    protected void interruptWakesTheReaderAndStaysSet() {
        Deadline deadline = Deadline.after(LONG);
        Pending<Boolean> waiting =
                Pending.parked(
                        () -> awaitUntil(() -> Thread.currentThread().isInterrupted(), deadline));

        waiting.thread().interrupt();

        assertTrue(waiting.get());
        assertFalse(deadline.expired());
    }

    @Test
    protected void writesGatheredBuffersInOrder() throws IOException {
        assumeTrue(sends());
        ByteBuffer[] buffers = {
            ByteBuffer.wrap(bytes("not this")),
            ByteBuffer.wrap(bytes("one ")),
            ByteBuffer.allocate(0),
            ByteBuffer.wrap(bytes("<two >")).position(1).limit(5),
            ByteBuffer.allocateDirect(5).put(bytes("three")).flip(),
            ByteBuffer.wrap(bytes("nor this"))
        };

        assertTrue(near.write(buffers, 1, 4, Deadline.ofInactivity(LONG)));

        assertEquals("one two three", text(peer.receive(13)));
        for (int i = 1; i < 5; i++) {
            assertFalse(buffers[i].hasRemaining());
        }
        assertEquals(8, buffers[0].remaining());
        assertEquals(8, buffers[5].remaining());
    }

    @Test
    protected void writesMoreThanTheWayHoldsWhileThePeerReads() throws IOException {
        assumeTrue(sends());
        byte[] sent = random(5 << 20);
        ByteBuffer[] one = {ByteBuffer.wrap(sent)};
        Pending<Boolean> writing =
                Pending.parked(() -> near.write(one, 0, 1, Deadline.ofInactivity(LONG)));

        byte[] got = peer.receive(sent.length);

        assertTrue(writing.get());
        assertArrayEquals(sent, got);
    }

    @Test
    protected void readsAndWritesAtTheSameTime() throws IOException {
        assumeTrue(sends());
        byte[] there = random(1 << 20);
        byte[] back = random(1 << 20);
        ByteBuffer[] one = {ByteBuffer.wrap(there)};
        Pending<Boolean> writing =
                Pending.start(() -> near.write(one, 0, 1, Deadline.ofInactivity(LONG)));
        Pending<byte[]> reading = Pending.start(() -> read(back.length));
        Pending<byte[]> peerReading = Pending.start(() -> peer.receive(there.length));

        peer.send(back);

        assertArrayEquals(there, peerReading.get());
        assertArrayEquals(back, reading.get());
        assertTrue(writing.get());
    }

    @Test
    protected void writeGivesUpWhenThePeerTakesNothing() throws IOException {
        assumeTrue(sends());
        long before = System.nanoTime();
        Duration limit = Duration.ofMillis(120);

        assertFalse(near.write(endless(), 0, 1, Deadline.ofInactivity(limit)));
        assertTrue(System.nanoTime() - before >= limit.toNanos());
    }

    @Test
    protected void writeStartsItsTimeAnewWithEachProgress() throws IOException {
        assumeTrue(sends());
        Duration limit = Duration.ofSeconds(1);
        Deadline deadline = Deadline.ofInactivity(limit);
        deadline.start();
        Pending<Boolean> writing = Pending.parked(() -> near.write(endless(), 0, 1, deadline));
        long started = System.nanoTime();

        while (System.nanoTime() - started < limit.toNanos() * 3 / 2) {
            peer.receive(4 << 20);
            LockSupport.parkNanos(limit.toNanos() / 5);
        }

        assertFalse(writing.isDone());
        assertFalse(writing.get());
    }

    @Test
    protected void cancelWakesTheWriter() throws IOException {
        assumeTrue(sends());
        Deadline deadline = Deadline.ofInactivity(LONG);
        Pending<Boolean> writing = Pending.parked(() -> near.write(endless(), 0, 1, deadline));

        near.cancel();

        assertFalse(writing.get());
        assertFalse(deadline.expired());
    }

    @Test
    protected void interruptWakesTheWriter() throws IOException {
        assumeTrue(sends());
        Deadline deadline = Deadline.ofInactivity(LONG);
        Pending<Boolean> writing = Pending.parked(() -> near.write(endless(), 0, 1, deadline));

        writing.thread().interrupt();

        assertFalse(writing.get());
        assertFalse(deadline.expired());
    }

    @Test
    protected void writesAfterTheStreamFromThePeerHasEnded() throws IOException {
        assumeTrue(sends());
        ByteBuffer[] one = {ByteBuffer.wrap(bytes("late"))};
        peer.endSending();
        assertEquals(-1, readAny(ByteBuffer.allocate(1)));

        assertTrue(near.write(one, 0, 1, Deadline.ofInactivity(LONG)));

        assertEquals("late", text(peer.receive(4)));
    }

    @Test
    protected void readsAfterItsOwnSideHasEnded() throws IOException {
        assumeTrue(sends());

        near.shutdownSend();

        assertTrue(peer.atEnd());
        peer.send(bytes("answer"));
        assertEquals("answer", text(read(6)));
    }

    @Test
    protected void aWriteToAPeerThatIsGoneFails() {
        assumeTrue(sends());
        peer.close();

        assertThrows(
                IOException.class,
                () -> {
                    while (near.write(endless(), 0, 1, Deadline.ofInactivity(LONG))) {
                        near.tryRead(ByteBuffer.allocate(1));
                    }
                });
    }

    @Test
    protected void aResetIsAnErrorAndWakesTheReader() throws IOException {
        assumeTrue(resets());
        Pending<Integer> reading = Pending.parked(() -> readAny(ByteBuffer.allocate(1)));

        peer.reset();

        reading.failure(IOException.class);
        assertThrows(IOException.class, () -> near.write(endless(), 0, 1, Deadline.after(LONG)));
    }

    @Test
    protected void closeShowsThePeerTheEndAndMayBeRepeated() throws IOException {
        assumeTrue(sends());
        near.cancel();
        near.close();
        near.close();

        assertTrue(peer.atEnd());
    }

    @Test
    protected void namesItselfEvenAfterClose() {
        String kind = near.kind();
        String local = near.localAddress().toString();
        String remote = near.remoteAddress().toString();

        near.cancel();
        near.close();

        assertFalse(kind.isBlank());
        assertEquals(kind, near.kind());
        assertEquals(local, near.localAddress().toString());
        assertEquals(remote, near.remoteAddress().toString());
    }

    private byte[] read(int count) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(count);
        while (target.hasRemaining()) {
            assertTrue(readAny(target) > 0, "the stream ended early");
        }
        return target.array();
    }

    private int readAny(ByteBuffer target) throws IOException {
        Deadline deadline = Deadline.after(LONG);
        int count;
        while ((count = near.tryRead(target)) == 0) {
            assertTrue(near.awaitReadable(deadline), "nothing came");
        }
        return count;
    }

    /** Waits as the sockets do: a wait may end early, so the condition is looked at again. */
    private boolean awaitUntil(BooleanSupplier condition, Deadline deadline) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(1);
        while (!condition.getAsBoolean()) {
            assertEquals(0, near.tryRead(target));
            assertTrue(near.awaitReadable(deadline), "the wait was not ended");
        }
        return true;
    }

    /** More than any kernel keeps for a peer that does not read. */
    private static ByteBuffer[] endless() {
        return new ByteBuffer[] {ByteBuffer.allocate(64 << 20)};
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
