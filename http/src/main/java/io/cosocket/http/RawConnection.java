package io.cosocket.http;

import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;

/**
 * Stands in Jetty's place on an end point that a handler has taken over; keeps the bytes that were
 * received and not parsed.
 */
final class RawConnection extends AbstractConnection implements Connection.UpgradeTo {
    private @Nullable ByteBuffer preRead;

    RawConnection(EndPoint endPoint, Executor executor) {
        super(endPoint, executor);
    }

    @Override
    public void onUpgradeTo(ByteBuffer unparsed) {
        preRead = unparsed;
    }

    @Nullable ByteBuffer preRead() {
        return preRead;
    }

    /** The socket waits for itself; this is never registered. */
    @Override
    public void onFillable() {}

    /** Time-outs are the socket's own. */
    @Override
    public boolean onIdleExpired(TimeoutException timeout) {
        return false;
    }
}
