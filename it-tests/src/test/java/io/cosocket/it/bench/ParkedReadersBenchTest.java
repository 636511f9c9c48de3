package io.cosocket.it.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.ConnectOptions;
import io.cosocket.Cosockets;
import io.cosocket.SocketClosedException;
import io.cosocket.SocketScope;
import io.cosocket.TcpSocket;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.management.ObjectName;

/** What readers that wait cost: memory, threads, processor, and the time to wake them all. */
@Tag("bench")
class ParkedReadersBenchTest {
    private static final int READERS = 9000;

    /** Compilers and collectors still work off what the other figures cost. */
    private static final long SETTLE_SECONDS = 5;

    /** More than one turn of the wheel of time-outs. */
    private static final long IDLE_SECONDS = 12;

    @Test
    void thousandsOfParkedReaders() throws Exception {
        Properties figures = new Properties();
        try (EchoPeer peer = EchoPeer.start()) {
            Process child =
                    new ProcessBuilder(
                                    ProcessHandle.current().info().command().orElseThrow(),
                                    "-Xmx1g",
                                    "-XX:NativeMemoryTracking=summary",
                                    "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    Readers.class.getName(),
                                    String.valueOf(peer.port()))
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();
            try {
                figures.load(child.inputReader(StandardCharsets.US_ASCII));
                assertTrue(child.waitFor(60, TimeUnit.SECONDS));
            } finally {
                child.destroyForcibly();
            }
        }
        figures.forEach(
                (name, value) -> System.out.println("parked readers: " + name + " " + value));

        assertEquals(READERS, number(figures, "woken"));
        assertTrue(number(figures, "heap.bytes.each") <= 6 * 1024);
        assertTrue(number(figures, "platform.threads.more") <= 0);
        assertTrue(number(figures, "idle.cpu.percent") < 3);
    }

    private static double number(Properties figures, String name) {
        return Double.parseDouble(figures.getProperty(name));
    }

    /** The process that is measured; prints one figure a line. */
    static final class Readers {
        private static final Pattern COMMITTED =
                Pattern.compile("(Total|Java Heap)[^\\n]*committed=(\\d+)KB");

        private final Cosockets cosockets = Cosockets.create();
        private final InetSocketAddress peer;
        private final AtomicInteger woken = new AtomicInteger();

        private Readers(int port) {
            peer = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        }

        public static void main(String[] args) throws Exception {
            new Readers(Integer.parseInt(args[0])).measure();
            System.exit(0);
        }

        private void measure() throws Exception {
            try (SocketScope warm = cosockets.openScope("warm")) {
                park(warm, 200).close(warm);
            }
            long heapBefore = liveHeap();
            long nativeBefore = nativeBytes();
            int threadsBefore = ManagementFactory.getThreadMXBean().getThreadCount();
            woken.set(0);
            SocketScope scope = cosockets.openScope("readers");
            Parked parked = park(scope, READERS);

            print("heap.bytes.each", (liveHeap() - heapBefore) / READERS);
            print("native.bytes.each", (nativeBytes() - nativeBefore) / READERS);
            int threads = ManagementFactory.getThreadMXBean().getThreadCount();
            print("platform.threads.more", threads - threadsBefore);
            print("idle.cpu.percent", idlePercent());
            print("wake.all.millis", parked.close(scope) / 1_000_000.0);
            print("woken", woken.get());
        }

        /** Readers that have come to their wait, and the way to see them all end. */
        private record Parked(CountDownLatch ended) {
            /** Gives the nanoseconds from one close until the last reader has ended. */
            long close(SocketScope scope) throws InterruptedException {
                long begin = System.nanoTime();
                scope.close();
                if (!ended.await(30, TimeUnit.SECONDS)) {
                    throw new IllegalStateException(ended.getCount() + " readers still wait");
                }
                return System.nanoTime() - begin;
            }
        }

        private Parked park(SocketScope scope, int count) throws Exception {
            CountDownLatch ended = new CountDownLatch(count);
            Thread[] threads = new Thread[count];
            for (int i = 0; i < count; i++) {
                TcpSocket socket = scope.connect(peer, ConnectOptions.defaults());
                threads[i] = Thread.startVirtualThread(() -> read(socket, ended));
            }
            for (Thread thread : threads) {
                while (thread.getState() != Thread.State.WAITING) {
                    Thread.onSpinWait();
                }
            }
            return new Parked(ended);
        }

        private void read(TcpSocket socket, CountDownLatch ended) {
            try {
                socket.receive(1);
            } catch (SocketClosedException e) {
                woken.incrementAndGet();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            } finally {
                ended.countDown();
            }
        }

        private static void print(String name, Object value) {
            System.out.println(name + "=" + value);
        }

        private static long liveHeap() {
            for (int i = 0; i < 4; i++) {
                System.gc();
            }
            return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        }

        /** What the JVM's own tracking counts outside the Java heap. */
        private static long nativeBytes() throws Exception {
            String report =
                    (String)
                            ManagementFactory.getPlatformMBeanServer()
                                    .invoke(
                                            new ObjectName(
                                                    "com.sun.management:type=DiagnosticCommand"),
                                            "vmNativeMemory",
                                            new Object[] {new String[] {"summary"}},
                                            new String[] {String[].class.getName()});
            long kilobytes = 0;
            Matcher matcher = COMMITTED.matcher(report);
            while (matcher.find()) {
                long committed = Long.parseLong(matcher.group(2));
                kilobytes += matcher.group(1).equals("Total") ? committed : -committed;
            }
            return kilobytes * 1024;
        }

        private static double idlePercent() throws InterruptedException {
            var system =
                    (com.sun.management.OperatingSystemMXBean)
                            ManagementFactory.getOperatingSystemMXBean();
            TimeUnit.SECONDS.sleep(SETTLE_SECONDS);
            long cpu = system.getProcessCpuTime();
            long begin = System.nanoTime();
            TimeUnit.SECONDS.sleep(IDLE_SECONDS);
            return 100.0 * (system.getProcessCpuTime() - cpu) / (System.nanoTime() - begin);
        }
    }
}
