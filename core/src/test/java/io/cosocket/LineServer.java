package io.cosocket;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A peer that answers each line: {@code flush_all} with OK, {@code quit} by closing, {@code more}
 * with two lines, {@code sleep} not at all, any other line with itself.
 */
final class LineServer implements AutoCloseable {
    private final ServerSocketChannel listener;
    private final Set<SocketChannel> live = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();

    LineServer() throws IOException {
        this(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    LineServer(SocketAddress address) throws IOException {
        listener =
                address instanceof UnixDomainSocketAddress
                        ? ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                        : ServerSocketChannel.open();
        listener.bind(address, 1024);
        Thread.ofVirtual().start(this::accept);
    }

    static LineServer unix(Path directory) throws IOException {
        Files.createDirectories(directory);
        return new LineServer(UnixDomainSocketAddress.of(directory.resolve("line.sock")));
    }

    int port() throws IOException {
        return ((InetSocketAddress) listener.getLocalAddress()).getPort();
    }

    SocketAddress address() throws IOException {
        return listener.getLocalAddress();
    }

    int accepted() {
        return accepted.get();
    }

    int live() {
        return live.size();
    }

    /** Counts the most connections there were at once. */
    int most() {
        return most.get();
    }

    void closeConnections() throws IOException {
        for (SocketChannel channel : live) {
            channel.close();
        }
    }

    void sendToAll(String text) throws IOException {
        for (SocketChannel channel : live) {
            channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        }
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel channel = listener.accept();
                accepted.incrementAndGet();
                live.add(channel);
                most.accumulateAndGet(live.size(), Math::max);
                Thread.ofVirtual().start(() -> serve(channel));
            }
        } catch (IOException e) {
            // closed: the test is over
        }
    }

    private void serve(SocketChannel channel) {
        try (channel) {
            var in = Channels.newReader(channel, StandardCharsets.UTF_8);
            var line = new StringBuilder();
            for (int c; (c = in.read()) >= 0; ) {
                if (c != '\n') {
                    line.append((char) c);
                    continue;
                }
                String answer = answer(line.toString().strip());
                line.setLength(0);
                if (answer == null) {
                    break;
                }
                channel.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8)));
            }
        } catch (IOException e) {
            // the client left
        } finally {
            live.remove(channel);
        }
    }

    private static @Nullable String answer(String line) {
        return switch (line) {
            case "quit" -> null;
            case "sleep" -> "";
            case "flush_all" -> "OK\r\n";
            case "more" -> "one\r\ntwo\r\n";
            case "bye" -> "bye\r\n";
            default -> line + "\r\n";
        };
    }

    @Override
    public void close() throws IOException {
        listener.close();
        closeConnections();
    }
}
