package io.cosocket.it.pool;

import static org.awaitility.Awaitility.await;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import io.cosocket.it.support.FreePort;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A server of another make, in a process of its own. */
public final class PeerProcess implements AutoCloseable {
    private final Process process;
    private final Path log;

    private PeerProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** Starts a server and waits until it accepts connections on its port. */
    public static PeerProcess start(Path directory, int port, String... command)
            throws IOException {
        Path log = Files.createTempFile(directory, "peer", ".log");
        PeerProcess peer =
                new PeerProcess(
                        new ProcessBuilder(List.of(command))
                                .directory(directory.toFile())
                                .redirectErrorStream(true)
                                .redirectOutput(log.toFile())
                                .start(),
                        log);
        try {
            await().pollInterval(ofMillis(20)).atMost(ofSeconds(20)).until(() -> peer.up(port));
        } catch (RuntimeException e) {
            peer.close();
            throw new IOException(command[0] + ": " + Files.readString(log), e);
        }
        return peer;
    }

    private boolean up(int port) throws IOException {
        if (!process.isAlive()) {
            throw new IllegalStateException("ended: " + Files.readString(log));
        }
        try (Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** Picks a port nobody listens on now. */
    public static int freePort() throws IOException {
        return FreePort.find();
    }

    public long pid() {
        return process.pid();
    }

    /** Ends it at once, as a crash does. */
    public void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    @Override
    public void close() {
        process.destroy();
        if (process.onExit().completeOnTimeout(null, 5, TimeUnit.SECONDS).join() == null) {
            kill();
        }
    }
}
