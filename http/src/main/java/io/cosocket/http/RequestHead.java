package io.cosocket.http;

import io.cosocket.TlsSession;
import io.cosocket.transport.SocketSeam;

import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.URIUtil;
import org.jspecify.annotations.Nullable;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;

/** What the request line says, with the path as the rewrite phase left it. */
final class RequestHead {
    private final Request request;
    private final HttpVersion version;
    private String path;
    private String rawPath;
    private @Nullable String query;
    private @Nullable Map<String, String> parameters;
    private @Nullable SocketAddress remote;

    RequestHead(Request request) {
        this.request = request;
        this.version = request.getConnectionMetaData().getHttpVersion();
        HttpURI uri = request.getHttpURI();
        String canonical = uri.getCanonicalPath();
        String raw = uri.getPath();
        this.path = canonical == null ? "" : decoded(canonical);
        this.rawPath = raw == null ? "" : raw;
        this.query = uri.getQuery();
    }

    private static String decoded(String canonical) {
        return canonical.indexOf('%') < 0 ? canonical : URIUtil.decodePath(canonical);
    }

    String method() {
        return request.getMethod();
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
        return String.valueOf(request.getHttpURI().getPathQuery());
    }

    @Nullable String parameter(String name) {
        Map<String, String> known = parameters;
        if (known == null) {
            known = parse(query);
            parameters = known;
        }
        return known.get(name);
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
        return request.isSecure() ? "https" : "http";
    }

    SocketAddress localAddress() {
        return request.getConnectionMetaData().getLocalSocketAddress();
    }

    SocketAddress remoteAddress() {
        SocketAddress known = remote;
        if (known == null) {
            known = request.getConnectionMetaData().getRemoteSocketAddress();
            // Jetty no longer knows it once the connection is closed
            known = known == null ? InetSocketAddress.createUnresolved("unknown", 0) : known;
            remote = known;
        }
        return known;
    }

    @Nullable TlsSession tls() {
        EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
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

    /** Tells whether the request announces a body. */
    boolean hasBody() {
        return request.getLength() > 0
                || request.getLength() < 0
                        && (isHttp2() || request.getHeaders().contains("Transfer-Encoding"));
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

    private static Map<String, String> parse(@Nullable String query) {
        Map<String, String> parsed = new HashMap<>();
        if (query != null) {
            for (String pair : query.split("&")) {
                int equals = pair.indexOf('=');
                String name = equals < 0 ? pair : pair.substring(0, equals);
                String value = equals < 0 ? "" : pair.substring(equals + 1);
                parsed.putIfAbsent(decodedParameter(name), decodedParameter(value));
            }
        }
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
