package io.cosocket;

import org.jspecify.annotations.Nullable;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A name server with a few records, which counts the questions and fails as told. */
final class FakeDnsServer implements AutoCloseable {
    private final DatagramChannel channel = DatagramChannel.open();
    private final Map<Name, List<Record>> zone = new ConcurrentHashMap<>();
    private final Map<Name, Integer> failures = new ConcurrentHashMap<>();
    private final List<String> questions = Collections.synchronizedList(new ArrayList<>());
    private volatile boolean silent;
    private volatile int silentType;
    private volatile long delayMillis;
    private volatile long negativeSeconds = -1;

    FakeDnsServer() throws IOException {
        channel.bind(new InetSocketAddress("127.0.0.1", 0));
        Thread.ofVirtual().start(this::serve);
    }

    InetSocketAddress address() throws IOException {
        return (InetSocketAddress) channel.getLocalAddress();
    }

    String name() throws IOException {
        return "127.0.0.1:" + address().getPort();
    }

    static Name name(String text) {
        return Name.fromConstantString(text + ".");
    }

    FakeDnsServer address(String name, String address, long ttlSeconds) {
        InetAddress ip = InetAddress.ofLiteral(address);
        Name owner = name(name);
        add(
                ip.getAddress().length == 4
                        ? new ARecord(owner, DClass.IN, ttlSeconds, ip)
                        : new AAAARecord(owner, DClass.IN, ttlSeconds, ip));
        return this;
    }

    FakeDnsServer alias(String name, String target, long ttlSeconds) {
        add(new CNAMERecord(name(name), DClass.IN, ttlSeconds, name(target)));
        return this;
    }

    FakeDnsServer fail(String name, int code) {
        failures.put(name(name), code);
        return this;
    }

    void forget(String name) {
        zone.remove(name(name));
    }

    void silent(boolean value) {
        silent = value;
    }

    /** Leaves questions of this type without an answer. */
    void silentType(int type) {
        silentType = type;
    }

    void delay(long millis) {
        delayMillis = millis;
    }

    void negativeTtl(long seconds) {
        negativeSeconds = seconds;
    }

    List<String> questions() {
        return List.copyOf(questions);
    }

    private void add(Record record) {
        zone.computeIfAbsent(record.getName(), name -> new ArrayList<>()).add(record);
    }

    private void serve() {
        ByteBuffer buffer = ByteBuffer.allocate(4096);
        try {
            while (true) {
                buffer.clear();
                SocketAddress client = channel.receive(buffer);
                Message query = new Message(buffer.flip());
                questions.add(
                        query.getQuestion().getName()
                                + " "
                                + Type.string(query.getQuestion().getType()));
                if (!silent && query.getQuestion().getType() != silentType) {
                    Thread.ofVirtual().start(() -> reply(query, client));
                }
            }
        } catch (IOException e) {
            // closed: the test is over
        }
    }

    private void reply(Message query, SocketAddress client) {
        try {
            if (delayMillis > 0) {
                new CountDownLatch(1).await(delayMillis, TimeUnit.MILLISECONDS);
            }
            channel.send(ByteBuffer.wrap(answer(query).toWire()), client);
        } catch (IOException | InterruptedException e) {
            // the client will ask again
        }
    }

    private Message answer(Message query) {
        Message reply = new Message(query.getHeader().getID());
        reply.getHeader().setFlag(Flags.QR);
        reply.addRecord(query.getQuestion(), Section.QUESTION);
        Name name = query.getQuestion().getName();
        Integer failure = failures.get(name);
        if (failure != null) {
            reply.getHeader().setRcode(failure);
            return reply;
        }
        List<Record> records = zone.get(name);
        if (records == null) {
            reply.getHeader().setRcode(Rcode.NXDOMAIN);
            soa().ifPresent(record -> reply.addRecord(record, Section.AUTHORITY));
            return reply;
        }
        Map<Name, Integer> seen = new HashMap<>();
        follow(query.getQuestion().getType(), records, reply, seen);
        return reply;
    }

    private Optional<Record> soa() {
        Name zoneName = name("test");
        return negativeSeconds < 0
                ? Optional.empty()
                : Optional.of(
                        new SOARecord(
                                zoneName,
                                DClass.IN,
                                3600,
                                zoneName,
                                zoneName,
                                1,
                                1,
                                1,
                                1,
                                negativeSeconds));
    }

    /** Follows aliases, but leaves those to a name with "elsewhere" in it to the client. */
    private void follow(
            int type, @Nullable List<Record> records, Message reply, Map<Name, Integer> seen) {
        for (Record record : records == null ? List.<Record>of() : records) {
            if (record instanceof CNAMERecord alias) {
                reply.addRecord(record, Section.ANSWER);
                Name target = alias.getTarget();
                if (!target.toString().contains("elsewhere")
                        && seen.merge(target, 1, Integer::sum) == 1) {
                    follow(type, zone.get(target), reply, seen);
                }
            } else if (record.getType() == type) {
                reply.addRecord(record, Section.ANSWER);
            }
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
