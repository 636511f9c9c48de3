package io.cosocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * All kinds of reads in random order over random pieces and time-outs, against a model that is just
 * an array and a position: no byte is lost, repeated or made up.
 */
class MixedReadsTest {
    private static final byte[] LINE_END = {'\n'};

    private final Cosockets runtime =
            Cosockets.create(CosocketConfig.defaults().withLogSocketErrors(false));
    private final SocketScope scope = runtime.openScope("mixed");

    private Random random;
    private byte[] data;
    private int at;
    private StreamSocket socket;
    private String trail;

    @AfterEach
    void close() {
        runtime.close();
    }

    @Test
    void mixingReadsLosesAndRepeatsNoByte() throws IOException {
        long seed = System.nanoTime();
        for (int round = 0; round < 2000; round++) {
            runRound(seed + round, 200, 30);
        }
    }

    @Test
    void mixingReadsOverLargePiecesLosesAndRepeatsNoByte() throws IOException {
        long seed = System.nanoTime();
        for (int round = 0; round < 60; round++) {
            runRound(seed + round, 400_000, 90_000);
        }
    }

    private void runRound(long seed, int mostBytes, int mostPiece) throws IOException {
        random = new Random(seed);
        trail = "seed " + seed + ": ";
        at = 0;
        data = new byte[1 + random.nextInt(mostBytes)];
        String letters = "ab-\r\n";
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) letters.charAt(random.nextInt(letters.length()));
        }
        List<byte[]> pieces = new ArrayList<>();
        for (byte[] piece : Pieces.random(data, 1 + random.nextInt(mostPiece), random)) {
            if (random.nextInt(4) == 0) {
                pieces.add(new byte[0]);
            }
            pieces.add(piece);
        }
        socket = Pieces.socket(scope, pieces);
        byte[] wanted =
                Pieces.bytes(List.of("-", "aa", "-a-", "abab", "--ab").get(random.nextInt(5)));
        InputStream[] streams = {
            socket.streamUntil(Delimiter.of(wanted)), socket.streamUntil(Delimiter.of("\r\n"))
        };
        while (at < data.length) {
            step(streams, wanted, 1 + random.nextInt(1 + mostBytes / 8));
        }
        assertEquals(0, socket.peek(1).length, trail);
        assertEquals(0, socket.receiveAll(1).length, trail);
        socket.close();
    }

    private void step(InputStream[] streams, byte[] wanted, int size) throws IOException {
        int operation = random.nextInt(9);
        if (data.length < 500) {
            trail += operation + "(" + size + ")@" + at + " ";
        }
        try {
            switch (operation) {
                case 0 -> taken(socket.receive(size), size, size);
                case 1 -> taken(socket.receiveAny(size), 1, size);
                case 2 -> {
                    ByteBuffer target = ByteBuffer.allocate(size);
                    assertEquals(socket.receive(target), target.position(), trail);
                    taken(Arrays.copyOf(target.array(), target.position()), 1, size);
                }
                case 3 -> {
                    byte[] seen = socket.peek(Math.min(size, 65_536));
                    taken(seen, 1, size);
                    at -= seen.length;
                }
                case 4 -> line(socket.receiveLineBytes(Integer.MAX_VALUE));
                case 5 -> until(wanted, socket.receiveUntil(Delimiter.of(wanted)), false);
                case 6 ->
                        until(wanted, socket.receiveUntil(Delimiter.of(wanted).inclusive()), true);
                case 7 -> limited(wanted, size);
                default -> piece(streams, wanted, size);
            }
        } catch (OperationTimeoutException e) {
            taken(e.partial(), 0, Integer.MAX_VALUE);
        } catch (UnexpectedEndException e) {
            taken(e.partial(), 0, Integer.MAX_VALUE);
            assertEquals(data.length, at, trail);
        }
    }

    private void line(byte[] line) {
        int end = Pieces.indexOf(data, LINE_END, at);
        assertTrue(end >= 0, trail);
        taken(line, 0, end - at);
        if (at < end) {
            assertEquals('\r', data[at], trail);
        }
        assertTrue(end - at <= 1, trail);
        at = end + 1;
    }

    private void until(byte[] wanted, byte[] result, boolean inclusive) {
        int found = Pieces.indexOf(data, wanted, at);
        assertTrue(found >= 0, trail);
        int length = inclusive ? found - at + wanted.length : found - at;
        taken(result, length, length);
        at = found + wanted.length;
    }

    private void limited(byte[] wanted, int limit) throws IOException {
        int found = Pieces.indexOf(data, wanted, at);
        int before =
                found >= 0
                        ? found - at
                        : data.length - at - Pieces.pending(data, at, data.length, wanted);
        try {
            byte[] result = socket.receiveUntil(Delimiter.of(wanted).withLimit(limit));
            assertTrue(found >= 0 && before <= limit, trail);
            until(wanted, result, false);
        } catch (ReceiveLimitException e) {
            assertTrue(before > limit, trail);
            taken(e.partial(), limit, limit);
        }
    }

    /** One read of an incremental stream that other reads may have overtaken. */
    private void piece(InputStream[] streams, byte[] first, int size) throws IOException {
        int which = random.nextInt(2);
        byte[] wanted = which == 0 ? first : Pieces.bytes("\r\n");
        byte[] target = new byte[size];
        int found = Pieces.indexOf(data, wanted, at);
        int count = streams[which].read(target);
        if (count < 0) {
            assertEquals(at, found, trail);
            at += wanted.length;
            streams[which] = socket.streamUntil(Delimiter.of(wanted));
            return;
        }
        taken(Arrays.copyOf(target, count), 1, found < 0 ? size : Math.min(size, found - at));
    }

    /** Notes bytes that a read handed out: they must come next, in the count allowed. */
    private void taken(byte[] bytes, int least, int most) {
        assertTrue(bytes != null && bytes.length >= least && bytes.length <= most, trail);
        assertTrue(at + bytes.length <= data.length, trail);
        assertEquals(
                -1, Arrays.mismatch(bytes, 0, bytes.length, data, at, at + bytes.length), trail);
        at += bytes.length;
    }
}
