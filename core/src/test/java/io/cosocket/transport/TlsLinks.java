package io.cosocket.transport;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

import javax.net.ssl.SSLContext;

/** Encrypted links over memory; the certificates are made once. */
final class TlsLinks {
    private static final SSLContext CONTEXT = context();

    private TlsLinks() {}

    static Link open(String protocol) throws IOException {
        MemoryTransport[] ends = MemoryTransport.pair();
        try {
            TlsPair pair = TlsPair.over(CONTEXT, protocol, ends[0], ends[1]);
            return new Link(pair.client(), new TransportPeer(pair.server()));
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    private static SSLContext context() {
        try {
            Path directory = Files.createTempDirectory("certificates");
            TestCertificates certificates = TestCertificates.in(directory);
            SSLContext context =
                    certificates.serverContext(certificates.server("server", "localhost"));
            List<Path> files;
            try (Stream<Path> all = Files.walk(directory)) {
                files = all.sorted(Comparator.reverseOrder()).toList();
            }
            for (Path file : files) {
                Files.delete(file);
            }
            return context;
        } catch (IOException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
