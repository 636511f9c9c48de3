package io.cosocket.it.pool;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import io.cosocket.AddressPolicy;
import io.cosocket.ConnectOptions;
import io.cosocket.CosocketConfig;
import io.cosocket.Cosockets;
import io.cosocket.DnsOptions;
import io.cosocket.Resolver;
import io.cosocket.SocketScope;
import io.cosocket.TcpSocket;
import io.cosocket.Timeouts;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Names served by dnsmasq: they change, have dead addresses, do not exist, or get no answer. */
class DnsmasqTest {
    private static final Duration LONG = ofSeconds(20);

    @TempDir private Path directory = Path.of("");
    private Path hosts = Path.of("");
    private InetSocketAddress address = new InetSocketAddress(0);
    private PeerProcess dnsmasq;
    private Resolver resolver = Resolver.system();

    @BeforeEach
    void start() throws IOException {
        hosts = directory.resolve("hosts");
        Files.writeString(hosts, "127.0.0.1 start.test\n");
        int port = PeerProcess.freePort();
        address = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port);
        dnsmasq =
                PeerProcess.start(
                        directory,
                        port,
                        "dnsmasq",
                        "--keep-in-foreground",
                        "--conf-file=/dev/null",
                        "--pid-file=" + directory.resolve("pid"),
                        "--user=" + System.getProperty("user.name"),
                        "--group=",
                        "--no-resolv",
                        "--no-hosts",
                        "--addn-hosts=" + hosts,
                        "--listen-address=127.0.0.1",
                        "--bind-interfaces",
                        "--port=" + port,
                        "--local=/test/",
                        "--local-ttl=1",
                        "--neg-ttl=1",
                        "--cname=alias.test,start.test");
        resolver = Resolver.dns(DnsOptions.defaults().withServer(address));
    }

    @AfterEach
    void stop() {
        dnsmasq.close();
    }

    private void records(String text) throws Exception {
        Files.writeString(hosts, "127.0.0.1 start.test\n" + text);
        new ProcessBuilder("kill", "-HUP", Long.toString(dnsmasq.pid())).start().waitFor();
    }

    private Set<String> resolve(String name) throws UnknownHostException {
        Set<String> found = new HashSet<>();
        resolver.resolve(name, LONG).forEach(ip -> found.add(ip.getHostAddress()));
        return found;
    }

    private String failure(String name) {
        return assertThrows(UnknownHostException.class, () -> resolver.resolve(name, LONG))
                .getMessage();
    }

    @Test
    void aChangedRecordIsSeenOnceItsLifeIsOver() throws Exception {
        assertEquals(Set.of("127.0.0.1"), resolve("start.test"));
        records("127.0.0.9 moving.test\n");
        await().atMost(LONG).until(() -> quietly("moving.test").contains("127.0.0.9"));

        records("127.0.0.10 moving.test\n");
        long changed = System.nanoTime();
        await().atMost(LONG).until(() -> quietly("moving.test").contains("127.0.0.10"));

        assertTrue(System.nanoTime() - changed < ofSeconds(10).toNanos());
    }

    private Set<String> quietly(String name) {
        try {
            return resolve(name);
        } catch (UnknownHostException e) {
            return Set.of();
        }
    }

    @Test
    void aliasesAreFollowed() throws IOException {
        assertEquals(Set.of("127.0.0.1"), resolve("alias.test"));
    }

    @Test
    void deadAddressesAreFollowedByTheLiveOne() throws Exception {
        records("127.0.0.11 many.test\n127.0.0.12 many.test\n127.0.0.1 many.test\n");
        await().atMost(LONG).until(() -> quietly("many.test").size() == 3);
        CosocketConfig config = CosocketConfig.defaults().withResolver(resolver);
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
                Cosockets runtime = Cosockets.create(config);
                SocketScope scope = runtime.openScope("dns")) {
            for (AddressPolicy policy : AddressPolicy.values()) {
                ConnectOptions options =
                        ConnectOptions.defaults()
                                .withAddressPolicy(policy)
                                .withTimeouts(Timeouts.of(LONG));
                for (int i = 0; i < 10; i++) {
                    try (TcpSocket socket =
                            scope.connect("many.test", server.getLocalPort(), options)) {
                        InetSocketAddress peer = (InetSocketAddress) socket.remoteAddress();
                        assertEquals("127.0.0.1", peer.getAddress().getHostAddress());
                    }
                }
            }
        }
    }

    @Test
    @Tag("014-T42")
    void aNameThatDoesNotExistIsNotFound() {
        assertEquals(
                "none.test could not be resolved (3: Host not found), asked 127.0.0.1:"
                        + address.getPort(),
                failure("none.test"));
    }

    @Test
    void aNameOutsideItsZonesIsRefused() {
        assertTrue(failure("www.example.org").contains("(5: Operation refused)"));
    }

    @Test
    void anAnswerTooLongForADatagramComesByStream() throws Exception {
        StringBuilder many = new StringBuilder();
        for (int i = 1; i <= 120; i++) {
            many.append("127.0.1.").append(i).append(" big.test\n");
        }
        records(many.toString());

        await().atMost(LONG).until(() -> quietly("big.test").size() == 120);
    }

    @Test
    @Tag("058-T9")
    @Tag("068-T46")
    void aBlackHoleCostsNoMoreThanTheConnect() throws IOException {
        try (DatagramSocket hole = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"))) {
            InetSocketAddress silent = (InetSocketAddress) hole.getLocalSocketAddress();
            CosocketConfig config =
                    CosocketConfig.defaults()
                            .withResolver(Resolver.dns(List.of(silent), DnsOptions.defaults()));
            try (Cosockets runtime = Cosockets.create(config);
                    SocketScope scope = runtime.openScope("dns")) {
                ConnectOptions options =
                        ConnectOptions.defaults().withTimeouts(Timeouts.of(ofMillis(150)));
                long before = System.nanoTime();

                UnknownHostException error =
                        assertThrows(
                                UnknownHostException.class,
                                () -> scope.connect("start.test", 80, options));

                long took = System.nanoTime() - before;
                assertTrue(took >= ofMillis(150).toNanos() && took < LONG.toNanos());
                assertEquals(
                        "connect tcp ->start.test:80: start.test could not be resolved (110:"
                                + " Operation timed out), asked"
                                + " 127.0.0.1:"
                                + silent.getPort(),
                        error.getMessage());
            }
            Resolver second =
                    Resolver.dns(
                            List.of(silent, address),
                            DnsOptions.defaults().withTimeout(ofMillis(200)));
            assertEquals(1, second.resolve("start.test", LONG).size());
        }
    }
}
