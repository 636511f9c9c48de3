package io.cosocket.http;

import io.cosocket.SocketScope;

import org.jspecify.annotations.Nullable;

import java.net.SocketAddress;
import java.util.List;

/**
 * What a client asks for when it begins a TLS handshake, seen by the handlers of the two TLS phases
 * before anything is answered.
 *
 * <p>Threads: the handler and its forks. Lifetime: until the handler has returned.
 */
public final class ClientHello {
    private final HelloMessage message;
    private final SocketAddress remote;
    private final SocketAddress local;
    private volatile @Nullable SocketScope scope;
    private volatile @Nullable String refusal;

    ClientHello(HelloMessage message, SocketAddress remote, SocketAddress local) {
        this.message = message;
        this.remote = remote;
        this.local = local;
    }

    /** Gives the server name asked for (SNI, RFC 6066) in lower case, or null for none. */
    public @Nullable String serverName() {
        return message.serverName();
    }

    /** Gives the application protocols offered, by preference; possibly none. */
    public List<String> alpn() {
        return message.alpn();
    }

    /** Gives the protocol versions offered, as {@code TLSv1.3}; unknown ones are left out. */
    public List<String> protocols() {
        return message.protocols();
    }

    /** Gives the client's address. */
    public SocketAddress remoteAddress() {
        return remote;
    }

    /** Gives the address the client connected to. */
    public SocketAddress localAddress() {
        return local;
    }

    /**
     * Gives the scope of the handler that is running: what is opened there ends with it.
     *
     * @throws IllegalStateException when no handler is running
     */
    public SocketScope sockets() {
        SocketScope running = scope;
        if (running == null) {
            throw new IllegalStateException("bad request: no handler of the handshake is running");
        }
        return running;
    }

    /**
     * Refuses the client with the alert {@code access_denied} ({@code ngx.exit(ngx.ERROR)}); the
     * handler should return.
     *
     * @param reason for the log; the client is not told
     */
    public void refuse(String reason) {
        refusal = reason;
    }

    @Nullable String refusal() {
        return refusal;
    }

    void scope(@Nullable SocketScope running) {
        scope = running;
    }

    @Override
    public String toString() {
        return "client hello from " + remote + " for " + message.serverName();
    }
}
