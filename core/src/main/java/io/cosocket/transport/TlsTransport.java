package io.cosocket.transport;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

/**
 * TLS over any transport, with one {@link SSLEngine} of either side.
 *
 * <pre>
 *   over() ── handshake() ──► OPEN ──┬─ shutdownSend(): close_notify, half-close ──► reads go on
 *                                    ├─ close_notify of the peer: reads end, writes go on (1.3)
 *                                    └─ close(): close_notify as far as it goes at once, then gone
 * </pre>
 *
 * <p>Buffers come from the pool. None is held while nothing is pending: not by an idle connection,
 * and not by a reader that waits between two records.
 *
 * <p>Records are made by the writing side alone, so their order needs no lock. What the engine
 * wants to say because of something it read (the answer to a key update) goes out with the next
 * write, which is when RFC 8446 section 4.6.3 asks for it. Alerts go out with the close.
 *
 * <p>Threads: as {@link Transport}; the handshake excludes reads and writes.
 */
public final class TlsTransport implements Transport {
    /** How long half-close may wait for room for its one record. */
    private static final Duration CLOSE_NOTIFY_LIMIT = Duration.ofSeconds(10);

    /** The first read of a connection that was idle; one that fills it makes the next larger. */
    private static final int FIRST_READ_BYTES = 4 << 10;

    private static final int BULK_READ_BYTES = 64 << 10;

    /** Level and code of an alert of RFC 5246 section 7.2, and the length of its record. */
    private static final int UNKNOWN_NAME_WARNING = 1 << 8 | 112;

    private static final int UNKNOWN_NAME_BYTES = 7;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Transport below;
    private final SSLEngine engine;
    private final boolean tolerateTruncation;

    private boolean established;

    // of the reading side
    private @Nullable ByteBuffer sealed; // received records, between position and limit
    private @Nullable ByteBuffer opened; // decrypted bytes that did not fit the reader's buffer
    private @Nullable SSLException failure; // met behind bytes that were handed out first
    private int readBytes = FIRST_READ_BYTES;
    private boolean recordMissing;
    private boolean ended;

    // of the writing side
    private boolean sendEnded;
    private boolean sendBroken;

    // of the last one out
    private boolean closed;

    private TlsTransport(Transport below, SSLEngine engine, boolean tolerateTruncation) {
        this.below = below;
        this.engine = engine;
        this.tolerateTruncation = tolerateTruncation;
    }

    /**
     * Puts TLS over a transport. {@link #handshake} comes next.
     *
     * @param engine of the client's or the server's side, configured and not used yet
     * @param tolerateTruncation whether an end without close_notify counts as the end of the stream
     */
    public static TlsTransport over(Transport below, SSLEngine engine, boolean tolerateTruncation) {
        return new TlsTransport(below, engine, tolerateTruncation);
    }

    /** Gives the engine, for what the handshake agreed on. */
    public SSLEngine engine() {
        return engine;
    }

    /**
     * Does the handshake; parks for the peer, and computes on this thread.
     *
     * @param deadline fixed: it bounds the whole handshake
     * @throws SocketTimeoutException when the deadline passed
     * @throws InterruptedIOException when cancelled or interrupted
     * @throws SSLException when the handshake failed; {@link #close()} tells the peer why
     */
    public void handshake(Deadline deadline) throws IOException {
        try {
            engine.beginHandshake();
            while (true) {
                switch (engine.getHandshakeStatus()) {
                    case NEED_TASK -> runTasks();
                    case NEED_WRAP -> sendFlight(deadline);
                    case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> receiveFlight(deadline);
                    case FINISHED, NOT_HANDSHAKING -> {
                        established = true;
                        return;
                    }
                }
                if (engine.isInboundDone() || engine.isOutboundDone()) {
                    engine.unwrap(NOTHING, NOTHING); // throws what a task has failed with
                    throw new SSLHandshakeException("closed during the handshake");
                }
            }
        } finally {
            giveBackEmpty();
        }
    }

    private void runTasks() {
        for (Runnable task = engine.getDelegatedTask();
                task != null;
                task = engine.getDelegatedTask()) {
            task.run();
        }
    }

