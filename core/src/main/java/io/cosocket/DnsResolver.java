package io.cosocket;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.Name;
import org.xbill.DNS.ResolverConfig;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

import java.net.IDN;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionService;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Asks name servers itself ({@code resolver}): real times to live, negative answers kept as long as
 * the zone says, search domains and a hosts file only when they are configured. The two questions
 * of a name, for either kind of address, are under way at the same time.
 */
final class DnsResolver extends CachingResolver {
    private static final Logger LOG = LoggerFactory.getLogger(DnsResolver.class);

    private static final Executor ASKER =
            question -> Thread.ofVirtual().name("cosocket-lookup").start(question);

    private static final int CONCURRENT_MAX = 256;

    /** How long addresses of one kind wait for those of the other. */
    private static final Duration SECOND_KIND_GRACE = Duration.ofMillis(500);

    /** A hosts file may change at any time, and reading it again is cheap. */
    private static final Duration KEEP_HOSTS = Duration.ofSeconds(1);

    private final DnsOptions options;
    private final DnsClient client;
    private final String asked;
    private final @Nullable HostsFile hosts;
    private final List<Name> search = new ArrayList<>();

    static DnsResolver of(DnsOptions options) {
        return of(options, System::nanoTime);
    }

    static DnsResolver of(DnsOptions options, LongSupplier nanoClock) {
        List<InetSocketAddress> servers =
                options.servers().isEmpty()
                        ? ResolverConfig.getCurrentConfig().servers()
                        : options.servers();
        return new DnsResolver(options.withServers(servers), nanoClock);
    }

    private DnsResolver(DnsOptions options, LongSupplier nanoClock) {
        super(names(options.servers()), CONCURRENT_MAX, nanoClock);
        this.options = options;
        this.asked = names(options.servers());
        this.client = new DnsClient(options, asked);
        this.hosts = options.hosts() == null ? null : new HostsFile(options.hosts());
        for (String domain : options.search()) {
            try {
                search.add(Name.fromString(domain, Name.root));
            } catch (TextParseException e) {
                throw new IllegalArgumentException(
                        "bad search: " + domain + " (allowed: domain names)", e);
            }
        }
    }

    private static String names(List<InetSocketAddress> servers) {
        return servers.stream()
                .map(server -> server.getHostString() + ":" + server.getPort())
                .collect(Collectors.joining(", "));
    }

    @Override
    Answer ask(String host) throws InterruptedException {
        String ascii;
        Name plain;
        try {
            ascii = IDN.toASCII(host, IDN.ALLOW_UNASSIGNED);
            plain = Name.fromString(ascii, Name.root);
        } catch (TextParseException | IllegalArgumentException e) {
            return Answer.failed(Answer.FORMAT_ERROR, "nobody: " + e.getMessage(), Duration.ZERO);
        }
        if (isLocal(host)) {
            return local();
        }
        List<Name> candidates = candidates(ascii, plain);
        Answer known = fromHosts(plain, candidates);
        if (known != null) {
            return known;
        }
        Answer failure = null;
        for (Name name : candidates) {
            Answer answer = query(name);
            if (answer.found()) {
                return answer;
            }
            failure = failure == null ? answer : failure.orLessSure(answer);
        }
        return failure == null ? Answer.failed(Answer.NOT_FOUND, asked, Duration.ZERO) : failure;
    }

    /** RFC 6761, 6.3: these are never asked for. */
    private static boolean isLocal(String host) {
        return host.equals("localhost")
                || host.equals("localhost.")
                || host.endsWith(".localhost")
                || host.endsWith(".localhost.");
    }

    private Answer local() {
        List<InetAddress> addresses = new ArrayList<>();
        addresses.add(InetAddress.ofLiteral("127.0.0.1"));
        if (options.ipv6()) {
            addresses.add(InetAddress.ofLiteral("::1"));
        }
        return Answer.of(addresses, KEEP_HOSTS);
    }

    /** Gives the names to try: as the host is, and below the search domains. */
    private List<Name> candidates(String host, Name plain) {
        if (host.endsWith(".")) {
            return List.of(plain);
        }
        List<Name> names = new ArrayList<>();
        for (Name domain : search) {
            try {
                names.add(Name.fromString(host, domain));
            } catch (TextParseException e) {
                LOG.debug("{} below {} is no name", host, domain, e); // too long
            }
        }
        long dots = host.chars().filter(c -> c == '.').count();
        names.add(dots >= options.ndots() ? 0 : names.size(), plain);
        return names;
    }

    /** The file comes before every question, also for the name as it is. */
    private @Nullable Answer fromHosts(Name plain, List<Name> candidates) {
        Answer answer = fromHosts(plain);
        for (int i = 0; answer == null && i < candidates.size(); i++) {
            answer = fromHosts(candidates.get(i));
        }
        return answer;
    }

    private @Nullable Answer fromHosts(Name name) {
        if (hosts == null) {
            return null;
        }
        List<InetAddress> addresses = new ArrayList<>(hosts.addresses(name.toString(true)));
        if (!options.ipv6()) {
            addresses.removeIf(Inet6Address.class::isInstance);
        }
        return addresses.isEmpty() ? null : Answer.of(addresses, KEEP_HOSTS);
    }

    private Answer query(Name name) throws InterruptedException {
        if (!options.ipv6()) {
            return client.ask(name, Type.A);
        }
        CompletionService<Answer> questions = new ExecutorCompletionService<>(ASKER);
        Future<Answer> four = questions.submit(() -> client.ask(name, Type.A));
        Future<Answer> six = questions.submit(() -> client.ask(name, Type.AAAA));
        try {
            if (answer(questions.take()).found()) {
                questions.poll(SECOND_KIND_GRACE.toNanos(), TimeUnit.NANOSECONDS);
            } else {
                questions.take();
            }
            return both(answer(four), answer(six));
        } finally {
            four.cancel(true);
            six.cancel(true);
        }
    }

    /** Gives what a question brought; nothing of use when it broke or is still under way. */
    private Answer answer(Future<Answer> question) {
        return question.state() == Future.State.SUCCESS
                ? question.resultNow()
                : Answer.failed(Answer.SERVER_FAILURE, asked, Duration.ZERO);
    }

    private static Answer both(Answer four, Answer six) {
        if (!four.found()) {
            return six.found() ? six : four.orLessSure(six);
        }
        if (!six.found()) {
            return four;
        }
        List<InetAddress> both = new ArrayList<>(four.addresses());
        both.addAll(six.addresses());
        return Answer.of(both, four.keep().compareTo(six.keep()) < 0 ? four.keep() : six.keep());
    }

    @Override
    public String toString() {
        return "Resolver.dns(" + asked + ")";
    }
}
