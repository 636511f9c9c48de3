package io.cosocket.http;

import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.internal.HttpConnection;

import java.util.ArrayList;
import java.util.List;

/**
 * Jetty's HTTP/1 with two headers taken as RFC 9110 has them. An {@code Upgrade} that {@code
 * Connection} does not name asks nothing of the server and is left to the handler; Jetty would
 * answer 400. So is one of a request with a chunked body, which Jetty would lose on its way to
 * HTTP/2. An {@code Expect} of HTTP/1.0 is ignored; Jetty would send a 100.
 *
 * <p>Jetty's module does not export the class that this one extends. On the module path Jetty's
 * plain connections serve, unless {@code --add-exports
 * org.eclipse.jetty.server/org.eclipse.jetty.server.internal=io.cosocket.http} is given.
 */
final class Http1Connections extends HttpConnectionFactory {
    Http1Connections(HttpConfiguration configuration) {
        super(configuration);
    }

    @Override
    public Connection newConnection(Connector connector, EndPoint endPoint) {
        Http1 connection = new Http1(getHttpConfiguration(), connector, endPoint);
        connection.setTransferEncodingChunkMaxLength(getTransferEncodingChunkMaxLength());
        return configure(connection, connector, endPoint);
    }

    private static final class Http1 extends HttpConnection {
        Http1(HttpConfiguration configuration, Connector connector, EndPoint endPoint) {
            super(configuration, connector, endPoint);
        }

        @Override
        protected HttpStreamOverHTTP1 newHttpStream(
                String method, String target, HttpVersion version) {
            return new Head(method, target, version);
        }

        /** The head of one request while it is parsed. */
        private final class Head extends HttpStreamOverHTTP1 {
            private final HttpVersion version;
            private boolean upgradeNamed;
            private boolean hasBody;
            private List<HttpField> upgrades = List.of();

            Head(String method, String target, HttpVersion version) {
                super(method, target, version);
                this.version = version;
            }

            @Override
            public void parsedHeader(HttpField field) {
                HttpHeader header = field.getHeader();
                if (header == HttpHeader.UPGRADE) {
                    // a Connection header may still follow
                    if (upgrades.isEmpty()) {
                        upgrades = new ArrayList<>(1);
                    }
                    upgrades.add(field);
                    return;
                }
                upgradeNamed |= header == HttpHeader.CONNECTION && field.contains("upgrade");
                hasBody |= header == HttpHeader.TRANSFER_ENCODING;
                boolean ignored = header == HttpHeader.EXPECT && version == HttpVersion.HTTP_1_0;
                super.parsedHeader(ignored ? inert(field) : field);
            }

            @Override
            public Runnable headerComplete() {
                for (HttpField field : upgrades) {
                    super.parsedHeader(upgradeNamed && !hasBody ? field : inert(field));
                }
                return super.headerComplete();
            }

            /** Gives a header that handlers see and Jetty does not know. */
            private static HttpField inert(HttpField field) {
                return new HttpField((HttpHeader) null, field.getName(), field.getValue());
            }
        }
    }
}
