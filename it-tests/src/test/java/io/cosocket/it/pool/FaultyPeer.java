package io.cosocket.it.pool;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** Answers each line with itself, but fails in one of many ways now and then. */
final class FaultyPeer implements AutoCloseable {
    enum Fault {
        /** Closes before it answers. */
        CLOSE_BEFORE,
        /** Closes with a reset before it answers. */
        RESET_BEFORE,
        /** Answers and closes. */
        CLOSE_AFTER,
        /** Answers with half a line and closes. */
        HALF_AN_ANSWER,
        /** Answers, and adds a line nobody asked for. */
        EXTRA_LINE,
        /** Answers when nobody waits any more. */
        TOO_LATE
    }

    private final ServerSocketChannel listener = ServerSocketChannel.open();
    private final Set<SocketChannel> live = ConcurrentHashMap.newKeySet();
    private final AtomicInteger most = new AtomicInteger();
    private final Map<Fault, LongAdder> faults = new EnumMap<>(Fault.class);
    private final long lateMillis;
    private final int oneIn;
    private volatile boolean honest;

    /**
     * @param oneIn so many answers have one fault among them
     */
    FaultyPeer(int oneIn, long lateMillis) throws IOException {
        this.oneIn = oneIn;
        this.lateMillis = lateMillis;
        for (Fault fault : Fault.values()) {
            faults.put(fault, new LongAdder());
        }
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4096);
        Thread.ofVirtual().start(this::accept);
    }

    int port() throws IOException {
        return ((InetSocketAddress) listener.getLocalAddress()).getPort();
    }

    /** Counts the most connections that were open at once, as seen from here. */
    int most() {
        return most.get();
    }

    int live() {
        return live.size();
    }

    Map<Fault, LongAdder> faults() {
        return faults;
    }

    /** Ends the faults. */
    void beHonest() {
        honest = true;
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel channel = listener.accept();
                live.add(channel);
                most.accumulateAndGet(live.size(), Math::max);
                Thread.ofVirtual().start(() -> serve(channel));
            }
        } catch (IOException e) {
            // closed: the test is over
        }
    }

    private void serve(SocketChannel channel) {
        Random random = new Random();
        try (channel) {
            var in = Channels.newReader(channel, StandardCharsets.UTF_8);
            var line = new StringBuilder();
            for (int c; (c = in.read()) >= 0; ) {
                line.append((char) c);
                if (c == '\n') {
                    String request = line.toString();
                    line.setLength(0);
                    if (!answer(channel, request, random)) {
                        break;
                    }
                }
            }
        } catch (IOException | InterruptedException e) {
            // the client left
        } finally {
            live.remove(channel);
        }
    }

    private boolean answer(SocketChannel channel, String request, Random random)
            throws IOException, InterruptedException {
        if (honest || random.nextInt(oneIn) != 0) {
            write(channel, request);
            return true;
        }
        Fault fault = Fault.values()[random.nextInt(Fault.values().length)];
        faults.get(fault).increment();
        switch (fault) {
            case CLOSE_BEFORE -> {
                return false;
            }
            case RESET_BEFORE -> {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
                return false;
            }
            case CLOSE_AFTER -> {
                write(channel, request);
                return false;
            }
            case HALF_AN_ANSWER -> {
                write(channel, request.substring(0, request.length() / 2));
                return false;
            }
            case EXTRA_LINE -> write(channel, request + "extra\n");
            case TOO_LATE -> {
                new CountDownLatch(1).await(lateMillis, TimeUnit.MILLISECONDS);
                write(channel, request);
            }
        }
        return true;
    }

    private static void write(SocketChannel channel, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (SocketChannel channel : live) {
            channel.close();
        }
    }
}
