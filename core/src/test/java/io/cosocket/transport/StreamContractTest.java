package io.cosocket.transport;

import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

@ParameterizedClass(name = "{0}")
@MethodSource("ways")
class StreamContractTest extends StreamContract {
    /** A kind of link; reads give at most so many bytes, after so many that give none. */
    record Way(Links kind, int mostBytes, int stalls) {}

    @Parameter Way way;

    static List<Way> ways() {
        List<Way> ways = new ArrayList<>();
        for (Links kind : Links.values()) {
            ways.add(new Way(kind, Integer.MAX_VALUE, 0));
        }
        ways.add(new Way(Links.UNIX, 7, 0));
        ways.add(new Way(Links.MEMORY, 1, 0));
        ways.add(new Way(Links.TCP, 1000, 2));
        return ways;
    }

    @Override
    protected Link open() throws IOException {
        Link link = way.kind().open();
        Transport near = link.near();
        if (way.mostBytes() < Integer.MAX_VALUE) {
            near = new ChunkedTransport(near, way.mostBytes(), Integer.MAX_VALUE, false);
        }
        if (way.stalls() > 0) {
            near = new StallingTransport(near, way.stalls());
        }
        return new Link(near, link.peer());
    }
}