    private void sendFlight(Deadline deadline) throws IOException {
        ByteBuffer records = BufferPool.take(packetBytes());
        try {
            while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
                if (engine.wrap(NOTHING, records).getStatus() != Status.OK) {
                    break;
                }
            }
            records.flip();
            if (!below.write(new ByteBuffer[] {records}, 0, 1, deadline)) {
                sendBroken = true;
                throw stopped(deadline);
            }
        } finally {
            BufferPool.give(records);
        }
    }

    private void receiveFlight(Deadline deadline) throws IOException {
        ByteBuffer in = sealed;
        if (in != null) {
            skipUnknownName(in);
        }
        Status status = engine.unwrap(in == null ? NOTHING : in, NOTHING).getStatus();
        if (status != Status.BUFFER_UNDERFLOW) {
            return;
        }
        int count = fillSealed();
        if (count < 0) {
            throw new SSLHandshakeException("the peer closed the connection");
        }
        if (below.cancelled() || Thread.currentThread().isInterrupted() || deadline.expired()) {
            throw stopped(deadline);
        }
        if (count == 0) {
            giveBackEmpty();
            if (!below.awaitReadable(deadline)) {
                throw stopped(deadline);
            }
        }
    }

    /**
     * Skips the warning of an earlier protocol that the server has no such name but goes on (RFC
     * 6066 section 3). OpenSSL ignores it; the JDK would give up. An encrypted alert is longer.
     */
    private static void skipUnknownName(ByteBuffer in) {
        int at = in.position();
        if (in.remaining() >= UNKNOWN_NAME_BYTES
                && in.get(at) == 21
                && in.getShort(at + 3) == 2
                && in.getShort(at + 5) == UNKNOWN_NAME_WARNING) {
            in.position(at + UNKNOWN_NAME_BYTES);
        }
    }

    private IOException stopped(Deadline deadline) {
        boolean timeOut =
                deadline.expired() && !below.cancelled() && !Thread.currentThread().isInterrupted();
        return timeOut
                ? new SocketTimeoutException("timeout")
                : new InterruptedIOException("cancelled");
    }

    @Override
    public int tryRead(ByteBuffer target) throws IOException {
        int taken = takeOpened(target);
        try {
            // as many records as there are and fit: one call may feed a large reader
            while (taken == 0 || target.hasRemaining()) {
                int count = openRecord(target, taken > 0);
                if (count <= 0) {
                    return taken > 0 ? taken : count;
                }
                taken += count;
            }
            return taken;
        } catch (SSLException e) {
            failure = e;
            if (taken > 0) {
                return taken;
            }
            throw e;
        } finally {
            giveBackEmpty();
        }
    }

    @Override
    public boolean holdsPart() {
        return sealed != null;
    }

    private int takeOpened(ByteBuffer target) {
        ByteBuffer bytes = opened;
        if (bytes == null) {
            return 0;
        }
        int count = Math.min(bytes.remaining(), target.remaining());
        target.put(target.position(), bytes, bytes.position(), count);
        target.position(target.position() + count);
        bytes.position(bytes.position() + count);
        if (!bytes.hasRemaining()) {
            opened = null;
            BufferPool.give(bytes);
        }
        return count;
    }

    /**
     * Decrypts up to the first record that has bytes for the reader.
     *
     * @param sated the reader has bytes already, so the transport below is left alone
     * @return count of bytes put into {@code target}, 0 when none are there, −1 at the end
     */
    private int openRecord(ByteBuffer target, boolean sated) throws IOException {
        while (!ended) {
            if (failure != null) {
                throw failure;
            }
            ByteBuffer in = sealed;
            if (in == null) {
                if (sated || fillSealed() == 0) {
                    return 0;
                }
                continue;
            }
            SSLEngineResult result = engine.unwrap(in, target);
            int count = result.bytesProduced();
            if (result.getStatus() == Status.BUFFER_OVERFLOW && !sated) {
                result = openAside(in);
                count = takeOpened(target);
            }
            checkHandshake(result);
            ended = result.getStatus() == Status.CLOSED;
            if (count > 0 || result.getStatus() == Status.BUFFER_OVERFLOW) {
                return count;
            }
            if (result.getStatus() == Status.BUFFER_UNDERFLOW && (sated || fillSealed() == 0)) {
                return 0;
            }
        }
        return -1;
    }

    /** Decrypts one record that may be larger than the reader's buffer. */
    private SSLEngineResult openAside(ByteBuffer in) throws SSLException {
        ByteBuffer aside = BufferPool.take(engine.getSession().getApplicationBufferSize());
        try {
            SSLEngineResult result = engine.unwrap(in, aside);
            if (result.getStatus() == Status.BUFFER_OVERFLOW) {
                throw new SSLException("record too large");
            }
            return result;
        } finally {
            if (aside.flip().hasRemaining()) {
                opened = aside;
            } else {
                BufferPool.give(aside); // a ticket, an alert or an empty record
            }
        }
    }

    /** After the handshake only TLS 1.3 may have more to say; an earlier one would begin anew. */
    private void checkHandshake(SSLEngineResult result) throws SSLException {
        HandshakeStatus status = result.getHandshakeStatus();
        if (status == HandshakeStatus.NOT_HANDSHAKING
                || status == HandshakeStatus.FINISHED
                || engine.isInboundDone()
                || engine.isOutboundDone()) {
            return;
        }
        if (!engine.getSession().getProtocol().equals("TLSv1.3")) {
            throw new SSLException("renegotiation refused");
        }
        if (status == HandshakeStatus.NEED_TASK) {
            runTasks();
        }
    }

    /**
     * Reads records from below, behind those there are.
     *
     * @return count of bytes, 0 when none are there now, −1 at an end that is no error to the
     *     caller
     */
    private int fillSealed() throws IOException {
        ByteBuffer in = sealed;
        if (in == null) {
            in = BufferPool.take(readBytes).limit(0);
        } else if (in.remaining() == in.capacity()) {
            in = larger(in);
        }
        sealed = in;
        in.compact();
        int count;
        try {
            count = below.tryRead(in);
            if (!in.hasRemaining()) {
                readBytes = BULK_READ_BYTES;
            }
        } finally {
            in.flip();
        }
        recordMissing = count == 0;
        if (count < 0 && established) {
            endWithoutNotice();
        }
        return count;
    }

    private void endWithoutNotice() throws SSLException {
        if (!tolerateTruncation) {
            throw new SSLException("closed without close_notify: the data may be truncated");
        }
        ended = true;
    }

    private ByteBuffer larger(ByteBuffer full) throws SSLException {
        if (full.capacity() >= BULK_READ_BYTES) {
            throw new SSLException("record too large");
        }
        ByteBuffer larger = BufferPool.take(BULK_READ_BYTES);
        larger.put(full).flip();
        BufferPool.give(full);
        return larger;
    }

    private void giveBackEmpty() {
        ByteBuffer in = sealed;
        if (in != null && !in.hasRemaining()) {
            sealed = null;
            BufferPool.give(in);
        }
    }

    @Override
    public boolean awaitReadable(Deadline deadline) throws IOException {
        boolean pending = opened != null || (sealed != null && !recordMissing);
        if (pending || ended || failure != null) {
            return !deadline.expired();
        }
        return below.awaitReadable(deadline);
    }

    @Override
    public boolean write(ByteBuffer[] buffers, int offset, int length, Deadline deadline)
            throws IOException {
        while (hasRemaining(buffers, offset, length)) {
            checkSend();
            ByteBuffer records = BufferPool.take(packetBytes());
            try {
                sendEnded = !seal(buffers, offset, length, records);
                records.flip();
                if (!below.write(new ByteBuffer[] {records}, 0, 1, deadline)) {
                    // a torn record cannot be mended: nothing more may be sent
                    sendBroken = true;
                    return false;
                }
            } finally {
                BufferPool.give(records);
            }
        }
        return true;
    }

    private void checkSend() throws SocketException {
        if (sendEnded || sendBroken) {
            throw new SocketException("closed");
        }
    }

    /** Makes as many records as fit; false when the engine says that no more may be sent. */
    private boolean seal(ByteBuffer[] buffers, int offset, int length, ByteBuffer records)
            throws IOException {
        do {
            SSLEngineResult result = engine.wrap(buffers, offset, length, records);
            switch (result.getStatus()) {
                case CLOSED -> {
                    return false;
                }
                case BUFFER_OVERFLOW, BUFFER_UNDERFLOW -> {
                    if (records.position() == 0) {
                        throw new SSLException("no room for a record");
                    }
                    return true;
                }
                case OK -> {
                    if (result.bytesProduced() == 0) {
                        throw new SSLException("renegotiation refused");
                    }
                }
            }
        } while (hasRemaining(buffers, offset, length));
        return true;
    }

    private static boolean hasRemaining(ByteBuffer[] buffers, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            if (buffers[i].hasRemaining()) {
                return true;
            }
        }
        return false;
    }

    private int packetBytes() {
        return engine.getSession().getPacketBufferSize();
    }

    @Override
    public int tryWrite(ByteBuffer source) throws IOException {
        if (sendEnded || sendBroken) {
            return 0;
        }
        int start = source.position();
        ByteBuffer records = BufferPool.take(packetBytes());
        try {
            sendEnded = !seal(new ByteBuffer[] {source}, 0, 1, records);
            below.tryWrite(records.flip());
            sendBroken = records.hasRemaining();
        } finally {
            BufferPool.give(records);
        }
        return source.position() - start;
    }

    /**
     * Sends close_notify and half-closes the transport below. With TLS 1.3 the peer may go on
     * sending (RFC 8446 section 6.1); with TLS 1.2 it answers by closing.
     */
    @Override
    public void shutdownSend() throws IOException {
        shutdownSend(Deadline.after(CLOSE_NOTIFY_LIMIT));
    }

    @Override
    public boolean shutdownSend(Deadline deadline) throws IOException {
        if (sendEnded) {
            return !sendBroken;
        }
        sendEnded = true;
        if (!sendBroken) {
            ByteBuffer records = BufferPool.take(packetBytes());
            try {
                sealLast(records);
                ByteBuffer[] one = {records.flip()};
                sendBroken = !below.write(one, 0, 1, deadline);
            } finally {
                BufferPool.give(records);
            }
        }
        below.shutdownSend();
        return !sendBroken;
    }

    /** Makes the alert that closes: close_notify, or what went wrong. */
    private void sealLast(ByteBuffer records) throws SSLException {
        engine.closeOutbound();
        while (!engine.isOutboundDone()) {
            if (engine.wrap(NOTHING, records).bytesProduced() == 0) {
                return;
            }
        }
    }

    @Override
    public void cancel() {
        below.cancel();
    }

    @Override
    public boolean cancelled() {
        return below.cancelled();
    }

    /** Sends close_notify, or the alert that is due, as far as it goes without waiting. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            if (!sendEnded && !sendBroken) {
                sayGoodbye();
            }
        } finally {
            below.close();
            giveBackAll();
        }
    }

    private void sayGoodbye() {
        ByteBuffer records = BufferPool.take(packetBytes());
        try {
            sealLast(records);
            below.tryWrite(records.flip());
        } catch (IOException | RuntimeException e) {
            // an engine may throw anything; the peer learns of the end from the transport below
        } finally {
            BufferPool.give(records);
        }
    }

    private void giveBackAll() {
        ByteBuffer in = sealed;
        if (in != null) {
            sealed = null;
            BufferPool.give(in);
        }
        ByteBuffer bytes = opened;
        if (bytes != null) {
            opened = null;
            BufferPool.give(bytes);
        }
    }

    /** Counts the buffers held for what is pending. */
    int heldBuffers() {
        return (sealed == null ? 0 : 1) + (opened == null ? 0 : 1);
    }

    @Override
    public String kind() {
        return "tls";
    }

    @Override
    public SocketAddress localAddress() {
        return below.localAddress();
    }

    @Override
    public SocketAddress remoteAddress() {
        return below.remoteAddress();
    }
}
