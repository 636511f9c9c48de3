package io.cosocket.it.bench;

import io.cosocket.ConnectOptions;
import io.cosocket.Cosockets;
import io.cosocket.PoolOptions;
import io.cosocket.Release;
import io.cosocket.SocketScope;
import io.cosocket.TcpSocket;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.concurrent.TimeUnit;

/** Taking an idle connection and giving it back, without anybody else at the pool. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PoolBenchmark {
    private static final String HOST = "127.0.0.1";
    private static final ConnectOptions OPTIONS =
            ConnectOptions.defaults()
                    .withPool(PoolOptions.defaults().withName("bench").withMaxOpen(32));

    private final Cosockets runtime = Cosockets.create();
    private final SocketScope scope = runtime.openScope("bench");
    private final TcpSocket socket = scope.tcp();
    private ServerSocketChannel server;
    private int port;

    /** Opens the one connection that all rounds use. */
    @Setup
    public void connect() throws IOException {
        server = ServerSocketChannel.open();
        server.bind(new InetSocketAddress(InetAddress.ofLiteral(HOST), 0));
        port = ((InetSocketAddress) server.getLocalAddress()).getPort();
        socket.connect(HOST, port, OPTIONS).release();
    }

    /** Closes everything. */
    @TearDown
    public void close() throws IOException {
        runtime.close();
        server.close();
    }

    /** One socket object, used again and again. */
    @Benchmark
    public Release sameObject() throws IOException {
        return socket.connect(HOST, port, OPTIONS).release();
    }

    /** A fresh socket object each time, as handlers do. */
    @Benchmark
    public Release freshObject() throws IOException {
        return scope.connect(HOST, port, OPTIONS).release();
    }
}
