package io.cosocket;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;

/** Counts the sockets this process holds open. */
final class Descriptors {
    static {
        // what the JDK opens once for itself
        try (LoopbackPeer peer = LoopbackPeer.listening();
                SocketChannel client = SocketChannel.open(peer.address())) {
            peer.accept().close();
            client.configureBlocking(false);
        } catch (IOException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private Descriptors() {}

    /** Gives how many descriptors are sockets now. */
    static int sockets() {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return (int) all.filter(Descriptors::isSocket).count();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean isSocket(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
        } catch (IOException e) {
            return false; // closed meanwhile
        }
    }

    /** Waits until no more sockets are open than {@code count}. */
    static void awaitAtMost(int count) {
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(5))
                .untilAsserted(() -> assertTrue(sockets() <= count, () -> count + ": " + list()));
    }

    private static String list() {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.filter(Descriptors::isSocket).limit(30).toList().toString();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
