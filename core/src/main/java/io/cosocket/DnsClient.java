package io.cosocket;

import org.jspecify.annotations.Nullable;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Asks servers one after the other for the addresses of one kind that a name has. */
final class DnsClient {
    /** Most aliases followed, over all answers. */
    private static final int ALIASES_MAX = 16;

    private static final Duration KEEP_MAX = Duration.ofDays(1);
    private static final Duration KEEP_FAILURE_MAX = Duration.ofMinutes(5);

    /** For a negative answer whose zone does not say; as nginx. */
    private static final Duration KEEP_FAILURE = Duration.ofSeconds(10);

    /** Reads answers. The common pool, which dnsjava would use, may be busy with what blocks. */
    private static final Executor READER = Thread::startVirtualThread;

    private final List<SimpleResolver> servers = new ArrayList<>();
    private final int attempts;
    private final @Nullable Duration valid;
    private final Duration timeout;
    private final String asked;

    /** The server that answered last is asked first. */
    private volatile int preferred;

    DnsClient(DnsOptions options, String asked) {
        for (InetSocketAddress address : options.servers()) {
            SimpleResolver server = new SimpleResolver(address);
            // the wait for its answer ends first, and so decides what a time-out is
            server.setTimeout(options.timeout().plusSeconds(1));
            servers.add(server);
        }
        this.attempts = options.attempts();
        this.valid = options.valid();
        this.timeout = options.timeout();
        this.asked = asked;
    }

    /** Asks and follows aliases; at most attempts × servers × time-out for each alias. */
    Answer ask(Name name, int type) throws InterruptedException {
        Name current = name;
        long ttlSeconds = KEEP_MAX.toSeconds();
        for (int aliases = 0; aliases <= ALIASES_MAX; ) {
            Reply reply = exchange(current, type);
            Message message = reply.message;
            if (message == null) {
                return Answer.failed(reply.failure, reply.server, Duration.ZERO);
            }
            if (message.getRcode() == Rcode.NXDOMAIN) {
                return Answer.failed(Answer.NOT_FOUND, reply.server, keepFailure(message));
            }
            List<Record> records = message.getSection(Section.ANSWER);
            Name start = current;
            for (Record alias; (alias = alias(records, current)) != null; aliases++) {
                if (aliases > ALIASES_MAX) {
                    return Answer.failed(
                            Answer.SERVER_FAILURE, reply.server + ": alias loop", KEEP_FAILURE);
                }
                ttlSeconds = Math.min(ttlSeconds, alias.getTTL());
                current = ((CNAMERecord) alias).getTarget();
            }
            List<InetAddress> addresses = new ArrayList<>();
            for (Record record : records) {
                InetAddress address = address(record, current, type);
                if (address != null) {
                    addresses.add(address);
                    ttlSeconds = Math.min(ttlSeconds, record.getTTL());
                }
            }
            if (!addresses.isEmpty()) {
                return Answer.of(addresses, keep(Duration.ofSeconds(ttlSeconds)));
            }
            if (current.equals(start)) {
                return Answer.failed(Answer.NOT_FOUND, reply.server, keepFailure(message));
            }
        }
        return Answer.failed(Answer.SERVER_FAILURE, asked + ": alias loop", KEEP_FAILURE);
    }

    private static @Nullable Record alias(List<Record> records, Name name) {
        for (Record record : records) {
            if (record instanceof CNAMERecord && record.getName().equals(name)) {
                return record;
            }
        }
        return null;
    }

    private static @Nullable InetAddress address(Record record, Name owner, int type) {
        if (record.getType() != type || !record.getName().equals(owner)) {
            return null;
        }
        return switch (record) {
            case ARecord a -> a.getAddress();
            case AAAARecord a -> a.getAddress();
            default -> null;
        };
    }

    private Duration keep(Duration timeToLive) {
        return valid == null ? timeToLive : valid;
    }

    /** RFC 2308, 5: the smaller of the SOA record's own time to live and its minimum. */
    private Duration keepFailure(Message message) {
        if (valid != null) {
            return valid;
        }
        for (Record record : message.getSection(Section.AUTHORITY)) {
            if (record instanceof SOARecord soa) {
                long seconds = Math.min(soa.getTTL(), soa.getMinimum());
                return Duration.ofSeconds(Math.min(seconds, KEEP_FAILURE_MAX.toSeconds()));
            }
        }
        return KEEP_FAILURE;
    }

    /** What a server said; no message: nobody said anything of use. */
    private record Reply(@Nullable Message message, int failure, String server) {}

    private Reply exchange(Name name, int type) throws InterruptedException {
        Message query = Message.newQuery(Record.newRecord(name, type, DClass.IN));
        Reply failed = new Reply(null, Answer.SERVER_FAILURE, asked);
        int first = preferred;
        for (int i = 0; i < attempts * servers.size(); i++) {
            int index = (first + i) % servers.size();
            Reply reply = exchange(servers.get(index), query);
            if (reply.message != null) {
                preferred = index;
                return reply;
            }
            failed = reply;
        }
        return failed;
    }

    private Reply exchange(SimpleResolver server, Message query) throws InterruptedException {
        InetSocketAddress address = server.getAddress();
        String name = address.getHostString() + ":" + address.getPort();
        CompletableFuture<Message> answer = server.sendAsync(query, READER).toCompletableFuture();
        try {
            Message message = answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
            int code = message.getRcode();
            return code == Rcode.NOERROR || code == Rcode.NXDOMAIN
                    ? new Reply(message, 0, name)
                    : new Reply(null, code, name);
        } catch (TimeoutException e) {
            return new Reply(null, Answer.TIMED_OUT, name);
        } catch (ExecutionException | CancellationException e) {
            return new Reply(null, Answer.SERVER_FAILURE, name);
        } finally {
            answer.cancel(false);
        }
    }
}
