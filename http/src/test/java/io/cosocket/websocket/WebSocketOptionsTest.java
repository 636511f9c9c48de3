package io.cosocket.websocket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

class WebSocketOptionsTest extends OnSocketPair {
    private static final DeflateTerms TERMS = new DeflateTerms(true, true, 15, 15);

    private WebSocket server(WebSocketOptions options) {
        return new WebSocket(pair.left(), true, options, null, TERMS);
    }

    @Test
    void timesOutOfRangeAreRefused() {
        WebSocketOptions options = WebSocketOptions.defaults();
        for (Duration wrong :
                List.of(Duration.ZERO, Duration.ofNanos(-1), Duration.ofDays(36_501))) {
            assertThrows(IllegalArgumentException.class, () -> options.withCloseTimeout(wrong));
            assertThrows(IllegalArgumentException.class, () -> options.withPingInterval(wrong));
        }
    }

    @Test
    void shortMessagesGoUncompressedWhenToldSo() throws IOException {
        DeflateOptions deflate = DeflateOptions.defaults().withLevel(9).withLeastBytes(100);
        WebSocket server = server(WebSocketOptions.defaults().withDeflate(deflate));

        server.sendText("x".repeat(99));
        server.sendText("x".repeat(100));

        List<Wire.Sent> frames = Wire.read(pair.right().receiveAny(1000), false);
        assertEquals(Wire.FIN | Opcode.TEXT, frames.get(0).first());
        assertEquals("x".repeat(99), frames.get(0).text());
        assertEquals(Wire.FIN | Wire.RSV1 | Opcode.TEXT, frames.get(1).first());
    }

    @Test
    void aMessageMayBeAsLargeAsTheLimitAndNoLarger() throws IOException {
        WebSocket server = server(WebSocketOptions.defaults().withMaxMessageBytes(300));
        pair.right().send(Wire.client().binary(new byte[300]).binary(new byte[301]).bytes());

        assertArrayEquals(new byte[300], ((Message.Binary) server.receive()).bytes());
        assertEquals(1009, assertThrows(WebSocketException.class, server::receive).code());
    }

    @Test
    void aMessageMayHaveAsManyFragmentsAsTheLimitAndNoMore() throws IOException {
        Limits limits = Limits.defaults().withFragments(2);
        WebSocket server = server(WebSocketOptions.defaults().withLimits(limits));
        pair.right()
                .send(
                        Wire.client()
                                .frame(Opcode.TEXT, "a")
                                .frame(Wire.FIN | Opcode.CONTINUATION, "b")
                                .frame(Opcode.TEXT, "")
                                .frame(Opcode.CONTINUATION, "")
                                .frame(Opcode.CONTINUATION, "")
                                .bytes());

        assertEquals(new Message.Text("ab"), server.receive());
        assertEquals(1009, assertThrows(WebSocketException.class, server::receive).code());
    }
}
