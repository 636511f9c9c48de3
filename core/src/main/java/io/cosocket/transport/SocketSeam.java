package io.cosocket.transport;

import io.cosocket.Receiver;
import io.cosocket.SocketScope;
import io.cosocket.StreamSocket;
import io.cosocket.TlsSession;

import org.jspecify.annotations.Nullable;

import javax.net.ssl.SSLSession;

/**
 * Makes sockets over transports that core itself does not know: the one way in for the HTTP module.
 * The package of the sockets installs it, so that they need not be public.
 */
public abstract class SocketSeam {
    private static volatile @Nullable SocketSeam installed;

    /** For the package of the sockets alone. */
    protected SocketSeam() {}

    /** Installs the maker; called once, by the initialiser of {@link SocketScope}. */
    public static void install(SocketSeam seam) {
        installed = seam;
    }

    /** Makes a duplex socket owned by {@code scope}; closing the scope closes it. */
    public static StreamSocket stream(SocketScope scope, Transport transport) {
        return seam().makeStream(scope, transport);
    }

    /** Makes a read-only socket owned by {@code scope}. */
    public static Receiver receiver(SocketScope scope, Transport transport) {
        return seam().makeReceiver(scope, transport);
    }

    /** Tells how many bytes a socket has taken from its transport that nobody has read yet. */
    public static int buffered(Receiver socket) {
        return seam().countBuffered(socket);
    }

    /** Describes a TLS session of the server's side. */
    public static TlsSession accepted(
            SSLSession session, @Nullable String alpn, @Nullable String serverName) {
        return seam().describe(session, alpn, serverName);
    }

    /** Implements {@link #stream}. */
    protected abstract StreamSocket makeStream(SocketScope scope, Transport transport);

    /** Implements {@link #receiver}. */
    protected abstract Receiver makeReceiver(SocketScope scope, Transport transport);

    /** Implements {@link #buffered}. */
    protected abstract int countBuffered(Receiver socket);

    /** Implements {@link #accepted}. */
    protected abstract TlsSession describe(
            SSLSession session, @Nullable String alpn, @Nullable String serverName);

    private static SocketSeam seam() {
        SocketSeam seam = installed;
        if (seam == null) {
            throw new IllegalStateException("no runtime was created");
        }
        return seam;
    }
}
