package io.cosocket;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Knows what it was given; for tests and for machines without a name service. */
final class FixedResolver implements Resolver {
    private final Map<String, List<InetAddress>> known;

    FixedResolver(Map<String, List<InetAddress>> addresses) {
        Map<String, List<InetAddress>> copy = new HashMap<>();
        Checks.notNull("addresses", addresses)
                .forEach((name, list) -> copy.put(lower(name), List.copyOf(list)));
        known = Map.copyOf(copy);
    }

    @Override
    public List<InetAddress> resolve(String host, Duration limit) throws UnknownHostException {
        List<InetAddress> found = known.get(lower(Checks.notNull("host", host)));
        if (found == null || found.isEmpty()) {
            throw CachingResolver.unknown(host, Answer.failure(Answer.NOT_FOUND, "a fixed list"));
        }
        return found;
    }

    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    @Override
    public String toString() {
        return "Resolver.fixed(" + known.keySet() + ")";
    }
}
