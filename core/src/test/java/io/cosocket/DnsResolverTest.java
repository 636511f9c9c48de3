package io.cosocket;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Type;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** The resolver that asks name servers itself, against one that fails on command. */
class DnsResolverTest {
    private static final Duration LONG = ofSeconds(30);

    private FakeDnsServer server;
    private volatile long clockNanos = Long.MAX_VALUE - 1_000;

    @BeforeEach
    void start() throws IOException {
        server = new FakeDnsServer();
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private DnsOptions options() throws IOException {
        return DnsOptions.defaults()
                .withServer(server.address())
                .withIpv6(false)
                .withTimeout(ofSeconds(5));
    }

    private DnsResolver resolver(DnsOptions options) {
        return DnsResolver.of(options, () -> clockNanos);
    }

    private static List<String> names(List<InetAddress> addresses) {
        return addresses.stream().map(InetAddress::getHostAddress).toList();
    }

    private static String failure(Resolver resolver, String host, Duration limit) {
        return assertThrows(UnknownHostException.class, () -> resolver.resolve(host, limit))
                .getMessage();
    }

    @Test
    void anAnswerIsKeptForItsTimeToLive() throws IOException {
        server.address("a.test", "10.0.0.1", 5).address("a.test", "10.0.0.2", 7);
        Resolver resolver = resolver(options());

        assertEquals(List.of("10.0.0.1", "10.0.0.2"), names(resolver.resolve("a.test", LONG)));
        clockNanos += ofSeconds(5).toNanos() - 1;
        resolver.resolve("A.Test", LONG);
        assertEquals(List.of("a.test. A"), server.questions());

        server.forget("a.test");
        server.address("a.test", "10.0.0.3", 5);
        clockNanos++;
        assertEquals(List.of("10.0.0.3"), names(resolver.resolve("a.test", LONG)));
        assertEquals(2, server.questions().size());
    }

    @Test
    void validReplacesTheTimeToLive() throws IOException {
        server.address("a.test", "10.0.0.1", 3600);
        Resolver resolver = resolver(options().withValid(ofSeconds(2)));

        resolver.resolve("a.test", LONG);
        failure(resolver, "none.test", LONG);
        clockNanos += ofSeconds(2).toNanos();
        resolver.resolve("a.test", LONG);
        failure(resolver, "none.test", LONG);

        assertEquals(4, server.questions().size());
    }

    @Test
    void anAnswerWithoutLifeIsAskedForEachTime() throws IOException {
        server.address("a.test", "10.0.0.1", 0);
        Resolver resolver = resolver(options());

        resolver.resolve("a.test", LONG);
        resolver.resolve("a.test", LONG);

        assertEquals(2, server.questions().size());
    }

    @Test
    @Tag("014-T42")
    void aNameThatDoesNotExistIsNamedWithTheServerAndRemembered() throws IOException {
        server.negativeTtl(30);
        Resolver resolver = resolver(options());

        String words = failure(resolver, "none.test", LONG);
        clockNanos += ofSeconds(30).toNanos() - 1;
        failure(resolver, "none.test", LONG);
        assertEquals(
                "none.test could not be resolved (3: Host not found), asked " + server.name(),
                words);
        assertEquals(1, server.questions().size());

        clockNanos++;
        failure(resolver, "none.test", LONG);
        assertEquals(2, server.questions().size());
    }

    @Test
    void everyKindOfFailureHasTheWordsOfTheOriginal() throws IOException {
        server.fail("format.test", Rcode.FORMERR)
                .fail("server.test", Rcode.SERVFAIL)
                .fail("unknown.test", Rcode.NOTIMP)
                .fail("refused.test", Rcode.REFUSED);
        Resolver resolver = resolver(options().withAttempts(1));

        assertTrue(failure(resolver, "format.test", LONG).contains("(1: Format error)"));
        assertTrue(failure(resolver, "server.test", LONG).contains("(2: Server failure)"));
        assertTrue(failure(resolver, "unknown.test", LONG).contains("(4: Unimplemented)"));
        assertTrue(failure(resolver, "refused.test", LONG).contains("(5: Operation refused)"));
        String label = "x".repeat(64);
        assertTrue(failure(resolver, label + ".test", LONG).contains("(1: Format error)"));
    }

    @Test
    @Tag("058-T9")
    void aDeadServerCostsAtMostTheTimeOfTheConnect() throws IOException {
        server.silent(true);
        Resolver resolver = resolver(options());
        long before = System.nanoTime();

        String words = failure(resolver, "a.test", ofMillis(50));

        assertEquals(
                "a.test could not be resolved (110: Operation timed out), asked " + server.name(),
                words);
        assertTrue(System.nanoTime() - before >= ofMillis(50).toNanos());
        assertTrue(System.nanoTime() - before < ofSeconds(10).toNanos());
    }

    @Test
    void aServerThatStaysSilentIsATimeOutToo() throws IOException {
        server.silent(true);
        Resolver resolver = resolver(options().withTimeout(ofMillis(30)));

        assertTrue(failure(resolver, "a.test", LONG).contains("(110: Operation timed out)"));
        await().until(() -> server.questions().size() == 2);
    }

    @Test
    @Tag("058-T62")
    void aServerThatIsNotThereFailsEachLookUp() throws IOException {
        InetSocketAddress nobody;
        try (DatagramSocket gone = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"))) {
            nobody = (InetSocketAddress) gone.getLocalSocketAddress();
        }
        Resolver resolver = resolver(options().withServer(nobody).withTimeout(ofMillis(50)));
        for (int i = 0; i < 3; i++) {
            assertTrue(failure(resolver, "a.test", LONG).startsWith("a.test could not be res"));
        }
    }

    @Test
    void theNextServerIsAskedAndThenStaysFirst() throws IOException {
        try (FakeDnsServer dead = new FakeDnsServer()) {
            dead.silent(true);
            server.address("a.test", "10.0.0.1", 60).address("b.test", "10.0.0.2", 60);
            Resolver resolver =
                    resolver(
                            options()
                                    .withServers(List.of(dead.address(), server.address()))
                                    .withTimeout(ofSeconds(2)));

            assertEquals(List.of("10.0.0.1"), names(resolver.resolve("a.test", LONG)));
            assertEquals(List.of("10.0.0.2"), names(resolver.resolve("b.test", LONG)));

            await().until(() -> !dead.questions().isEmpty());
            assertEquals(1, dead.questions().size());
        }
    }

    @Test
    void concurrentLookUpsOfOneNameAreOneQuestion() throws Exception {
        server.address("a.test", "10.0.0.1", 60);
        server.delay(100);
        DnsResolver resolver = resolver(options());
        List<FutureTask<List<InetAddress>>> all = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            FutureTask<List<InetAddress>> one =
                    new FutureTask<>(() -> resolver.resolve("a.test", LONG));
            all.add(one);
            Thread.ofVirtual().start(one);
        }

        for (FutureTask<List<InetAddress>> one : all) {
            assertEquals(List.of("10.0.0.1"), names(one.get()));
        }

        assertEquals(1, server.questions().size());
        await().until(() -> resolver.underWay() == 0);
    }

