package io.cosocket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.List;
import java.util.Map;

/** A JVM without IPv6, as under {@code java.net.preferIPv4Stack}, and names that have it too. */
class AddressFamilyTest {
    @Test
    void anAddressOfAFamilyThatTheJvmLacksIsOneThatFailed() throws Exception {
        String printed =
                ChildJvm.run(
                        "true",
                        List.of(
                                "-Djava.net.preferIPv4Stack=true",
                                "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED"),
                        Child.class);

        assertEquals(
                List.of(
                        "127.0.0.1",
                        "address family not supported by protocol",
                        "address family not supported by protocol",
                        "address family not supported by protocol",
                        "address family not supported by protocol",
                        "0"),
                printed.lines().filter(line -> !line.contains("WARN")).toList());
    }

    /** Connects where an IPv6 address comes first, and where it is the only one. */
    public static final class Child {
        private Child() {}

        /** Prints what became of each connect, and how many connections are left. */
        public static void main(String[] args) throws IOException {
            InetAddress four = InetAddress.ofLiteral("127.0.0.1");
            InetAddress six = InetAddress.ofLiteral("::1");
            Resolver resolver =
                    Resolver.fixed(
                            Map.of("both.test", List.of(six, four), "six.test", List.of(six)));
            ConnectOptions inOrder =
                    ConnectOptions.defaults().withAddressPolicy(AddressPolicy.IN_ORDER);
            try (LineServer server = new LineServer(new InetSocketAddress(four, 0));
                    Cosockets runtime =
                            Cosockets.create(CosocketConfig.defaults().withResolver(resolver));
                    SocketScope scope = runtime.openScope("child")) {
                int port = server.port();
                TcpSocket tcp = scope.connect("both.test", port, inOrder);
                print(tcp.remoteAddress());
                tcp.close();
                for (int i = 0; i < 20; i++) {
                    scope.udp("both.test", port).close();
                }
                printFailure(() -> scope.connect("six.test", port));
                printFailure(() -> scope.udp("::1", port));
                printFailure(() -> scope.udp().bind(six, 0));
                InetSocketAddress target = new InetSocketAddress(six, port);
                printFailure(() -> scope.udp().sendTo(target, new byte[1]));
                System.out.println(runtime.pools().stream().mapToInt(PoolStats::open).sum());
            }
        }

        private static void print(Object address) {
            System.out.println(((InetSocketAddress) address).getAddress().getHostAddress());
        }

        private interface Connect {
            void run() throws IOException;
        }

        private static void printFailure(Connect connect) throws IOException {
            try {
                connect.run();
            } catch (SocketException e) {
                String words = e.getMessage();
                System.out.println(words.substring(words.lastIndexOf(": ") + 2));
            }
        }
    }
}
