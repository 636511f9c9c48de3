package io.cosocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import javax.net.ssl.SSLException;

/** What is kept between handshakes: sessions, and pooled connections. */
@Timeout(60)
class TlsReuseTest extends TlsDialogue {
    private TlsServer server;

    @BeforeEach
    void startServer() throws IOException {
        server = TlsServer.echo(certificates, good);
    }

    @AfterEach
    void stopServer() throws IOException {
        server.close();
    }

    private TcpSocket connect(TlsOptions tls) throws IOException {
        return scope.connect("localhost", server.port(), with(tls));
    }

    /** Connects, exchanges a line, which brings the tickets of TLS 1.3, and closes. */
    private TlsSession visit(TlsOptions tls) throws IOException {
        try (TcpSocket socket = connect(tls)) {
            return exchange(socket).tls();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    @Tag("129-T4")
    void sessionIsResumedOfItself(String protocol) throws IOException {
        TlsOptions tls = trusting().withProtocols(protocol);

        assertFalse(visit(tls).resumed());
        TlsSession second = visit(tls);
        TlsSession third = visit(trusting().withProtocols(protocol));

        assertTrue(second.resumed());
        assertEquals(2, second.peerCertificates().size());
        assertTrue(third.resumed(), "terms of the same content are the same terms");
    }

    @Test
    void sessionIsNotResumedUnderOtherTerms() throws IOException {
        TlsOptions lax = trusting().withVerify(false);
        visit(lax);
        assertTrue(visit(lax).resumed());

        assertFalse(visit(trusting()).resumed());
        assertFalse(visit(trusting().withAlpn("x")).resumed());
        assertFalse(visit(trusting().withServerName("127.0.0.1")).resumed());
        assertFalse(visit(trusting().withIdentityPem(good.chain(), good.key())).resumed());
    }

    @Test
    void sessionIsNotResumedWithAnotherEndpoint() throws IOException {
        visit(trusting());
        try (TlsServer other = TlsServer.echo(certificates, good)) {
            ConnectOptions options = ConnectOptions.defaults().withTls(trusting());
            assertFalse(scope.connect("localhost", other.port(), options).tls().resumed());
        }
    }

    @Test
    void reuseCanBeSwitchedOff() throws IOException {
        TlsOptions fresh = trusting().withSessionReuse(false);
        visit(fresh);

        assertFalse(visit(fresh).resumed());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    @Tag("129-T4")
    @Tag("170s-T2")
    void savedSessionIsOffered(String protocol) throws IOException {
        TlsOptions fresh = trusting().withProtocols(protocol).withSessionReuse(false);
        TlsSession saved = visit(fresh);

        assertTrue(visit(fresh.withSession(saved)).resumed());
        assertTrue(visit(fresh.withSession(saved)).resumed());
        assertFalse(visit(fresh).resumed());
    }

    @Test
    void savedSessionOfOtherTermsIsNotOffered() throws IOException {
        TlsSession unverified = visit(trusting().withVerify(false).withSessionReuse(false));

        TlsOptions verified = trusting().withSessionReuse(false).withSession(unverified);

        assertFalse(visit(verified).resumed());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    @Tag("129-T18")
    void pooledConnectionKeepsItsEncryption(String protocol) throws IOException {
        TlsOptions tls = trusting().withProtocols(protocol);
        TlsSession first = exchange(connect(tls)).tls();
        TcpSocket socket = exchange(connect(tls));
        assertNotSame(first, socket.tls());
        TlsSession kept = socket.tls();
        assertEquals(Release.KEPT, socket.release());

        TcpSocket again = connect(tls);

        assertEquals(1, again.reuseCount());
        assertEquals(kept, again.tls());
        exchange(again);
        assertEquals(2, server.accepted.get());
    }

    @Test
    void ticketsThatArriveLateDoNotSpoilAPooledConnection() throws IOException {
        // nothing was read since the handshake: the tickets lie unread in the kernel or come later
        List<TcpSocket> sockets = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            sockets.add(connect(trusting()));
        }
        for (TcpSocket socket : sockets) {
            assertEquals(Release.KEPT, socket.release());
        }

        for (int i = 0; i < 10; i++) {
            TcpSocket again = connect(trusting());
            assertEquals(1, again.reuseCount());
            exchange(again);
        }
        assertEquals(10, server.accepted.get());
    }

    @Test
    void pooledConnectionIsNotReusedUnderOtherTerms() throws IOException {
        assertEquals(Release.KEPT, exchange(connect(trusting().withVerify(false))).release());

        assertEquals(0, connect(trusting()).reuseCount());
        TcpSocket plain = scope.connect("localhost", server.port());
        assertEquals(0, plain.reuseCount());
        plain.startTls(trusting());
        exchange(plain);
    }

    @Test
    void pooledConnectionThatWasEncryptedMidwayAsksForTheSameTerms() throws IOException {
        TcpSocket socket = scope.connect("localhost", server.port());
        TlsSession session = socket.startTls(trusting());
        assertEquals(Release.KEPT, exchange(socket).release());

        TcpSocket again = scope.connect("localhost", server.port());
        assertEquals(1, again.reuseCount());

        assertThrows(SSLException.class, () -> again.startTls(trusting().withAlpn("other")));
        assertEquals(session, again.startTls(trusting()));
        exchange(again);
    }

    @Test
    void sharedPoolKeepsPeersOfOtherNamesApart() throws IOException {
        PoolOptions shared = PoolOptions.defaults().withName("all").withShared(true);
        ConnectOptions plain = ConnectOptions.defaults().withPool(shared);
        ConnectOptions encrypted = plain.withTls(trusting());
        TcpSocket first = scope.connect("localhost", server.port(), encrypted);
        assertEquals(Release.KEPT, exchange(first).release());

        assertEquals(0, scope.connect("127.0.0.1", server.port(), encrypted).reuseCount());
        assertEquals(1, scope.connect("localhost", server.port(), encrypted).reuseCount());

        TcpSocket midway = scope.connect("localhost", server.port(), plain);
        midway.startTls(trusting());
        assertEquals(Release.KEPT, exchange(midway).release());
        TcpSocket again = scope.connect("127.0.0.1", server.port(), plain);
        assertEquals(1, again.reuseCount());
        assertThrows(SSLException.class, () -> again.startTls(trusting()));
    }

    @Test
    void unreadBytesInsideTlsAreNoticedAtRelease() throws IOException {
        TcpSocket socket = connect(trusting());
        socket.send("one\ntwo\n");
        assertEquals("one", socket.receiveLine());
        assertEquals(1, socket.peek(1).length);

        assertEquals(Release.UNREAD_DATA, socket.release());
    }
}
