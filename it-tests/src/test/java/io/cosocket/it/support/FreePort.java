package io.cosocket.it.support;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Ports for peers that cannot choose one themselves. */
public final class FreePort {
    private FreePort() {}

    /** Gives a port that was free a moment ago. */
    public static int find() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /**
     * Waits until a peer accepts connections, and fails with its log when it ends instead. One that
     * does not come up is ended.
     */
    public static void awaitListener(int port, Process peer, Path log) {
        boolean up = false;
        try {
            await().atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofMillis(20))
                    .until(
                            () -> {
                                if (!peer.isAlive()) {
                                    throw new IllegalStateException(Files.readString(log));
                                }
                                return accepts(port);
                            });
            up = true;
        } finally {
            if (!up) {
                peer.destroy(); // a master takes its workers along when it is asked
                peer.onExit().completeOnTimeout(peer, 5, TimeUnit.SECONDS).join();
                peer.destroyForcibly();
            }
        }
    }

    /** Tells whether somebody accepts connections on a port of the loopback address. */
    public static boolean accepts(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }
}
