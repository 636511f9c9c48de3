package io.cosocket.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.Cosockets;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The rules of RFC 6455 section 5 and 7, frame by frame, as a server and as a client. */
class FrameRulesTest {
    private static final WebSocketOptions OPTIONS = WebSocketOptions.defaults();
    private static final int FIN = Wire.FIN;

    private final Cosockets runtime = Cosockets.create();

    @AfterEach
    void close() {
        runtime.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 125, 126, 127, 128, 255, 256, 65_535, 65_536, 70_001, 1_000_000})
    void echoesEveryLengthOfText(int length) {
        String text = "*".repeat(length);

        EchoRun run = echo(Wire.client().text(text).close(1000, ""));

        assertEquals(List.of("text " + text, "Close[code=1000, reason=]"), run.received());
        assertEquals(2, run.sent().size());
        assertTrue(run.sendEnded() && run.closed());
    }

    @Test
    void answersPingsBetweenFragmentsAtOnceAndIgnoresPongs() {
        EchoRun run =
                echo(
                        Wire.client()
                                .ping("")
                                .frame(Opcode.TEXT, "a")
                                .ping("p".repeat(125))
                                .pong("unasked")
                                .frame(Opcode.CONTINUATION, "b")
                                .frame(FIN | Opcode.CONTINUATION, "")
                                .close());

        assertEquals(List.of("text ab", "Close[code=1005, reason=]"), run.received());
        assertEquals(List.of("128+10[]", "128+10[125 bytes]", "128+1[ab]", "128+8[]"), run.sent());
    }

    @Test
    void refusesEveryReservedOpcode() {
        for (int opcode : new int[] {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
            assertFails(1002, Wire.client().text("x").frame(FIN | opcode, ""));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70})
    void refusesReservedBits(int bits) {
        assertFails(1002, Wire.client().frame(FIN | bits | Opcode.TEXT, "x"));
        assertFails(1002, Wire.client().frame(FIN | bits | Opcode.BINARY, "x"));
        assertFails(1002, Wire.client().frame(FIN | bits | Opcode.PING, "x"));
        assertFails(1002, Wire.client().frame(FIN | bits | Opcode.CLOSE, ""));
        assertFails(
                1002,
                Wire.client().frame(Opcode.TEXT, "x").frame(FIN | bits | Opcode.CONTINUATION, "y"));
    }

    @Test
    void refusesBadFragmentation() {
        assertFails(1002, Wire.client().frame(FIN | Opcode.CONTINUATION, "x"));
        assertFails(1002, Wire.client().frame(Opcode.CONTINUATION, "x"));
        assertFails(1002, Wire.client().frame(Opcode.TEXT, "x").text("y"));
        assertFails(1002, Wire.client().frame(Opcode.TEXT, "x").binary(new byte[1]));
        assertFails(1002, Wire.client().text("x").frame(FIN | Opcode.CONTINUATION, "y"));
    }

    @Test
    void refusesBadControlFrames() {
        for (int opcode : new int[] {Opcode.PING, Opcode.PONG, Opcode.CLOSE}) {
            assertFails(1002, Wire.client().frame(opcode, ""));
            assertFails(1002, Wire.client().frame(FIN | opcode, new byte[126]));
        }
    }

    @Test
    void refusesWrongMasking() {
        assertFails(1002, Wire.client().frame(FIN | Opcode.TEXT, new byte[1], false));

        EchoRun asClient =
                EchoRun.run(
                        runtime,
                        ScriptedTransport.whole(
                                Wire.server().frame(FIN | Opcode.TEXT, new byte[1], true).bytes()),
                        false,
                        OPTIONS,
                        null);
        assertEquals(List.of("failed 1002"), asClient.received());
    }

    @Test
    void refusesLengthsThatAreNotMinimalOrNegative() {
        assertFails(1002, Wire.client().raw(0x82, 0xFE, 0, 125, 1, 2, 3, 4));
        assertFails(1002, Wire.client().raw(0x82, 0xFF, 0, 0, 0, 0, 0, 0, 255, 255, 1, 2, 3, 4));
        assertFails(1002, Wire.client().raw(0x82, 0xFF, 128, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4));
        assertFails(1002, Wire.client().raw(0x82, 0xFF, 128, 0, 0, 0, 0, 0, 0, 0)); // at once
    }

    @Test
    void keepsLimits() {
        WebSocketOptions small = OPTIONS.withLimits(new Limits(200, 300, 4)).withoutDeflate();

        assertFails(1009, small, Wire.client().header(FIN | Opcode.BINARY, 201, true));
        assertFails(
                1009,
                small,
                Wire.client()
                        .frame(Opcode.BINARY, new byte[200])
                        .header(FIN | Opcode.CONTINUATION, 101, true));
        Wire many = Wire.client().frame(Opcode.TEXT, "");
        for (int i = 0; i < 4; i++) {
            many.frame(Opcode.CONTINUATION, "");
        }
        assertFails(1009, small, many);
        assertFails(1009, Wire.client().header(FIN | Opcode.BINARY, Long.MAX_VALUE, true));
    }

    @Test
    void gathersFragmentsUnderTheGreatestLimit() {
        Limits greatest = new Limits(Long.MAX_VALUE, Long.MAX_VALUE, Integer.MAX_VALUE);

        EchoRun run =
                EchoRun.server(
                        runtime,
                        ScriptedTransport.whole(
                                Wire.client()
                                        .frame(Opcode.TEXT, "a")
                                        .frame(Opcode.CONTINUATION, "b".repeat(1000))
                                        .frame(FIN | Opcode.CONTINUATION, "c")
                                        .close()
                                        .bytes()),
                        OPTIONS.withLimits(greatest));

        assertEquals("text a" + "b".repeat(1000) + "c", run.received().getFirst());
    }

    @Test
    void compressedMessagesMayInflateToTheLimitAndNotBeyond() {
        for (int size : new int[] {300, 301, 10_000_000}) {
            MessageDeflater.Compressed part =
                    new MessageDeflater(9, true, 15).deflate(new byte[size], 0, size, 0, true);
            byte[] bytes = Arrays.copyOf(part.bytes(), part.length());
            EchoRun run =
                    EchoRun.run(
                            runtime,
                            ScriptedTransport.whole(
                                    Wire.client()
                                            .frame(FIN | Wire.RSV1 | Opcode.BINARY, bytes)
                                            .close()
                                            .bytes()),
                            true,
                            OPTIONS.withLimits(new Limits(100_000, 300, 4)),
                            new DeflateTerms(true, true, 15, 15));
            boolean fits = size == 300;
            assertEquals(fits ? "128+8[]" : "128+8[1009]", run.sent().getLast());
            assertEquals(!fits, run.received().getLast().equals("failed 1009"));
        }
    }

    @Test
    void everyFrameOfAClientHasAKeyOfItsOwn() throws Exception {
        ScriptedTransport script = ScriptedTransport.whole(new byte[0]);
        WebSocket client = new WebSocket(script.socket(runtime), false, OPTIONS, null, null);
        Set<Integer> keys = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            client.sendText("x");
        }

        ByteBuffer sent = ByteBuffer.wrap(script.output());
        for (int frame = 0; frame < 1000; frame++) {
            keys.add(sent.getInt(7 * frame + 2));
        }
        assertTrue(keys.size() > 990, keys.size() + " different keys");
    }

    @Test
    void failsAtTheFirstBadByteOfText() {
        byte[] bad = {(byte) 0xCE, (byte) 0xBA, (byte) 0xF4, (byte) 0x90, 'x', 'x'};

        // The rest of the frame never comes: the error may not wait for it.
        Wire inFrame = Wire.client().header(FIN | Opcode.TEXT, 100, true);
        byte[] key = {0x37, (byte) 0xFA, 0x21, 0x3D};
        for (int i = 0; i < bad.length; i++) {
            inFrame.raw(bad[i] ^ key[i % 4]);
        }
        assertFails(1007, inFrame);
        assertFails(1007, Wire.client().frame(FIN | Opcode.TEXT, new byte[] {(byte) 0xCE}));
        assertFails(
                1007,
                Wire.client()
                        .frame(Opcode.TEXT, new byte[] {(byte) 0xCE})
                        .frame(FIN | Opcode.CONTINUATION, new byte[0]));
    }

    @Test
    void aCharacterMayBeCutByFragments() {
        byte[] text = "𝄞κόσμε".getBytes(StandardCharsets.UTF_8);
        Wire wire = Wire.client().frame(Opcode.TEXT, "");
        for (byte b : text) {
            wire.frame(Opcode.CONTINUATION, new byte[] {b});
        }

        EchoRun run = echo(wire.frame(FIN | Opcode.CONTINUATION, "").close());

        assertEquals("text 𝄞κόσμε", run.received().getFirst());
    }

    @Test
    void answersEveryCloseCodeThatIsAllowed() {
        for (int code :
                new int[] {
                    1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000,
                    3999, 4000, 4999
                }) {
            EchoRun run = echo(Wire.client().close(code, "grüß dich"));

            assertEquals(List.of("Close[code=" + code + ", reason=grüß dich]"), run.received());
            assertEquals(List.of("128+8[" + code + "]"), run.sent());
            assertTrue(run.sendEnded() && run.closed());
        }
    }

    @Test
    void refusesBadCloseFrames() {
        for (int code :
                new int[] {0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535}) {
            assertFails(1002, Wire.client().close(code, ""));
        }
        assertFails(1002, Wire.client().frame(FIN | Opcode.CLOSE, new byte[] {3}));
        assertFails(1002, Wire.client().frame(FIN | Opcode.CLOSE, new byte[126]));
        assertFails(
                1007,
                Wire.client().frame(FIN | Opcode.CLOSE, new byte[] {3, (byte) 0xE8, (byte) 0xFF}));
        assertFails(
                1007,
                Wire.client().frame(FIN | Opcode.CLOSE, new byte[] {3, (byte) 0xE8, (byte) 0xCE}));
    }

    @Test
    void takesNothingAfterAClose() {
        EchoRun run = echo(Wire.client().close(1000, "").text("late").ping("late"));

        assertEquals(List.of("Close[code=1000, reason=]"), run.received());
        assertEquals(List.of("128+8[1000]"), run.sent());
    }

    @Test
    void aPeerThatGoesWithoutCloseIsAnUnexpectedEnd() {
        assertEquals(List.of("UnexpectedEndException"), echo(Wire.client()).received());
        assertEquals(
                List.of("text a", "UnexpectedEndException"),
                echo(Wire.client().text("a").header(FIN | Opcode.TEXT, 5, true)).received());
    }

    @Test
    void aClientMasksAndSendsTheEndOnlyAfterTheServer() {
        EchoRun run =
                EchoRun.run(
                        runtime,
                        ScriptedTransport.whole(
                                Wire.server()
                                        .text("a")
                                        .binary(new byte[70_000])
                                        .binary(new byte[5000])
                                        .ping("p")
                                        .close(1001, "bye")
                                        .bytes()),
                        false,
                        OPTIONS,
                        null);

        assertEquals(
                List.of(
                        "128+1[a]",
                        "128+2[70000 bytes]",
                        "128+2[5000 bytes]",
                        "128+10[p]",
                        "128+8[1001]"),
                run.sent());
        assertTrue(!run.sendEnded() && run.closed());
    }

    @Test
    void manyTinyFragmentsMakeOneMessage() {
        Wire wire = Wire.client().frame(Opcode.BINARY, "");
        for (int i = 0; i < 50_000; i++) {
            wire.frame(Opcode.CONTINUATION, "*".repeat(i % 3));
        }

        EchoRun run = echo(wire.frame(FIN | Opcode.CONTINUATION, "").close());

        assertEquals(List.of("128+2[49999 bytes]", "128+8[]"), run.sent());
    }

    private EchoRun echo(Wire wire) {
        return EchoRun.server(runtime, ScriptedTransport.whole(wire.bytes()), OPTIONS);
    }

    private void assertFails(int code, Wire wire) {
        assertFails(code, OPTIONS, wire);
    }

    private void assertFails(int code, WebSocketOptions options, Wire wire) {
        EchoRun run = EchoRun.server(runtime, ScriptedTransport.whole(wire.bytes()), options);

        List<String> ends = new ArrayList<>(run.received());
        assertEquals("failed " + code, ends.removeLast());
        assertEquals("128+8[" + code + "]", run.sent().getLast());
        assertTrue(run.sendEnded() && run.closed());
    }
}