    @Test
    void bothKindsOfAddressesAreAskedForUnlessSwitchedOff() throws IOException {
        server.address("a.test", "10.0.0.1", 60)
                .address("a.test", "fd00::1", 60)
                .address("six.test", "fd00::2", 60);
        Resolver both = resolver(options().withIpv6(true));

        assertEquals(
                List.of("10.0.0.1", "fd00:0:0:0:0:0:0:1"), names(both.resolve("a.test", LONG)));
        assertEquals(List.of("fd00:0:0:0:0:0:0:2"), names(both.resolve("six.test", LONG)));
        assertTrue(failure(resolver(options()), "six.test", LONG).contains("(3: Host not found)"));
    }

    @Test
    void aliasesAreFollowedAndTheShortestLifeCounts() throws IOException {
        server.alias("a.test", "b.test", 60)
                .alias("b.test", "c.elsewhere.test", 4)
                .alias("c.elsewhere.test", "d.test", 60)
                .address("d.test", "10.0.0.4", 60)
                .alias("loop.test", "pool.test", 60)
                .alias("pool.test", "loop.test", 60);
        Resolver resolver = resolver(options());

        assertEquals(List.of("10.0.0.4"), names(resolver.resolve("a.test", LONG)));
        assertEquals(List.of("a.test. A", "c.elsewhere.test. A"), server.questions());
        clockNanos += ofSeconds(4).toNanos();
        resolver.resolve("a.test", LONG);
        assertEquals(4, server.questions().size());
        assertTrue(failure(resolver, "loop.test", LONG).contains("alias loop"));
    }

