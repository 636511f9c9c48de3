package io.cosocket;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;

/**
 * The look-up of the machine: hosts file, search domains, name services and all. The JDK's look-up
 * blocks in native code, where it cannot be ended; the permits bound how many do at once. (The JDK
 * adds a carrier for the time of each.)
 */
final class SystemResolver extends CachingResolver {
    /** The system tells no time to live, and the JDK keeps answers for 30 s itself. */
    private static final Duration KEEP = Duration.ofSeconds(5);

    private static final Duration KEEP_FAILURE = Duration.ofSeconds(1);
    private static final int CONCURRENT_MAX = 64;
    private static final String ASKED = "the system";

    /** The permits bound the process, so there is one. */
    static final SystemResolver SHARED = new SystemResolver();

    private SystemResolver() {
        super(ASKED, CONCURRENT_MAX, System::nanoTime);
    }

    @Override
    Answer ask(String host) {
        try {
            return Answer.of(List.of(InetAddress.getAllByName(host)), KEEP);
        } catch (UnknownHostException e) {
            boolean temporary = String.valueOf(e.getMessage()).contains("emporary failure");
            return Answer.failed(
                    temporary ? Answer.SERVER_FAILURE : Answer.NOT_FOUND, ASKED, KEEP_FAILURE);
        }
    }

    @Override
    public String toString() {
        return "Resolver.system()";
    }
}
