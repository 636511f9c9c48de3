package io.cosocket.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cosocket.Cosockets;
import io.cosocket.OperationTimeoutException;
import io.cosocket.Timeouts;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;

/** However a conversation is cut into pieces, and wherever it stalls, the result is the same. */
class TortureTest {
    private static final WebSocketOptions OPTIONS =
            WebSocketOptions.defaults().withTimeouts(Timeouts.of(Duration.ofSeconds(5)));
    private static final DeflateTerms TERMS = new DeflateTerms(true, true, 15, 15);

    private final Cosockets runtime = Cosockets.create();

    @AfterEach
    void close() {
        runtime.close();
    }

    record Talk(String name, byte[] bytes, boolean compressed) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Talk> talks() {
        byte[] text = "Grüße, κόσμε, 𝄞 und 世界".getBytes(StandardCharsets.UTF_8);
        byte[] medium = new byte[300];
        new Random(7).nextBytes(medium);
        Wire fragments = Wire.client().frame(Opcode.TEXT, new byte[0]);
        for (byte b : text) {
            fragments.frame(Opcode.CONTINUATION, new byte[] {b}).ping("" + b);
        }
        fragments.frame(Wire.FIN | Opcode.CONTINUATION, "").close(4000, "ü");
        Wire badText = Wire.client().text("ok").frame(Opcode.TEXT, text);
        badText.frame(Opcode.CONTINUATION, new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80});
        return Stream.of(
                talk("small", Wire.client().text("Hello").ping("p").binary(text).close()),
                talk("medium", Wire.client().binary(medium).text("x".repeat(130)).close()),
                talk("fragments", fragments),
                talk("bad text", badText),
                talk("bad opcode", Wire.client().text("a").frame(0x83, "b")),
                talk("bad close", Wire.client().text("a").close(1005, "")),
                talk("cut off", Wire.client().text("a").header(0x81, 9, true).raw(1, 2, 3)),
                new Talk("deflate", deflated(text, medium), true));
    }

    private static byte[] deflated(byte[] text, byte[] medium) {
        MessageDeflater deflater = new MessageDeflater(-1, true, 15);
        Wire wire = Wire.client();
        for (int round = 0; round < 3; round++) {
            wire.frame(Wire.FIN | Wire.RSV1 | Opcode.TEXT, part(deflater, text, 0, true));
            wire.frame(Wire.RSV1 | Opcode.BINARY, part(deflater, medium, 200, false)).ping("p");
            wire.frame(Wire.FIN | Opcode.CONTINUATION, part(deflater, medium, 0, true));
            wire.text("plain");
        }
        return wire.close(1000, "").bytes();
    }

    private static byte[] part(MessageDeflater deflater, byte[] bytes, int from, boolean last) {
        MessageDeflater.Compressed part =
                deflater.deflate(bytes, from, bytes.length - from, 0, last);
        return java.util.Arrays.copyOf(part.bytes(), part.length());
    }

    private static Talk talk(String name, Wire wire) {
        return new Talk(name, wire.bytes(), false);
    }

    @ParameterizedTest
    @MethodSource("talks")
    void cutAtEveryByte(Talk talk) {
        EchoRun whole = run(talk, ScriptedTransport.whole(talk.bytes()));

        for (int cut = 1; cut < talk.bytes().length; cut++) {
            int before = cut;
            assertEquals(whole, run(talk, new ScriptedTransport(talk.bytes(), i -> i == before)));
        }
    }

    @ParameterizedTest
    @MethodSource("talks")
    void oneByteAtATime(Talk talk) {
        EchoRun whole = run(talk, ScriptedTransport.whole(talk.bytes()));

        assertEquals(whole, run(talk, new ScriptedTransport(talk.bytes(), i -> true)));
        for (int size = 2; size < 20; size++) {
            int every = size;
            assertEquals(
                    whole, run(talk, new ScriptedTransport(talk.bytes(), i -> i % every == 0)));
        }
    }

    @ParameterizedTest
    @MethodSource("talks")
    void aTimeoutBeforeAnyByteLosesNothing(Talk talk) {
        EchoRun whole = run(talk, ScriptedTransport.whole(talk.bytes()));

        int timeouts = 0;
        for (int stall = 0; stall < talk.bytes().length; stall++) {
            EchoRun run = run(talk, ScriptedTransport.whole(talk.bytes()).stallBefore(stall));
            List<String> received = new ArrayList<>(run.received());
            timeouts += received.remove("timeout") ? 1 : 0;
            assertEquals(whole.received(), received, "stalled before " + stall);
            assertEquals(whole.sent(), run.sent(), "stalled before " + stall);
        }
        assertEquals(true, timeouts > talk.bytes().length / 3);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anotherWayOfReadingGoesOnWhereATimeoutStopped(boolean streams) throws Exception {
        byte[] wire =
                Wire.client()
                        .frame(Opcode.TEXT, "Grü")
                        .frame(Opcode.CONTINUATION, "ße, κόσ")
                        .frame(Wire.FIN, "με")
                        .text("next")
                        .bytes();

        for (int stall = 1; stall < wire.length; stall++) {
            ScriptedTransport script = ScriptedTransport.whole(wire).stallBefore(stall);
            WebSocket server = new WebSocket(script.socket(runtime), true, OPTIONS, null, null);
            List<String> received = new ArrayList<>();
            while (!received.contains("timeout")) {
                try {
                    received.add(server.receive() instanceof Message.Text m ? m.text() : "?");
                } catch (OperationTimeoutException e) {
                    received.add("timeout");
                }
            }
            for (int rest = 3 - received.size(); rest > 0; rest--) {
                received.add(streams ? nextStream(server) : nextFrames(server));
            }
            received.remove("timeout");
            assertEquals(List.of("Grüße, κόσμε", "next"), received, "stalled before " + stall);
        }
    }

    private static String nextStream(WebSocket webSocket) throws IOException {
        MessageStream stream = Objects.requireNonNull(webSocket.receiveStream());
        return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }

    private static String nextFrames(WebSocket webSocket) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        Frame.Kind expected = Frame.Kind.TEXT;
        for (boolean last = false; !last; ) {
            Frame frame = Objects.requireNonNull(webSocket.receiveFrame());
            assertEquals(expected, frame.kind());
            all.writeBytes(frame.payload());
            expected = Frame.Kind.CONTINUATION;
            last = frame.last();
        }
        return all.toString(StandardCharsets.UTF_8);
    }

    private EchoRun run(Talk talk, ScriptedTransport script) {
        return EchoRun.run(runtime, script, true, OPTIONS, talk.compressed() ? TERMS : null);
    }
}
