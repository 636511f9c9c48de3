package io.cosocket;

import io.cosocket.SocketClosedException.ClosedBy;
import io.cosocket.transport.Deadline;
import io.cosocket.transport.Transport;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

import javax.net.ssl.SSLException;

/** Both sides over any transport: the raw downstream socket, the ends of an in-memory pair. */
sealed class BufferedSocket extends BufferedReceiver implements StreamSocket
        permits ConnectableSocket {
    /** The kernel takes at most this many buffers at once (IOV_MAX). */
    private static final int MOST_GATHERED = 1024;

    private static final int REFUSE_SEND = SENDING | CONNECTING | CLOSED | SEND_ENDED;

    private final Deadline sendDeadline;

    /** A send failed or timed out, as opposed to a half-close the caller asked for. */
    private boolean sendFailed;

    BufferedSocket(SocketScope scope, @Nullable Transport transport, Timeouts timeouts) {
        super(scope, transport, timeouts);
        this.sendDeadline = Deadline.ofInactivity(timeouts.send());
    }

    final boolean sendFailed() {
        return sendFailed;
    }

    @Override
    void reset() {
        super.reset();
        sendFailed = false;
    }

    @Override
    public final void send(byte[] bytes) throws IOException {
        Transport to = enterSend();
        try {
            write(to, ByteBuffer.wrap(Checks.notNull("bytes", bytes)));
        } finally {
            leave(SENDING);
        }
    }

    @Override
    public final void send(byte[] bytes, int offset, int length) throws IOException {
        Transport to = enterSend();
        try {
            int size = Checks.notNull("bytes", bytes).length;
            if (offset < 0 || length < 0 || offset > size - length) {
                throw new IllegalArgumentException(
                        "bad range: "
                                + offset
                                + " + "
                                + length
                                + " (allowed: within 0 to "
                                + size
                                + ")");
            }
            write(to, ByteBuffer.wrap(bytes, offset, length));
        } finally {
            leave(SENDING);
        }
    }

    @Override
    public final void send(String text) throws IOException {
        Transport to = enterSend();
        try {
            byte[] bytes = Checks.notNull("text", text).getBytes(StandardCharsets.UTF_8);
            write(to, ByteBuffer.wrap(bytes));
        } finally {
            leave(SENDING);
        }
    }

    @Override
    public final void send(ByteBuffer... buffers) throws IOException {
        Transport to = enterSend();
        try {
            for (ByteBuffer buffer : Checks.notNull("buffers", buffers)) {
                Checks.notNull("buffer", buffer);
            }
            write(to, buffers);
        } finally {
            leave(SENDING);
        }
    }

    private void write(Transport to, ByteBuffer... buffers) throws IOException {
        try {
            for (int at = 0; at < buffers.length; at += MOST_GATHERED) {
                sendDeadline.start();
                int count = Math.min(MOST_GATHERED, buffers.length - at);
                if (!to.write(buffers, at, count, sendDeadline)) {
                    throw stopped();
                }
            }
        } catch (IOException e) {
            throw broken(e);
        }
    }

    private Transport enterSend() throws SocketClosedException {
        int seen = flags();
        if ((seen & CLOSED) == 0) {
            scope.checkCaller();
            seen = enter(SENDING, REFUSE_SEND);
            Transport to = transport();
            if (seen == 0 && to != null) {
                return to;
            }
        }
        if ((seen & CLOSED) != 0) {
            throw Failures.closed("send", where(), closedBy(), Failures.NONE);
        }
        if ((seen & SEND_ENDED) != 0) {
            ClosedBy by = sendFailed ? ClosedBy.PEER : ClosedBy.CALLER;
            throw Failures.closed("send", where(), by, Failures.NONE);
        }
        throw Failures.busy("send", where(), seen);
    }

    /** Tells why a write gave up: closed, interrupted, or the time was up. */
    private IOException stopped() {
        if (Thread.currentThread().isInterrupted()) {
            close(scope.interruptCause());
        }
        if (has(CLOSED)) {
            return Failures.closed("send", where(), closedBy(), Failures.NONE);
        }
        log("write timed out");
        return Failures.timeout("send", where(), sendDeadline.used(), Failures.NONE, 0);
    }

    private IOException broken(IOException error) {
        sendFailed = true;
        end(SEND_ENDED);
        if (error instanceof OperationTimeoutException || error instanceof SocketClosedException) {
            return error;
        }
        if (has(CLOSED)) {
            return Failures.closed("send", where(), closedBy(), Failures.NONE);
        }
        IOException translated = Failures.send(where(), error);
        log("send() failed (" + Failures.words(error) + ")");
        if (Failures.isReset(error) || error instanceof SSLException) {
            close(Failures.isReset(error) ? ClosedBy.RESET : ClosedBy.PEER);
        }
        return translated;
    }

    @Override
    public final OutputStream outputStream() {
        return new SenderStream(this);
    }

    @Override
    public final void shutdownSend() throws IOException {
        if ((flags() & (SEND_ENDED | CLOSED)) == SEND_ENDED && !sendFailed) {
            return;
        }
        Transport to = enterSend();
        try {
            sendDeadline.start();
            if (!to.shutdownSend(sendDeadline)) {
                throw stopped();
            }
            end(SEND_ENDED);
        } catch (IOException e) {
            throw broken(e);
        } finally {
            leave(SENDING);
        }
    }

    @Override
    public final Duration sendTimeout() {
        return sendDeadline.limit();
    }

    @Override
    public final void sendTimeout(Duration limit) {
        sendDeadline.limit(Checks.positive("send time-out", limit));
    }

    @Override
    public void timeouts(Timeouts timeouts) {
        Checks.notNull("timeouts", timeouts);
        receiveTimeout(timeouts.receive());
        sendTimeout(timeouts.send());
    }

    @Override
    public final SocketAddress localAddress() {
        return connected().localAddress();
    }

    @Override
    public final SocketAddress remoteAddress() {
        return connected().remoteAddress();
    }

    private Transport connected() {
        Transport current = transport();
        if (current == null) {
            throw new IllegalStateException("socket is not connected");
        }
        return current;
    }

    @Override
    public final boolean isOpen() {
        return (flags() & (CLOSED | CONNECTING)) == 0;
    }

    @Override
    public final void close() {
        close(ClosedBy.CALLER);
    }

    @Override
    public final String toString() {
        return "socket" + where() + (isOpen() ? "" : " (closed)");
    }
}