    @Test
    void shortNamesAreTriedInTheSearchDomains() throws IOException {
        server.address("db.prod.test", "10.0.0.1", 60)
                .address("plain.host", "10.0.0.2", 60)
                .address("single", "10.0.0.3", 60);
        Resolver resolver = resolver(options().withSearch(List.of("dev.test", "prod.test")));

        assertEquals(List.of("10.0.0.1"), names(resolver.resolve("db", LONG)));
        assertEquals(List.of("db.dev.test. A", "db.prod.test. A"), server.questions());
        assertEquals(List.of("10.0.0.2"), names(resolver.resolve("plain.host", LONG)));
        assertEquals(3, server.questions().size());
        assertEquals(List.of("10.0.0.3"), names(resolver.resolve("single.", LONG)));
        assertEquals(4, server.questions().size());
    }

    @Test
    void aHostsFileAnswersFirst(@TempDir Path directory) throws IOException {
        Path hosts = directory.resolve("hosts");
        Files.writeString(hosts, "10.1.2.3 a.test other\n");
        server.address("a.test", "10.0.0.1", 60).address("b.test", "10.0.0.2", 60);
        Resolver resolver = resolver(options().withHosts(hosts));

        assertEquals(List.of("10.1.2.3"), names(resolver.resolve("a.test", LONG)));
        assertEquals(List.of("10.0.0.2"), names(resolver.resolve("b.test", LONG)));
    }

    @Test
    void aHostsFileAnswersBeforeTheSearchDomainsAreAsked(@TempDir Path directory)
            throws IOException {
        Path hosts = directory.resolve("hosts");
        Files.writeString(hosts, "10.1.2.3 db\n10.1.2.4 web.prod.test\n");
        server.address("db.dev.test", "10.0.0.1", 60).address("web.dev.test", "10.0.0.2", 60);
        Resolver resolver =
                resolver(options().withHosts(hosts).withSearch(List.of("dev.test", "prod.test")));

        assertEquals(List.of("10.1.2.3"), names(resolver.resolve("db", LONG)));
        assertEquals(List.of("10.1.2.4"), names(resolver.resolve("web", LONG)));
        assertEquals(List.of(), server.questions());
    }

    @Test
    void aSearchDomainThatMakesTheNameTooLongIsLeftOut() throws IOException {
        String label = "x".repeat(60);
        String domain = String.join(".", label, label, label, label);
        server.address("a-rather-long-name", "10.0.0.1", 60);
        Resolver resolver = resolver(options().withSearch(List.of(domain)));

        assertEquals(List.of("10.0.0.1"), names(resolver.resolve("a-rather-long-name", LONG)));
    }

    @ParameterizedTest
    @ValueSource(ints = {Type.A, Type.AAAA})
    void oneKindOfAddressDoesNotWaitForTheTimeOutOfTheOther(int silent) throws IOException {
        server.address("a.test", "10.0.0.1", 60).address("a.test", "fd00::1", 60);
        server.silentType(silent);
        Resolver resolver = resolver(options().withIpv6(true).withTimeout(ofSeconds(60)));

        assertEquals(1, resolver.resolve("a.test", LONG).size());
    }

