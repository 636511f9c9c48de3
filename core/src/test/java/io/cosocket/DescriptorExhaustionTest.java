package io.cosocket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cosocket.transport.Readiness;

import org.junit.jupiter.api.Test;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

/** When the process has no descriptor left, a connect fails by name and the service goes on. */
class DescriptorExhaustionTest {
    @Test
    void connectWithoutDescriptorsFailsAndLeaksNothing() throws Exception {
        try (LoopbackPeer peer = LoopbackPeer.answeringLines()) {
            List<String> options =
                    List.of(
                            "-XX:TieredStopAtLevel=1",
                            "-Dpeer=" + peer.port(),
                            "-Dcosocket.readiness=" + Readiness.chosen().name(),
                            "--add-exports",
                            "java.base/sun.nio.ch=ALL-UNNAMED");

            String printed = ChildJvm.run("ulimit -n 80", options, Child.class);

            assertEquals("done", printed.lines().toList().getLast(), printed);
        }
    }

    /** Opens connections until there is no descriptor, then fewer. */
    static final class Child {
        private static final int PORT = Integer.getInteger("peer");

        public static void main(String[] args) throws Exception {
            loadAllClasses();
            Cosockets runtime = Cosockets.create();
            SocketScope scope = runtime.openScope("child");
            ask(scope);
            Waiting.startStep(() -> ask(scope)).get();
            int before = Descriptors.sockets();
            for (int round = 0; round < 3; round++) {
                exhaust(runtime);
                awaitAtMost(before);
                ask(scope);
            }
            System.out.println("done");
            System.exit(0);
        }

        /** Classes that lie in a folder need a descriptor each to be loaded. */
        private static void loadAllClasses() throws Exception {
            Path folder =
                    Path.of(
                            Cosockets.class
                                    .getProtectionDomain()
                                    .getCodeSource()
                                    .getLocation()
                                    .toURI());
            try (Stream<Path> files = Files.walk(folder.resolve("io/cosocket"))) {
                for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
                    String name = folder.relativize(file).toString().replace('/', '.');
                    if (!name.contains("Test") && !name.endsWith("-info.class")) {
                        Class.forName(name.substring(0, name.length() - ".class".length()));
                    }
                }
            }
        }

        private static void awaitAtMost(int count) {
            long begin = System.nanoTime();
            while (Descriptors.sockets() > count) {
                check(System.nanoTime() - begin < 20_000_000_000L, null);
                Thread.yield();
            }
        }

        private static void exhaust(Cosockets runtime) throws Exception {
            try (SocketScope scope = runtime.openScope("exhausting")) {
                List<Closeable> open = new ArrayList<>();
                IOException failure = fill(scope, open);
                check(failure.getMessage().contains("oo many open files"), failure);
                check(failure.getMessage().startsWith("connect tcp "), failure);
                check(open.size() > 10, failure);
                int most = open.size();
                for (int i = 0; i < 20; i++) {
                    for (int free = 0; free < 6; free++) {
                        open.removeLast().close();
                    }
                    ask(scope); // needs what was given back, and gives it back
                    fill(scope, open);
                    check(open.size() == most, failure);
                }
            }
        }

        /** Opens what goes: streams first, then datagram sockets, which need fewer descriptors. */
        private static IOException fill(SocketScope scope, List<Closeable> open) {
            IOException failure = fill(open, () -> scope.connect("127.0.0.1", PORT));
            IOException other = fill(open, () -> scope.udp("127.0.0.1", 9));
            check(other.getMessage().contains("oo many open files"), other);
            return failure;
        }

        private static IOException fill(List<Closeable> open, Callable<Closeable> opener) {
            while (true) {
                try {
                    open.add(opener.call());
                } catch (IOException e) {
                    return e;
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            }
        }

        private static void ask(SocketScope scope) throws IOException {
            try (TcpSocket socket = scope.connect("127.0.0.1", PORT)) {
                socket.send("x\n");
                check("OK".equals(socket.receiveLine()), null);
            }
        }

        private static void check(boolean holds, Throwable cause) {
            if (!holds) {
                throw new AssertionError("does not hold", cause);
            }
        }
    }
}
