package io.cosocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

class UnixBacklogTest {
    private final List<SocketChannel> waiting = new ArrayList<>();

    @Test
    void connectWaitsForRoomInAFullBacklogUntilItsTimeout(@TempDir Path folder) throws Exception {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(folder.resolve("s"));
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                Cosockets cosockets = Cosockets.create();
                SocketScope scope = cosockets.openScope("test")) {
            listener.bind(address, 1);
            fill(address);
            ConnectOptions brief =
                    ConnectOptions.defaults().withTimeouts(Timeouts.of(Duration.ofMillis(200)));

            OperationTimeoutException timedOut =
                    assertThrows(
                            OperationTimeoutException.class, () -> scope.connect(address, brief));
            assertEquals("connect", timedOut.operation());

            Fork<TcpSocket> patient =
                    scope.fork(() -> scope.connect(address, ConnectOptions.defaults()));
            assertFalse(patient.isDone());
            for (int i = 0; i < waiting.size(); i++) {
                listener.accept().close();
            }
            patient.join().close();
        } finally {
            for (SocketChannel channel : waiting) {
                channel.close();
            }
        }
    }

    private void fill(UnixDomainSocketAddress address) throws Exception {
        while (true) {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            channel.configureBlocking(false);
            try {
                channel.connect(address);
                waiting.add(channel);
            } catch (java.io.IOException full) {
                return;
            }
        }
    }
}
