package io.cosocket.it.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cosocket.it.support.CosocketJar;
import io.cosocket.it.support.RawClient;
import io.cosocket.it.support.RunningServer;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;

class RawTakeOverTest {
    private static RunningServer server;

    @BeforeAll
    static void start() throws IOException {
        server = CosocketJar.onThisJava().serve(CosocketJar.example("RawEcho"));
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @Test
    void bodyAndPipelinedBytesSentWithTheHeadReachTheRawSocket() throws Exception {
        try (RawClient client = new RawClient(server.port())) {
            client.send(
                    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"
                            + "body\n"
                            + "GET / HTTP/1.1\n"
                            + "last\n");
            client.shutdownOutput();

            assertEquals("HTTP/1.1 101 Switching Protocols", client.head());
            assertEquals("body\nGET / HTTP/1.1\nlast\n", client.rest());
        }
    }

    @Test
    void chunkFramingIsSeenAsItWasSent() throws Exception {
        try (RawClient client = new RawClient(server.port())) {
            client.send(
                    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                            + "3\nabc\n0\n\n");
            client.shutdownOutput();

            assertEquals("HTTP/1.1 101 Switching Protocols", client.head());
            assertEquals("3\nabc\n0\n\n", client.rest());
        }
    }

    @Test
    void bytesSentOneByOneAreEchoedTheSame() throws Exception {
        try (RawClient client = new RawClient(server.port())) {
            for (char c : "GET / HTTP/1.1\r\nHost: x\r\n\r\nslow\n".toCharArray()) {
                client.send(String.valueOf(c));
            }
            client.head();

            assertEquals("slow", client.line());
        }
    }
}
