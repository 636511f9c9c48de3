package io.cosocket;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * How host names become addresses ({@code resolver}). Threads: called from many threads at once.
 *
 * <p>The errors of the resolvers given here name host, cause and who was asked, e.g. {@code
 * example.test could not be resolved (3: Host not found), asked 127.0.0.1:53}; {@code (110:
 * Operation timed out)} when no answer came in time.
 */
@FunctionalInterface
public interface Resolver {
    /**
     * Looks a name up; blocks the calling thread for at most {@code limit}. A connect asks on a
     * thread of its own, which it interrupts when it waits no longer: at its deadline or its end.
     * No addresses fail it as a name that could not be resolved, a runtime exception as it is.
     *
     * @param host never a literal address
     * @param limit positive
     * @return at least one address
     * @throws UnknownHostException when there is none, or none became known in time; says why
     */
    List<InetAddress> resolve(String host, Duration limit) throws UnknownHostException;

    /**
     * Gives the resolver of the machine: hosts file, search domains and all. At most 64 names are
     * looked up at once, concurrent look-ups of one name are one, answers are used for 5 s and
     * failures for 1 s.
     */
    static Resolver system() {
        return SystemResolver.SHARED;
    }

    /**
     * Gives a resolver that asks name servers itself, keeps answers as long as they say, and asks
     * once for concurrent look-ups of one name. {@code localhost} is never asked for.
     */
    static Resolver dns(DnsOptions options) {
        return DnsResolver.of(Checks.notNull("options", options));
    }

    /** As {@link #dns(DnsOptions)}, with these servers. */
    static Resolver dns(List<InetSocketAddress> servers, DnsOptions options) {
        return dns(Checks.notNull("options", options).withServers(servers));
    }

    /** Gives a resolver that knows these names alone, in any case of letters. */
    static Resolver fixed(Map<String, List<InetAddress>> addresses) {
        return new FixedResolver(addresses);
    }
}
