package io.cosocket.launch;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * A private connection between the stub and its child. The stub sends the number of each signal it
 * gets, so that the child can tell a signal sent to both processes from two signals; its end tells
 * the child that the stub is gone, however that came about. The user's standard input stays free.
 */
final class StubLink implements AutoCloseable {
    private static final String PROPERTY = "cosocket.launcher.link";
    private static final int TERM = 15;

    private final Path folder;
    private final ServerSocketChannel listener;
    // Guarded by this: signals that arrive before the child has connected wait here.
    private SocketChannel connection;
    private final ByteBuffer early = ByteBuffer.allocate(16);

    private StubLink(Path folder, ServerSocketChannel listener) {
        this.folder = folder;
        this.listener = listener;
    }

    /** Opens the stub's end. Where no socket can be made there is a link that only forwards. */
    static StubLink listen() {
        try {
            Path folder = Files.createTempDirectory("cosocket-");
            try {
                var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                listener.bind(UnixDomainSocketAddress.of(folder.resolve("link")));
                return new StubLink(folder, listener);
            } catch (IOException | RuntimeException e) {
                Files.deleteIfExists(folder);
                return new StubLink(null, null);
            }
        } catch (IOException e) {
            return new StubLink(null, null);
        }
    }

    List<String> childOptions() {
        return listener == null
                ? List.of()
                : List.of("-D" + PROPERTY + "=" + folder.resolve("link"));
    }

    void acceptInBackground() {
        if (listener == null) {
            return;
        }
        Thread thread = new Thread(this::accept, "cosocket-link");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            SocketChannel accepted = listener.accept();
            removeFiles();
            ByteBuffer waiting;
            synchronized (this) {
                connection = accepted;
                waiting = early.flip();
            }
            accepted.write(waiting);
        } catch (IOException e) {
            // The child ended before it connected; its exit status says the rest.
        }
    }

    /** Tells the child of a stop signal. */
    void forward(int number, Process child) {
        if (listener == null) {
            child.destroy();
            return;
        }
        SocketChannel connected;
        synchronized (this) {
            connected = connection;
            if (connected == null && early.hasRemaining()) {
                early.put((byte) number);
            }
        }
        try {
            if (connected != null) {
                connected.write(ByteBuffer.wrap(new byte[] {(byte) number}));
            }
        } catch (IOException e) {
            // The child has just ended.
        }
    }

    /** Tells whether this process was started by a stub. */
    static boolean childSide() {
        return System.getProperty(PROPERTY) != null;
    }

    /** Calls with each signal the stub got; ends this process when the stub is gone. */
    static void follow(IntConsumer signal) {
        String path = System.getProperty(PROPERTY);
        if (path == null) {
            return;
        }
        Thread thread = new Thread(() -> read(Path.of(path), signal), "cosocket-link");
        thread.setDaemon(true);
        thread.start();
    }

    private static void read(Path path, IntConsumer signal) {
        try (SocketChannel link = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            ByteBuffer number = ByteBuffer.allocate(1);
            while (link.read(number) > 0) {
                signal.accept(number.get(0));
                number.clear();
            }
        } catch (IOException e) {
            // As good as its end.
        }
        // Nobody is left to hand the exit status to, and whoever killed the stub meant us too.
        Runtime.getRuntime().halt(128 + TERM);
    }

    private void removeFiles() throws IOException {
        Files.deleteIfExists(folder.resolve("link"));
        Files.deleteIfExists(folder);
    }

    @Override
    public void close() throws IOException {
        if (listener != null) {
            listener.close();
            removeFiles();
        }
    }
}
