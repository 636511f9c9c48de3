package io.cosocket.websocket;

import io.cosocket.SocketClosedException;
import io.cosocket.SocketClosedException.ClosedBy;
import io.cosocket.SocketScope;
import io.cosocket.StreamSocket;
import io.cosocket.UnexpectedEndException;
import io.cosocket.http.Exchange;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A WebSocket connection (RFC 6455, with permessage-deflate of RFC 7692) in blocking style, as
 * lua-resty-websocket builds it on the raw request socket.
 *
 * <p>Receiving fails alike everywhere:
 *
 * <ul>
 *   <li>{@link WebSocketException}: the peer broke the protocol or a limit; it was told so and the
 *       socket is closed.
 *   <li>{@link io.cosocket.OperationTimeoutException}: nothing came within the receive time-out.
 *       Nothing is lost, also in the middle of a message; the call may be repeated.
 *   <li>{@link UnexpectedEndException}: the peer went without a close frame; sending works on.
 *   <li>{@link SocketClosedException}: closed, reset, cancelled or interrupted.
 *   <li>{@link IllegalStateException}: another thread is receiving, and is not disturbed; or the
 *       connection belongs to another run.
 * </ul>
 *
 * <p>Sending blocks until the kernel has taken the frame and fails as {@link io.cosocket.Sender}
 * does, but an interrupt while another thread's frame is sent closes nothing; once a close frame
 * was sent, by this side's wish or as an answer, it is {@link SocketClosedException}.
 *
 * <p>Threads: one thread may receive while another sends; {@link #close(int, String)}, pings and
 * pongs from any thread. Lifetime: until closed, or until the scope of its socket ends.
 */
public final class WebSocket implements AutoCloseable {
    private static final int FRAGMENT_BYTES = 1 << 13;

    private final StreamSocket socket;
    private final boolean server;
    private final WebSocketOptions options;
    private final @Nullable String subprotocol;
    private final boolean compressed;
    private final FrameReader frames;
    private final MessageReader messages;
    private final FrameSender sender;

    private final AtomicBoolean reading = new AtomicBoolean();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition readerLeft = lock.newCondition();

    /** Set once {@link #close(int, String)} waits for the reader to leave. */
    private volatile boolean closing;

    private volatile long closeExpiryNanos;
    private volatile Message.@Nullable Close peerClose;

    // Used by the reader.
    private boolean closeGiven;
    private boolean handedOut;
    private @Nullable MessageStream stream;

    WebSocket(
            StreamSocket socket,
            boolean server,
            WebSocketOptions options,
            @Nullable String subprotocol,
            @Nullable DeflateTerms deflate) {
        this.socket = socket;
        this.server = server;
        this.options = options;
        this.subprotocol = subprotocol;
        this.compressed = deflate != null;
        if (options.timeouts() != null) {
            socket.timeouts(options.timeouts());
        }
        boolean serverTakeover = deflate != null && deflate.serverTakeover();
        boolean clientTakeover = deflate != null && deflate.clientTakeover();
        this.sender =
                new FrameSender(
                        socket,
                        !server,
                        deflate == null ? null : options.deflate(),
                        server ? serverTakeover : clientTakeover,
                        deflate == null
                                ? DeflateTerms.FULL_BITS
                                : server ? deflate.serverBits() : deflate.clientBits());
        this.frames = new FrameReader(socket, server, compressed, options, sender::queuePing);
        this.messages =
                new MessageReader(
                        frames,
                        this::take,
                        options.limits(),
                        server ? clientTakeover : serverTakeover);
    }

    /**
     * Accepts the opening handshake of a request and takes over its connection. A request that is
     * not one is answered: 400 (malformed), 403 (origin), 405 (not GET), 426 (no upgrade, or not
     * version 13), 505 (not HTTP/1.1); then this throws and the handler should end.
     *
     * <p>The connection closes when the run of the handler ends.
     *
     * @throws WebSocketHandshakeException when the request was refused
     * @throws IllegalStateException as {@link Exchange#rawSocket()}
     * @throws IOException when the client has left
     */
    public static WebSocket accept(Exchange exchange, WebSocketOptions options) throws IOException {
        return Opening.accept(exchange, options);
    }

    /**
     * Connects to a server and does the opening handshake. Blocks at most for the connect time-out
     * and then as long as the answer goes on within the receive time-out.
     *
     * @param scope owns the connection, which is never pooled
     * @param uri {@code ws://host:port/path?query}, {@code wss://…}, or {@code
     *     ws+unix:/path/of/socket:/path?query}
     * @throws WebSocketHandshakeException when the server refuses or answers wrongly; closed
     * @throws IllegalArgumentException when the URI is none of these
     * @throws IOException as {@link SocketScope#connect(String, int)}
     */
    public static WebSocket connect(SocketScope scope, URI uri, WebSocketOptions options)
            throws IOException {
        return Opening.connect(scope, WebSocketTarget.of(uri), options);
    }

    /**
     * Does the opening handshake on a connection that is there already, such as one through a
     * proxy. For {@code wss} it has to be encrypted already.
     *
     * @throws WebSocketHandshakeException when the server refuses or answers wrongly; closed
     * @throws IOException as told at {@link io.cosocket.Receiver} and {@link io.cosocket.Sender};
     *     closed
     */
    public static WebSocket connect(StreamSocket socket, URI uri, WebSocketOptions options)
            throws IOException {
        return Opening.on(socket, WebSocketTarget.of(uri), options);
    }

    /** Gives the subprotocol agreed on, or null. */
    public @Nullable String subprotocol() {
        return subprotocol;
    }

    /** Tells whether messages are compressed. */
    public boolean isCompressed() {
        return compressed;
    }

    /** Gives the local address. */
    public SocketAddress localAddress() {
        return socket.localAddress();
    }

    /** Gives the peer's address. */
    public SocketAddress remoteAddress() {
        return socket.remoteAddress();
    }

    /** Tells whether the connection is there; a close handshake under way leaves it open. */
    public boolean isOpen() {
        return socket.isOpen();
    }

    /** Gives the peer's close, or null while there was none. */
    public Message.@Nullable Close peerClose() {
        return peerClose;
    }

    /** Gives how long the peer may be silent. */
    public Duration receiveTimeout() {
        return frames.silenceLimit();
    }

    /** Sets how long the peer may be silent; positive. */
    public void receiveTimeout(Duration limit) {
        frames.silenceLimit(limit);
    }

    /** Sets the time-out of sends; positive. */
    public void sendTimeout(Duration limit) {
        socket.sendTimeout(limit);
    }

    /**
     * Receives the next whole message. Pings are answered meanwhile, a close too.
     *
     * @return a message; {@link Message.Close} when the peer closes, after the close handshake is
     *     over and the socket closed; null from then on
     * @throws IOException as told at {@link WebSocket}
     */
    public @Nullable Message receive() throws IOException {
        return receiving(this::receiveWhole);
    }

    /**
     * Waits for the next message and gives it as a stream.
     *
     * @return null when the peer has closed; {@link #peerClose()} has its reason
     * @throws IOException as told at {@link WebSocket}
     */
    public @Nullable MessageStream receiveStream() throws IOException {
        return receiving(
                () -> {
                    if (peerClose != null || !skipHandedOut() || !messages.begin()) {
                        return null;
                    }
                    handedOut = true;
                    stream = new MessageStream(this, messages.opcode() == Opcode.TEXT);
                    return stream;
                });
    }

    /**
     * Receives the next frame, control frames included ({@code recv_frame}). Unlike the original
     * pings and the close were answered already, masks and compression are undone.
     *
     * @return null when the peer's close was given
     * @throws IOException as told at {@link WebSocket}
     */
    public @Nullable Frame receiveFrame() throws IOException {
        return receiving(
                () -> {
                    if (peerClose != null) {
                        return null;
                    }
                    int opcode = messages.gatherFrame();
                    if (Opcode.isControl(opcode)) {
                        byte[] payload = messages.control();
                        take(opcode, payload);
                        closeGiven |= opcode == Opcode.CLOSE;
                        return new Frame(Opcode.kind(opcode), payload.clone(), true);
                    }
                    int kind = handedOut ? Opcode.CONTINUATION : opcode;
                    handedOut = messages.opcode() != 0;
                    return new Frame(Opcode.kind(kind), messages.takeBytes(), !handedOut);
                });
    }

    /**
     * Sends a text message.
     *
     * @throws IllegalArgumentException when it has half a surrogate pair
     * @throws IOException as told at {@link WebSocket}
     */
    public void sendText(String text) throws IOException {
        sendText(text, true);
    }

    /**
     * Sends a part of a text message as a frame of its own; control frames may come in between.
     *
     * @param last whether the message ends with it
     * @throws IllegalArgumentException when it has half a surrogate pair
     * @throws IllegalStateException when a binary message is not finished
     * @throws IOException as told at {@link WebSocket}
     */
    public void sendText(String part, boolean last) throws IOException {
        byte[] bytes = TextBytes.of(part);
        sender.data(Opcode.TEXT, bytes, 0, bytes.length, last);
    }

    /**
     * Sends a text message given as UTF-8.
     *
     * @param utf8 its remaining bytes, which are used up
     * @throws IllegalArgumentException when it is not UTF-8
     * @throws IOException as told at {@link WebSocket}
     */
    public void sendText(ByteBuffer utf8) throws IOException {
        TextBytes.check(utf8);
        sender.data(Opcode.TEXT, utf8, true);
    }

    /** Sends a binary message; fails as told at {@link WebSocket}. */
    public void sendBinary(byte[] bytes) throws IOException {
        sender.data(Opcode.BINARY, bytes, 0, bytes.length, true);
    }

    /**
     * Sends a part of a binary message as a frame of its own; control frames may come in between.
     *
     * @param last whether the message ends with it
     * @throws IllegalStateException when a text message is not finished
     * @throws IOException as told at {@link WebSocket}
     */
    public void sendBinary(byte[] part, boolean last) throws IOException {
        sender.data(Opcode.BINARY, part, 0, part.length, last);
    }

    /** Sends the remaining bytes as a binary message; fails as told at {@link WebSocket}. */
    public void sendBinary(ByteBuffer bytes) throws IOException {
        sender.data(Opcode.BINARY, bytes, true);
    }

    /** Sends the remaining bytes as {@link #sendBinary(byte[], boolean)} does. */
    public void sendBinary(ByteBuffer part, boolean last) throws IOException {
        sender.data(Opcode.BINARY, part, last);
    }

    /**
     * Gives a stream whose bytes become one binary message in fragments of 8 KiB; closing the
     * stream ends the message and nothing else.
     */
    public OutputStream binaryStream() {
        return new MessageOutput(sender, Opcode.BINARY, FRAGMENT_BYTES);
    }

    /**
     * Gives a writer whose text becomes one message, as {@link #binaryStream()}. Half a surrogate
     * pair is a {@link java.nio.charset.CharacterCodingException}; what came before it is sent.
     */
    public Writer textWriter() {
        return new OutputStreamWriter(
                new MessageOutput(sender, Opcode.TEXT, FRAGMENT_BYTES),
                StandardCharsets.UTF_8.newEncoder());
    }

    /**
     * Sends a ping; the peer's pong is read and dropped by {@link #receive()}.
     *
     * @param payload at most 125 bytes
     * @throws IOException as told at {@link WebSocket}
     */
    public void sendPing(byte[] payload) throws IOException {
        sender.control(Opcode.PING, payload);
    }

    /**
     * Sends a pong that nobody asked for, as a heartbeat.
     *
     * @param payload at most 125 bytes
     * @throws IOException as told at {@link WebSocket}
     */
    public void sendPong(byte[] payload) throws IOException {
        sender.control(Opcode.PONG, payload);
    }

    /**
     * Closes with the close handshake: sends a close frame after the frame that is being sent,
     * waits for the peer's, dropping messages that come before, and closes the socket. Blocks at
     * most for the close time-out. Begun or closed already it only waits for the end; from another
     * run it only closes. A thread that receives gets the peer's close.
     *
     * @param code 1000 to 1003, 1007 to 1014, 3000 to 4999
     * @param reason at most 123 bytes of UTF-8
     * @return whether the peer's close came in time
     * @throws IllegalArgumentException when code or reason are not allowed
     * @throws IOException never at present
     */
    public boolean close(int code, String reason) throws IOException {
        byte[] payload = ClosePayload.of(code, reason);
        long expiry = System.nanoTime() + options.closeTimeout().toNanos();
        closeExpiryNanos = expiry;
        boolean reader = false;
        try {
            sendClose(payload);
            reader = socket.isOpen() && !sender.broken() && awaitReader(expiry);
            if (reader) {
                dropUntilClosed(expiry);
            }
        } catch (IOException | IllegalStateException e) {
            // The peer is gone or went wrong, or this thread may not talk to it.
        } finally {
            release();
            if (reader || reading.compareAndSet(false, true)) {
                leave();
            }
        }
        return peerClose != null;
    }

    /** Closes as {@link #close(int, String)} does, with 1000 and no reason. Never fails. */
    @Override
    public void close() {
        try {
            close(CloseCode.NORMAL, "");
        } catch (IOException e) {
            socket.close();
        }
    }

    @Override
    public String toString() {
        return "websocket " + where();
    }

    private String where() {
        return socket.localAddress() + "->" + socket.remoteAddress();
    }

    // --- the reader's part

    /** One step of the reader. */
    private interface Reading<T> {
        @Nullable T run() throws IOException;
    }

    private <T> @Nullable T receiving(Reading<T> step) throws IOException {
        if (!reading.compareAndSet(false, true)) {
            throw new IllegalStateException("websocket busy reading");
        }
        try {
            if (peerClose == null && !socket.isOpen()) {
                socket.peek(1); // fails and says why
            }
            return step.run();
        } catch (WebSocketException e) {
            sendClose(ClosePayload.of(e.code(), e.reason()));
            finish(true);
            throw e;
        } finally {
            leave();
        }
    }

    private @Nullable Message receiveWhole() throws IOException {
        boolean open = peerClose == null && skipHandedOut();
        if (open && messages.atStart()) {
            frames.await();
        }
        if (!open || !messages.begin()) {
            return closeOnce();
        }
        boolean text = messages.opcode() == Opcode.TEXT;
        if (!messages.gather()) {
            return closeOnce();
        }
        return text
                ? new Message.Text(messages.takeText())
                : new Message.Binary(messages.takeBytes());
    }

    int readStream(MessageStream from, byte[] target, int offset, int room) throws IOException {
        Integer count =
                receiving(
                        () -> {
                            if (stream != from) {
                                throw new IOException("the next message was asked for");
                            }
                            return peerClose != null
                                    ? MessageReader.CLOSED
                                    : messages.read(target, offset, room);
                        });
        if (count == null || count == MessageReader.CLOSED) {
            throw new UnexpectedEndException(
                    "receive websocket " + where() + ": closed within a message", new byte[0]);
        }
        return count;
    }

    /** Drops what is left of a message that was given in pieces; false when the peer closed. */
    private boolean skipHandedOut() throws IOException {
        stream = null;
        if (handedOut) {
            if (!messages.skip()) {
                return false;
            }
            handedOut = false;
        }
        return true;
    }

    private Message.@Nullable Close closeOnce() {
        if (closeGiven) {
            return null;
        }
        closeGiven = true;
        return peerClose;
    }

    /** Answers a control frame; false after a close. */
    private boolean take(int opcode, byte[] payload) throws IOException {
        if (closing && System.nanoTime() - closeExpiryNanos > 0) {
            throw new SocketClosedException(
                    "receive websocket " + where() + ": closed", ClosedBy.CALLER);
        }
        if (opcode == Opcode.PING) {
            sender.queuePong(payload);
        }
        if (opcode != Opcode.CLOSE) {
            return true;
        }
        peerClose = ClosePayload.parse(payload);
        sendClose(ClosePayload.answer(payload));
        finish(false);
        return false;
    }

    /** A peer that takes nothing any more may not hold up the close for a whole send time-out. */
    private void sendClose(byte[] payload) {
        if (socket.sendTimeout().compareTo(options.closeTimeout()) > 0) {
            socket.sendTimeout(options.closeTimeout());
        }
        sender.queueClose(payload);
    }

    /**
     * Ends the connection after the close frame was sent. The server, or whoever fails the
     * connection, ends the stream first; then both read what may still come, as closing a socket
     * with unread bytes resets it and the peer might lose the close frame.
     */
    private void finish(boolean failed) {
        long now = System.nanoTime();
        // a close under way has begun to count already
        long expiry = closing ? closeExpiryNanos : now + options.closeTimeout().toNanos();
        try {
            if (sender.awaitSent(expiry - now)) {
                if (server || failed) {
                    socket.shutdownSend();
                }
                drain(expiry);
            }
        } catch (IOException | IllegalStateException e) {
            // The peer is gone, or the program uses the socket itself.
        } finally {
            release();
        }
    }

    private void drain(long expiry) throws IOException {
        boolean more = true;
        for (long left; more && (left = expiry - System.nanoTime()) > 0; ) {
            socket.receiveTimeout(Duration.ofNanos(left));
            more = frames.skip();
        }
    }

    private void dropUntilClosed(long expiry) throws IOException {
        byte[] scratch = new byte[FRAGMENT_BYTES];
        for (long left; peerClose == null && (left = expiry - System.nanoTime()) > 0; ) {
            frames.silenceLimit(Duration.ofNanos(left));
            if (messages.begin()) {
                messages.read(scratch, 0, scratch.length);
            }
        }
    }

    /** Takes the reader's place, once who has it leaves; false when the time is up before. */
    private boolean awaitReader(long expiry) {
        lock.lock();
        try {
            closing = true;
            while (!reading.compareAndSet(false, true)) {
                long left = expiry - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                readerLeft.awaitNanos(left);
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    private void leave() {
        if (!socket.isOpen()) {
            messages.end();
        }
        reading.set(false);
        if (closing) {
            lock.lock();
            try {
                readerLeft.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private void release() {
        socket.close();
        sender.end();
    }
}