    @Test
    void aHostsFileMayChangeAndKnowsSeveralAddressesOfANameInAnyCase(@TempDir Path directory)
            throws IOException {
        Path hosts = directory.resolve("hosts");
        Resolver resolver = resolver(options().withHosts(hosts).withIpv6(true));
        failure(resolver, "db.test", LONG);

        Files.writeString(
                hosts,
                "# 10.0.0.9 db.test\n10.0.0.1 Db.Test # one\n\nfd00::1\tdb.test\nbad db.test\n");
        clockNanos += ofSeconds(10).toNanos();
        assertEquals(
                List.of("10.0.0.1", "fd00:0:0:0:0:0:0:1"),
                names(resolver.resolve("DB.test", LONG)));
        assertEquals(
                List.of("10.0.0.1"),
                names(resolver(options().withHosts(hosts)).resolve("db.test", LONG)));

        Files.writeString(hosts, "10.0.0.2 db.test db\n10.0.0.3 db.test\n");
        clockNanos += ofSeconds(1).toNanos();
        assertEquals(List.of("10.0.0.2", "10.0.0.3"), names(resolver.resolve("db.test", LONG)));
        assertEquals(2, server.questions().size());
    }

    @Test
    void aBusyCommonPoolDoesNotHoldUpAnAnswer() throws Exception {
        server.address("a.test", "10.0.0.1", 60);
        Resolver resolver = resolver(options());
        CountDownLatch over = new CountDownLatch(1);
        ForkJoinPool common = ForkJoinPool.commonPool();
        List<ForkJoinTask<?>> blockers = new ArrayList<>();
        for (int i = 0; i < 4 * (1 + common.getParallelism()); i++) {
            blockers.add(common.submit(() -> over.await(60, TimeUnit.SECONDS)));
        }
        try {
            assertEquals(List.of("10.0.0.1"), names(resolver.resolve("a.test", LONG)));
        } finally {
            over.countDown();
            blockers.forEach(ForkJoinTask::quietlyJoin);
        }
    }

    @Test
    void aFailureThatMayPassIsNotRememberedAsThatOfANameThatDoesNotExist() throws IOException {
        server.address("six.test", "fd00::1", 60).fail("a.search.test", Rcode.SERVFAIL);
        server.silentType(Type.AAAA);
        DnsOptions once = options().withAttempts(1);
        Resolver both = resolver(once.withIpv6(true).withTimeout(ofMillis(300)));
        Resolver searching = resolver(once.withSearch(List.of("search.test")));

        assertTrue(failure(both, "six.test", LONG).contains("(110: Operation timed out)"));
        assertTrue(failure(searching, "a", LONG).contains("(2: Server failure)"));

        server.silentType(0);
        assertEquals(List.of("fd00:0:0:0:0:0:0:1"), names(both.resolve("six.test", LONG)));
    }

    @Test
    void localhostIsNeverAskedFor() throws IOException {
        Resolver resolver = resolver(options().withIpv6(true));

        assertEquals(
                List.of("127.0.0.1", "0:0:0:0:0:0:0:1"),
                names(resolver.resolve("localhost", LONG)));
        assertEquals(List.of(), server.questions());
    }

    @Test
    void anInterruptedLookUpEndsAtOnceAndGoesOnForTheOthers() throws Exception {
        server.address("a.test", "10.0.0.1", 60);
        server.delay(200);
        Resolver resolver = resolver(options());
        CountDownLatch ended = new CountDownLatch(1);
        Thread impatient =
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    assertTrue(
                                            failure(resolver, "a.test", LONG)
                                                    .contains("cancelled"));
                                    assertTrue(Thread.interrupted());
                                    ended.countDown();
                                });
        await().until(() -> !server.questions().isEmpty());
        impatient.interrupt();

        assertTrue(ended.await(10, TimeUnit.SECONDS));
        assertEquals(List.of("10.0.0.1"), names(resolver.resolve("a.test", LONG)));
        assertEquals(1, server.questions().size());
    }

    @Test
    void optionsOutOfRangeAreRefused() {
        DnsOptions defaults = DnsOptions.defaults();
        assertThrows(IllegalArgumentException.class, () -> defaults.withAttempts(0));
        assertThrows(IllegalArgumentException.class, () -> defaults.withNdots(16));
        assertThrows(IllegalArgumentException.class, () -> defaults.withTimeout(Duration.ZERO));
        assertThrows(
                IllegalArgumentException.class,
                () -> defaults.withServer(InetSocketAddress.createUnresolved("ns.test", 53)));
        assertThrows(
                IllegalArgumentException.class,
                () -> Resolver.dns(defaults.withSearch(List.of("x".repeat(64)))));
    }
}
