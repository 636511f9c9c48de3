package io.cosocket.it.websocket;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.util.Locale;

/** What a resting connection keeps of the server's heap; the clients are another process. */
class IdleConnectionsTest {
    private static final int MOST_BYTES = 10 << 10;

    /** While nothing on its stack is compiled, which takes twice as much then. */
    private static final int MOST_BYTES_COLD = 16 << 10;

    @Test
    void aThousandRestingConnections() throws Exception {
        assertTrue(bytesEach(1000, 1) < MOST_BYTES_COLD);
    }

    @Test
    @Tag("soak")
    void eightThousandRestingConnections() throws Exception {
        assertTrue(bytesEach(8000, 6) < MOST_BYTES);
    }

    @Test
    @Tag("soak")
    void theFirstEightThousandConnectionsOfAServer() throws Exception {
        assertTrue(bytesEach(8000, 1) < MOST_BYTES);
    }

    private static long bytesEach(int connections, int times) throws Exception {
        try (ServerProcess server = ServerProcess.start(EchoServer.class)) {
            LoadClient.rest(server.port(), 20).close();
            long before = server.liveBytes();
            try (ServerProcess clients =
                    ServerProcess.start(
                            LoadClient.class, "" + server.port(), "" + connections, "" + times)) {
                long each = (server.liveBytes() - before) / clients.port();
                System.out.printf(
                        Locale.ROOT, "%d resting connections: %d bytes each%n", connections, each);
                return each;
            }
        }
    }
}
