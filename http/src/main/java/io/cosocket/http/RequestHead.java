package io.cosocket.http;

import io.cosocket.TlsSession;
import io.cosocket.transport.SocketSeam;

import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.URIUtil;
import org.jspecify.annotations.Nullable;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;

/** What the request's head says, with the path as the rewrite phase left it. */
final class RequestHead {
    /** Jetty knows no addresses any more once the connection is closed. */
    private static final SocketAddress UNKNOWN = InetSocketAddress.createUnresolved("unknown", 0);

    private final String method;
    private final HttpURI uri;
    private final HttpVersion version;
    private HttpFields headers;
    private final long length;
    private final boolean secure;
    private final long begunNanos;

    /** Null once {@link #leaveConnection()} has asked it all there is to know. */
    private @Nullable ConnectionMetaData connection;

    private String path;
    private String rawPath;
    private @Nullable String query;
    private @Nullable Map<String, List<String>> parameters;
    private @Nullable SocketAddress remote;
    private @Nullable SocketAddress local;
    private @Nullable TlsSession tls;

    RequestHead(Request request) {
        ConnectionMetaData connection = request.getConnectionMetaData();
        this.connection = connection;
        this.method = request.getMethod();
        this.uri = request.getHttpURI();
        this.version = connection.getHttpVersion();
        this.headers = request.getHeaders();
        this.length = request.getLength();
        // what the connection is: the client may write anything in an absolute target
        this.secure = connection.isSecure();
        this.begunNanos = request.getBeginNanoTime();
        String canonical = uri.getCanonicalPath();
        String raw = uri.getPath();
        this.path = canonical == null ? "" : decoded(canonical);
        this.rawPath = raw == null ? "" : raw;
        this.query = uri.getQuery();
    }

    private static String decoded(String canonical) {
        return canonical.indexOf('%') < 0 ? canonical : URIUtil.decodePath(canonical);
    }

    /** Asks what may be asked later, so that nothing here holds Jetty's connection any more. */
    void leaveConnection() {
        local = localAddress();
        remoteAddress();
        tls = tls();
        connection = null;
        headers = copy(headers);
    }

    /** Jetty's own fields hold the parser they came from. */
    private static HttpFields copy(HttpFields fields) {
        HttpFields.Mutable copy = HttpFields.build(fields.size());
        for (HttpField field : fields) {
            copy.add(new HttpField(field.getHeader(), field.getName(), field.getValue()));
        }
        return copy.asImmutable();
    }

    String method() {
        return method;
    }

    HttpFields headers() {
        return headers;
    }

    /** Gives the announced length of the body, or −1. */
    long length() {
        return length;
    }

    /** Gives when the request began on {@link System#nanoTime()}'s clock. */
    long begunNanos() {
        return begunNanos;
    }

    String path() {
        return path;
    }

    String rawPath() {
        return rawPath;
    }

    @Nullable String query() {
        return query;
    }

    /** Gives path and query as sent. */
    String target() {
        return String.valueOf(uri.getPathQuery());
    }

    List<String> parameters(String name) {
        Map<String, List<String>> known = parameters;
        if (known == null) {
            known = parse(query);
            parameters = known;
        }
        return known.getOrDefault(name, List.of());
    }

    String protocol() {
        return version.asString();
    }

    boolean isHttp11() {
        return version == HttpVersion.HTTP_1_1;
    }

    boolean isHttp2() {
        return version.getVersion() >= 20;
    }

    String scheme() {
        return secure ? "https" : "http";
    }

    SocketAddress localAddress() {
        ConnectionMetaData from = connection;
        SocketAddress known = from == null ? local : from.getLocalSocketAddress();
        return known == null ? UNKNOWN : known;
    }

    SocketAddress remoteAddress() {
        SocketAddress known = remote;
        if (known == null) {
            ConnectionMetaData from = connection;
            known = from == null ? null : from.getRemoteSocketAddress();
            known = known == null ? UNKNOWN : known;
            remote = known;
        }
        return known;
    }

    @Nullable TlsSession tls() {
        ConnectionMetaData from = connection;
        if (from == null) {
            return tls;
        }
        EndPoint endPoint = from.getConnection().getEndPoint();
        if (!(endPoint instanceof SslConnection.SslEndPoint encrypted)) {
            return null;
        }
        SSLEngine engine = encrypted.getSslConnection().getSSLEngine();
        SSLSession session = engine.getSession();
        String asked = null;
        if (session instanceof ExtendedSSLSession extended) {
            for (SNIServerName name : extended.getRequestedServerNames()) {
                asked = name instanceof SNIHostName host ? host.getAsciiName() : asked;
            }
        }
        return SocketSeam.accepted(session, engine.getApplicationProtocol(), asked);
    }

    /** Gives the values of a header; on HTTP/2 the authority stands for {@code Host}. */
    List<String> headers(String name) {
        List<String> values = headers.getValuesList(name);
        String authority = values.isEmpty() ? authorityAs(name) : null;
        return authority == null ? values : List.of(authority);
    }

    List<String> headerNames() {
        List<String> names = new ArrayList<>(headers.getFieldNamesCollection());
        if (authorityAs("Host") != null && !headers.contains(HttpHeader.HOST)) {
            names.addFirst("Host");
        }
        return List.copyOf(names);
    }

    @Nullable String header(String name) {
        String value = headers.get(name);
        return value == null ? authorityAs(name) : value;
    }

    private @Nullable String authorityAs(String name) {
        return isHttp2() && HttpHeader.HOST.is(name) ? uri.getAuthority() : null;
    }

    /**
     * Gives the status that refuses how the body is framed, or 0: a coding that nobody here
     * decodes, or one that the protocol does not know, so that a proxy before us may have seen
     * another end of the body (RFC 9112 section 6.1).
     */
    int statusForCoding() {
        String coding = headers.get(HttpHeader.TRANSFER_ENCODING);
        if (coding == null) {
            return 0;
        }
        return !isHttp11() ? 400 : coding.equalsIgnoreCase("chunked") ? 0 : 501;
    }

    /** Tells whether the request announces a body. */
    boolean hasBody() {
        return length > 0
                || length < 0 && (isHttp2() || headers.contains(HttpHeader.TRANSFER_ENCODING));
    }

    void rewrite(String target) {
        int mark = target.indexOf('?');
        String raw = mark < 0 ? target : target.substring(0, mark);
        String canonical = raw.startsWith("/") ? URIUtil.canonicalPath(raw) : null;
        if (canonical == null) {
            throw new IllegalArgumentException(
                    "bad path: " + target + " (allowed: an absolute path)");
        }
        path = decoded(canonical);
        rawPath = raw;
        if (mark >= 0) {
            query = target.substring(mark + 1);
            parameters = null;
        }
    }

    private static Map<String, List<String>> parse(@Nullable String query) {
        Map<String, List<String>> parsed = new HashMap<>();
        if (query != null) {
            for (String pair : query.split("&")) {
                int equals = pair.indexOf('=');
                String name = equals < 0 ? pair : pair.substring(0, equals);
                String value = equals < 0 ? "" : pair.substring(equals + 1);
                parsed.computeIfAbsent(decodedParameter(name), first -> new ArrayList<>())
                        .add(decodedParameter(value));
            }
        }
        parsed.replaceAll((name, values) -> List.copyOf(values));
        return parsed;
    }

    /** Malformed escapes stay as they are, as in the original. */
    private static String decodedParameter(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }
}
