package io.cosocket.http;

import io.cosocket.Cosockets;
import io.cosocket.ScopedTask;
import io.cosocket.SocketScope;
import io.cosocket.transport.TlsIdentity;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

import javax.net.ssl.SSLContext;

/**
 * Runs the handlers of the TLS phases of one listener and keeps the certificates they chose.
 *
 * <p>Threads: every method from any thread; handlers run on the caller's.
 */
final class HandshakeHooks {
    /** Certificates kept; the one used longest ago goes first. */
    private static final int MAX_CHOICES = 4096;

    /** Says that a client is refused, and by which alert. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1;
        private final int alert;

        Refused(int alert, String words, @Nullable Throwable cause) {
            super(words, cause);
            this.alert = alert;
        }

        int alert() {
            return alert;
        }
    }

    // RFC 8446 section 6
    static final int ACCESS_DENIED = 49;
    static final int DECODE_ERROR = 50;
    static final int INTERNAL_ERROR = 80;
    static final int UNRECOGNIZED_NAME = 112;

    private record Asked(@Nullable String serverName, List<String> alpn) {}

    private record Choice(TlsIdentity identity, SSLContext context, long untilNanos) {
        @Nullable SSLContext contextOf(TlsIdentity shown) {
            return identity.equals(shown) ? context : null;
        }
    }

    private final Cosockets sockets;
    private final ServerTls tls;
    private final @Nullable SSLContext own;
    private final @Nullable ClientHelloHandler helloHandler;
    private final @Nullable CertificateHandler certificateHandler;
    private final ReentrantLock lock = new ReentrantLock();
    // guarded by lock
    private final Map<Asked, Choice> choices =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Asked, Choice> eldest) {
                    return size() > MAX_CHOICES;
                }
            };

    HandshakeHooks(
            Cosockets sockets,
            ServerTls tls,
            @Nullable SSLContext own,
            @Nullable ClientHelloHandler helloHandler,
            @Nullable CertificateHandler certificateHandler) {
        this.sockets = sockets;
        this.tls = tls;
        this.own = own;
        this.helloHandler = helloHandler;
        this.certificateHandler = certificateHandler;
    }

    /** Asks the handlers; gives the context to go on with. Blocks as long as they do. */
    SSLContext admit(ClientHello hello) throws Refused {
        ClientHelloHandler first = helloHandler;
        if (first != null) {
            run("client_hello", hello, () -> first.handle(hello));
        }
        CertificateHandler second = certificateHandler;
        SSLContext chosen = second == null ? null : chosen(hello, second);
        if (chosen == null) {
            chosen = own;
        }
        if (chosen == null) {
            throw new Refused(
                    UNRECOGNIZED_NAME, "there is no certificate for " + hello.serverName(), null);
        }
        return chosen;
    }

    private @Nullable SSLContext chosen(ClientHello hello, CertificateHandler handler)
            throws Refused {
        Asked asked = new Asked(hello.serverName(), hello.alpn());
        Choice known = known(asked);
        if (known != null && known.untilNanos - System.nanoTime() > 0) {
            return known.context;
        }
        ServerCertificate[] answer = new ServerCertificate[1];
        run("certificate", hello, () -> answer[0] = handler.certificate(hello));
        ServerCertificate certificate = answer[0];
        if (certificate == null) {
            return null;
        }
        TlsIdentity identity = certificate.identity();
        SSLContext fitting = known == null ? null : known.contextOf(identity);
        SSLContext context = fitting == null ? tls.context(identity) : fitting;
        return keep(asked, identity, context, certificate.timeToLive().toNanos());
    }

    /**
     * Keeps an answer. The context holds the sessions that can be resumed, so an unchanged
     * certificate keeps its first one, also when several clients asked at the same time.
     */
    private SSLContext keep(
            Asked asked, TlsIdentity identity, SSLContext context, long timeToLiveNanos) {
        lock.lock();
        try {
            Choice there = choices.get(asked);
            SSLContext first = there == null ? null : there.contextOf(identity);
            SSLContext kept = first == null ? context : first;
            choices.put(asked, new Choice(identity, kept, System.nanoTime() + timeToLiveNanos));
            return kept;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Choice known(Asked asked) {
        lock.lock();
        try {
            return choices.get(asked);
        } finally {
            lock.unlock();
        }
    }

    private interface Step {
        void run() throws Exception;
    }

    private void run(String phase, ClientHello hello, Step step) throws Refused {
        SocketScope scope = sockets.openScope(phase);
        hello.scope(scope);
        ScopedTask task = running -> step.run();
        try {
            scope.run(task);
        } catch (Throwable e) {
            // whatever it is, the client waits for an answer
            if (hello.refusal() == null) {
                throw new Refused(INTERNAL_ERROR, phase + " handler failed", e);
            }
        } finally {
            hello.scope(null);
        }
        String refusal = hello.refusal();
        if (refusal != null) {
            throw new Refused(ACCESS_DENIED, phase + " handler refused: " + refusal, null);
        }
    }
}
