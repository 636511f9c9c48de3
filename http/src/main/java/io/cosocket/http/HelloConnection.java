package io.cosocket.http;

import io.cosocket.http.HandshakeHooks.Refused;

import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.BufferUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;

import javax.net.ssl.SSLContext;

/**
 * Reads the ClientHello, asks the handlers, and gives place to Jetty's TLS connection, which reads
 * the same bytes again. A client that is refused gets an alert, which needs no keys yet.
 */
final class HelloConnection extends AbstractConnection implements Connection.UpgradeFrom {
    private static final Logger LOG = LoggerFactory.getLogger("io.cosocket.http.tls");

    /** No hello is larger; Jetty's TLS connection takes over at most this much. */
    private static final int MAX_BYTES = 16 << 10;

    private static final int FIRST_BYTES = 2 << 10;

    /** Makes the connection that goes on. */
    interface Next {
        Connection connection(SSLContext context);
    }

    private final HandshakeHooks hooks;
    private final Next next;
    private ByteBuffer received = BufferUtil.allocate(FIRST_BYTES);
    private volatile boolean read;
    private volatile boolean handling;

    HelloConnection(EndPoint endPoint, Executor executor, HandshakeHooks hooks, Next next) {
        super(endPoint, executor);
        this.hooks = hooks;
        this.next = next;
    }

    @Override
    public void onOpen() {
        super.onOpen();
        fillInterested();
    }

    @Override
    public void onFillable() {
        try {
            while (true) {
                if (BufferUtil.space(received) == 0 && !grow()) {
                    throw new Refused(
                            HandshakeHooks.DECODE_ERROR, "the ClientHello is too large", null);
                }
                int count = getEndPoint().fill(received);
                if (count < 0) {
                    close();
                    return;
                }
                HelloMessage message = HelloMessage.parse(received);
                if (message != null) {
                    admit(message);
                    return;
                }
                if (count == 0) {
                    fillInterested();
                    return;
                }
            }
        } catch (HelloMessage.Malformed e) {
            refuse(new Refused(HandshakeHooks.DECODE_ERROR, String.valueOf(e.getMessage()), null));
        } catch (Refused e) {
            refuse(e);
        } catch (IOException e) {
            getEndPoint().close(e);
        }
    }

    private boolean grow() {
        if (received.capacity() >= MAX_BYTES) {
            return false;
        }
        ByteBuffer larger = BufferUtil.allocate(MAX_BYTES);
        BufferUtil.append(larger, received);
        received = larger;
        return true;
    }

    private void admit(HelloMessage message) throws Refused {
        EndPoint endPoint = getEndPoint();
        ClientHello hello =
                new ClientHello(
                        message,
                        endPoint.getRemoteSocketAddress(),
                        endPoint.getLocalSocketAddress());
        read = true;
        handling = true;
        SSLContext context;
        try {
            context = hooks.admit(hello);
        } finally {
            handling = false;
        }
        endPoint.upgrade(next.connection(context));
    }

    /** Tells whether the whole ClientHello has come. */
    boolean isRead() {
        return read;
    }

    private void refuse(Refused refusal) {
        EndPoint endPoint = getEndPoint();
        LOG.warn(
                "handshake refused: {}, client: {}",
                refusal.getMessage(),
                endPoint.getRemoteSocketAddress(),
                refusal.getCause());
        byte[] alert = {21, 3, 3, 0, 2, 2, (byte) refusal.alert()};
        try {
            endPoint.flush(ByteBuffer.wrap(alert));
        } catch (IOException e) {
            LOG.debug("the alert could not be sent", e);
        }
        endPoint.close();
    }

    @Override
    public @Nullable ByteBuffer onUpgradeFrom() {
        ByteBuffer bytes = received;
        received = BufferUtil.EMPTY_BUFFER;
        return bytes;
    }

    /** A handler may take longer than a client may be silent. */
    @Override
    public boolean onIdleExpired(TimeoutException timeout) {
        return !handling && super.onIdleExpired(timeout);
    }
}
