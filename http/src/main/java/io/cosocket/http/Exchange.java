package io.cosocket.http;

import io.cosocket.Receiver;
import io.cosocket.ScopedTask;
import io.cosocket.SocketScope;
import io.cosocket.StreamSocket;
import io.cosocket.TlsSession;

import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One request and its response, seen by the handlers of all phases.
 *
 * <p>Everything that sends blocks its (virtual) thread until the kernel has taken the bytes, at
 * most for {@link HttpTimeouts#send()} without progress, and then throws {@link
 * io.cosocket.OperationTimeoutException}; a client that left is {@link
 * io.cosocket.SocketClosedException}. After either nothing more can be sent and the connection
 * closes at the end.
 *
 * <p>Threads: the handler and its forks; those that write take turns. Lifetime: until the last
 * phase's handler has returned.
 */
public final class Exchange {
    private static final VarHandle ATTRIBUTES;
    private static final VarHandle BODY;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            ATTRIBUTES = lookup.findVarHandle(Exchange.class, "attributes", Map.class);
            BODY = lookup.findVarHandle(Exchange.class, "body", RequestBody.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final JettyBridge bridge;
    private final RequestHead head;
    private final ResponseOutput output;
    private final Downstream downstream;
    // made when first asked for, by the handler or a fork
    private volatile @Nullable Map<String, Object> attributes;
    private volatile @Nullable RequestBody body;
    private volatile @Nullable RawTakeOver raw;

    // of the handler that is running
    private volatile Phase phase = Phase.REWRITE;
    private volatile @Nullable SocketScope scope;
    private volatile @Nullable Thread runner;
    private volatile boolean ended;
    private volatile boolean rewritten;

    private volatile boolean watched;
    private volatile boolean aborted;
    private volatile boolean left;
    private volatile @Nullable ScopedTask abortCallback;

    Exchange(JettyBridge bridge, Request request, Response response, Callback callback) {
        this.bridge = bridge;
        this.head = new RequestHead(request);
        this.output =
                new ResponseOutput(
                        response,
                        head.method().equals("HEAD"),
                        head.isHttp11(),
                        bridge.config().timeouts().send());
        this.watched = bridge.config().watchAborts();
        this.downstream = new Downstream(bridge, request, callback, head.isHttp2());
    }

    // --- the request

    /** Gives the method as sent ({@code ngx.req.get_method}). */
    public String method() {
        return head.method();
    }

    /** Gives the path, decoded and without {@code .} and {@code ..} ({@code ngx.var.uri}). */
    public String path() {
        return head.path();
    }

    /** Gives the path as sent; after {@link #rewrite} the one set there. */
    public String rawPath() {
        return head.rawPath();
    }

    /** Gives the query as sent, without the question mark, or null ({@code ngx.var.args}). */
    public @Nullable String query() {
        return head.query();
    }

    /** Gives the first value of a query parameter, decoded, or null ({@code ngx.var.arg_name}). */
    public @Nullable String parameter(String name) {
        List<String> values = head.parameters(name);
        return values.isEmpty() ? null : values.getFirst();
    }

    /** Gives every value of a query parameter, decoded, or none ({@code get_uri_args}). */
    public List<String> parameters(String name) {
        return head.parameters(name);
    }

    /** Gives {@code HTTP/1.0}, {@code HTTP/1.1} or {@code HTTP/2.0}. */
    public String protocol() {
        return head.protocol();
    }

    /** Gives {@code http} or {@code https}, after the connection. */
    public String scheme() {
        return head.scheme();
    }

    /**
     * Gives the first value of a request header, or null; names match in any case. On HTTP/2 the
     * authority is the {@code Host}.
     */
    public @Nullable String header(String name) {
        return head.header(name);
    }

    /** Gives every value of a request header as {@link #header}, one for each line or none. */
    public List<String> headers(String name) {
        return head.headers(name);
    }

    /**
     * Gives the names of the request's headers as they were sent, each once, so that all can be
     * handed on ({@code ngx.req.get_headers}). On HTTP/2 they are in lower case, except for the
     * {@code Host}.
     */
    public List<String> headerNames() {
        return head.headerNames();
    }

    /** Gives the client's address. */
    public SocketAddress remoteAddress() {
        return head.remoteAddress();
    }

    /** Gives the address the client connected to. */
    public SocketAddress localAddress() {
        return head.localAddress();
    }

    /** Tells what the TLS handshake with the client agreed on, or null without TLS. */
    public @Nullable TlsSession tls() {
        return head.tls();
    }

    /**
     * Gives a map of the program's own that lives through all phases ({@code ngx.ctx}). Forks may
     * use it at the same time; it holds no nulls.
     */
    public Map<String, Object> attributes() {
        Map<String, Object> known = attributes;
        if (known == null) {
            ATTRIBUTES.compareAndSet(this, null, new ConcurrentHashMap<String, Object>(8));
            known = Objects.requireNonNull(attributes);
        }
        return known;
    }

    /**
     * Gives the scope of the handler that is running: what is opened there ends with it.
     *
     * @throws IllegalStateException when no handler is running
     */
    public SocketScope sockets() {
        SocketScope running = scope;
        if (running == null) {
            throw new IllegalStateException("bad request: no handler of the exchange is running");
        }
        return running;
    }

    // --- the request body and the connection

    /**
     * Gives the request body as a socket to read from ({@code ngx.req.socket}). Reads decoded bytes
     * of a body of any framing, on every HTTP version, and never one beyond it; a request without a
     * body gives a socket at its end. The first read answers {@code Expect: 100-continue}. A client
     * that leaves before the end is {@link io.cosocket.UnexpectedEndException} whose words begin
     * {@code client aborted}; broken framing is {@link io.cosocket.SocketClosedException}, and a
     * 400 when no handler deals with it, as a time-out of a read is a 408.
     *
     * <p>Unlike in the original the rest of a body that is not read to its end never becomes the
     * next request: it is drained up to {@link HttpLimits#drainBytes()}, else the connection
     * closes.
     *
     * @throws IllegalStateException {@code request body already exists}, after a first call, {@link
     *     #readBody}, {@link #discardBody}, {@link #rawSocket} or {@link Routes#bufferBody}; in the
     *     log phase
     */
    public Receiver requestSocket() {
        refuseInLog("requestSocket");
        return body().socket(sockets());
    }

    /**
     * Takes the connection itself ({@code ngx.req.socket(true)}): reads give every byte after the
     * request head, framing of the body and pipelined bytes included; sends go to the client as
     * they are. Nothing of the server's own is read or written any more. When the run ends, or the
     * socket is closed before, the client sees the end of the stream; what it still sends is thrown
     * away until it closes too, for {@link HttpTimeouts#drain()} at most, so that what was sent
     * last arrives. Needs HTTP/1.0 or 1.1, cleartext or TLS. A head may be flushed before.
     *
     * @throws IllegalStateException {@code pending request body reading}, when part of the body was
     *     read and not all; {@code pending data to write}, when output was not flushed; {@code
     *     duplicate call}; in the log phase. The exchange goes on as before.
     * @throws UnsupportedOperationException on HTTP/2, whose connection carries other requests too
     * @throws IOException when the client has left
     */
    public StreamSocket rawSocket() throws IOException {
        refuseInLog("rawSocket");
        if (raw != null) {
            throw new IllegalStateException("duplicate call");
        }
        RawTakeOver taken = RawTakeOver.of(this);
        raw = taken;
        // the connection may rest for hours and need not hold what Jetty knew of the request
        head.leaveConnection();
        downstream.complete();
        return taken.socket();
    }

    /**
     * Reads the whole request body ({@code ngx.req.read_body}). Blocks until it is there, at most
     * for the receive time-out without progress. A second call gives the same bytes.
     *
     * @param maxBytes at least 1
     * @return a fresh array, empty without a body
     * @throws io.cosocket.ReceiveLimitException when it is longer; a 413 when no handler deals with
     *     it
     * @throws IllegalStateException {@code request body already exists}, after another use of it
     * @throws IOException as reads of {@link #requestSocket()}
     */
    public byte[] readBody(int maxBytes) throws IOException {
        refuseInLog("readBody");
        return body().read(sockets(), maxBytes);
    }

    /**
     * Reads the request body and throws it away ({@code ngx.req.discard_body}). Blocks as {@link
     * #readBody}. A second call does nothing.
     *
     * @throws IllegalStateException {@code request body already exists}, after another use of it
     * @throws IOException as reads of {@link #requestSocket()}
     */
    public void discardBody() throws IOException {
        refuseInLog("discardBody");
        body().discard(sockets());
    }

    // --- the response

    /**
     * Sets the status ({@code ngx.status}).
     *
     * @param code 101, or 200 to 599
     * @throws IllegalStateException when the head was sent
     * @throws UnsupportedOperationException for 101 on HTTP/2, which knows no upgrade
     */
    public Exchange status(int code) {
        if (code != 101 && (code < 200 || code > 599)) {
            throw new IllegalArgumentException(
                    "bad status: " + code + " (allowed: 101, 200 to 599)");
        }
        if (code == 101 && head.isHttp2()) {
            throw new UnsupportedOperationException(
                    "no status 101 on HTTP/2, whose connection carries other requests too");
        }
        output.refuseUnlessOpen();
        output.response().setStatus(code);
        return this;
    }

    /** Gives the status of the response so far; 200 unless set. */
    public int status() {
        int status = output.status();
        return status == 0 ? 200 : status;
    }

    /**
     * Sets a response header, in place of all of that name ({@code ngx.header}).
     *
     * @throws IllegalArgumentException when the name is no token, the value has CR, LF, another
     *     control character or one beyond ISO-8859-1, or it is {@code Transfer-Encoding} or no
     *     count for {@code Content-Length}
     * @throws IllegalStateException when the head was sent
     */
    public Exchange setHeader(String name, String value) {
        Headers.checkName(name);
        Headers.checkValue(name, value);
        Headers.checkFraming(name, value);
        output.refuseUnlessOpen();
        output.response().getHeaders().put(name, value);
        return this;
    }

    /**
     * Adds a response header, or sets {@code Content-Length}, of which there is one; fails as
     * {@link #setHeader}.
     */
    public Exchange addHeader(String name, String value) {
        if (HttpHeader.CONTENT_LENGTH.is(name)) {
            return setHeader(name, value);
        }
        Headers.checkName(name);
        Headers.checkValue(name, value);
        Headers.checkFraming(name, value);
        output.refuseUnlessOpen();
        output.response().getHeaders().add(name, value);
        return this;
    }

    /**
     * Adds text to the response body, as UTF-8 ({@code ngx.print}). Sends when 8 KiB are full.
     *
     * @throws IllegalStateException when the response has ended, when more is sent than its {@code
     *     Content-Length}, or {@code raw request socket acquired}
     * @throws IOException as told at {@link Exchange}
     */
    public void print(String text) throws IOException {
        output.print(text.getBytes(StandardCharsets.UTF_8), true);
    }

    /** Adds bytes to the response body; fails as {@link #print(String)}. */
    public void print(byte[] bytes) throws IOException {
        output.print(bytes, false);
    }

    /** Adds text and a line feed to the body ({@code ngx.say}); fails as {@link #print(String)}. */
    public void say(String line) throws IOException {
        print(line.concat("\n"));
    }

    /** Gives a view that prints; its close flushes and ends nothing. */
    public OutputStream outputStream() {
        return new ResponseStream(output);
    }

    /**
     * Sends status and headers, with what was printed ({@code ngx.send_headers}); fails as {@link
     * #print(String)}.
     */
    public void sendHeaders() throws IOException {
        output.flush();
    }

    /**
     * Sends all that was printed; returns when the kernel has it ({@code ngx.flush(true)}). Does
     * nothing once the response has ended; fails as {@link #print(String)} otherwise.
     */
    public void flush() throws IOException {
        output.flush();
    }

    /** Tells whether the head was sent ({@code ngx.headers_sent}). */
    public boolean committed() {
        return output.committed();
    }

    /**
     * Ends the response and the phases after this one ({@code ngx.exit(ngx.OK)}); only the log
     * phase still runs. The handler should return. Called in a fork it cancels the handler and the
     * other forks.
     *
     * @throws IllegalStateException when the body is shorter than its {@code Content-Length}; the
     *     response has not ended then
     */
    public void end() throws IOException {
        if (raw == null) {
            output.end();
        }
        ended = true;
        SocketScope running = scope;
        if (running != null && Thread.currentThread() != runner) {
            running.close();
        }
    }

    /** Answers with an error status and its name as text, then ends as {@link #end()}. */
    public void fail(int status) throws IOException {
        fail(status, PlainErrors.text(status));
    }

    /**
     * Answers with an error status and a text ({@code ngx.exit(status)}), in place of what was
     * printed and the headers set so far, then ends as {@link #end()}.
     *
     * @param status 400 to 599
     * @throws IllegalStateException when the head was sent
     */
    public void fail(int status, String text) throws IOException {
        if (status < 400 || status > 599) {
            throw new IllegalArgumentException(
                    "bad error status: " + status + " (allowed: 400 to 599)");
        }
        output.refuseUnlessOpen();
        answer(status, text);
        end();
    }

    /**
     * Changes path and query ({@code ngx.req.set_uri}) and lets the rewrite phase begin again with
     * them when this handler returns, at most 10 times; then the answer is 500.
     *
     * @param path begins with a slash, may end with a query
     * @throws IllegalArgumentException when it does not, or is malformed
     * @throws IllegalStateException in another phase
     */
    public void rewrite(String path) {
        if (phase != Phase.REWRITE) {
            throw new IllegalStateException("API disabled in the context of " + phase.word);
        }
        head.rewrite(path);
        rewritten = true;
    }

    // --- the client's leaving

    /**
     * Registers what to do when the client leaves ({@code ngx.on_abort}). It runs once, in a thread
     * of its own, with the scope of the handler that is running; when it has returned, after 5 s at
     * the latest, that run is cancelled.
     *
     * @throws IllegalStateException {@code duplicate call}, or when aborts are not watched
     */
    public void onAbort(ScopedTask callback) {
        if (callback == null) {
            throw new IllegalArgumentException("bad abort callback: null (allowed: a value)");
        }
        if (!watched) {
            throw new IllegalStateException("onAbort: client aborts are not watched");
        }
        if (abortCallback != null) {
            throw new IllegalStateException("duplicate call");
        }
        abortCallback = callback;
    }

    /** Lets the handlers of this exchange run to their end whether the client is there or not. */
    public void ignoreAbort() {
        watched = false;
    }

    /** Tells whether the client was seen to have left. */
    public boolean aborted() {
        return aborted;
    }

    /** Tells whether the server is shutting down: finish soon, it waits for a limited time. */
    public boolean draining() {
        return bridge.draining();
    }

    // --- for the bridge

    /** Begins the run of a handler. */
    void enter(Phase phase, SocketScope scope) {
        this.phase = phase;
        this.runner = Thread.currentThread();
        this.scope = scope;
        rewritten = false;
    }

    void leave() {
        scope = null;
        runner = null;
    }

    /** Replaces whatever was prepared by a short answer. */
    void answer(int status, String text) throws IOException {
        output.reset();
        Response response = output.response();
        bridge.ownHeaders(response);
        response.setStatus(status);
        response.getHeaders().put("Content-Type", "text/plain;charset=utf-8");
        output.print(text.getBytes(StandardCharsets.UTF_8), true);
    }

    /** Refuses a request after which nobody knows where the next one begins. */
    void refuse(int status) throws IOException {
        answer(status, PlainErrors.text(status));
        if (!head.isHttp2()) {
            output.response().getHeaders().put(HttpHeader.CONNECTION, "close");
        }
        end();
    }

    boolean isOver() {
        return ended || raw != null || aborted;
    }

    /** Notes that a run failed because the client had left, whatever it is answered. */
    void left() {
        left = true;
    }

    /** Tells whether the client left before the response had ended. */
    boolean wasLeft() {
        RequestBody known = body;
        return left
                || aborted
                || output.brokenByClient()
                || known != null && known.abortedByClient() && !output.ended();
    }

    boolean wasRewritten() {
        return rewritten;
    }

    void enterLog() {
        phase = Phase.LOG;
    }

    Phase phase() {
        return phase;
    }

    Downstream downstream() {
        return downstream;
    }

    RequestHead head() {
        return head;
    }

    ResponseOutput output() {
        return output;
    }

    boolean watched() {
        return watched;
    }

    /** Tells whether nothing of the body is left to read, so that more bytes are not of it. */
    boolean bodyWasRead() {
        RequestBody known = body;
        return known == null ? !head.hasBody() : !head.hasBody() || known.ended();
    }

    /** Cancels the run of a client that left, after its callback. */
    void clientLeft() {
        if (!watched || output.ended()) {
            return;
        }
        watched = false;
        aborted = true;
        SocketScope running = scope;
        if (running == null) {
            return;
        }
        ScopedTask callback = abortCallback;
        if (callback != null) {
            bridge.runAbortCallback(this, running, callback);
        }
        running.close();
    }

    @Nullable RawTakeOver raw() {
        return raw;
    }

    /** Gives the body if a handler or the server has used it. */
    @Nullable RequestBody bodyIfUsed() {
        return body;
    }

    /** Gives the body; one object for the request. */
    RequestBody body() {
        RequestBody known = body;
        if (known == null) {
            BODY.compareAndSet(this, null, bridge.bodyOf(downstream.request(), head));
            known = Objects.requireNonNull(body);
        }
        return known;
    }

    JettyBridge bridge() {
        return bridge;
    }

    private void refuseInLog(String call) {
        if (phase == Phase.LOG) {
            throw new IllegalStateException(call + ": API disabled in the context of log");
        }
    }
}
