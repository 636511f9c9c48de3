package io.cosocket;

import io.cosocket.SocketClosedException.ClosedBy;

import org.jspecify.annotations.Nullable;

import java.io.EOFException;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Locale;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

/**
 * Builds every exception of the sockets. Messages read {@code operation transport local->remote:
 * word …}; the words after the colon begin with the original's own.
 */
final class Failures {
    static final byte[] NONE = new byte[0];

    private Failures() {}

    static OperationTimeoutException timeout(
            String operation, String where, Duration limit, byte[] partial, int wanted) {
        String progress = "";
        if (wanted > 0) {
            progress = " (" + partial.length + " of " + wanted + " bytes)";
        } else if (partial.length > 0) {
            progress = " (" + partial.length + " bytes)";
        }
        return new OperationTimeoutException(
                verb(operation) + where + ": timeout after " + millis(limit) + progress,
                operation,
                limit,
                partial);
    }

    static UnexpectedEndException end(
            String operation, String where, String words, byte[] partial, int wanted) {
        String progress =
                wanted > 0
                        ? " (" + partial.length + " of " + wanted + " bytes)"
                        : " (after " + partial.length + " bytes)";
        return new UnexpectedEndException(operation + where + ": " + words + progress, partial);
    }

    static ReceiveLimitException limit(String where, String what, int maxBytes, byte[] partial) {
        return new ReceiveLimitException(
                "receive" + where + ": limit of " + maxBytes + " bytes reached before " + what,
                partial);
    }

    static SocketClosedException closed(
            String operation, String where, ClosedBy by, byte[] partial) {
        String words =
                switch (by) {
                    case RESET -> "connection reset by peer";
                    case SCOPE -> "closed (its scope ended)";
                    case CANCELLED -> "closed (cancelled)";
                    case INTERRUPTED -> "closed (interrupted)";
                    case PEER -> "closed (by an earlier error or the end of the stream)";
                    case CALLER -> "closed";
                };
        return new SocketClosedException(operation + where + ": " + words, by, partial);
    }

    static IllegalStateException busy(String operation, String where, int flags) {
        String what =
                (flags & Sides.CONNECTING) != 0
                        ? "connecting"
                        : (flags & Sides.RECEIVING) != 0 && !"send".equals(operation)
                                ? "reading"
                                : "writing";
        return new IllegalStateException(operation + where + ": socket busy " + what);
    }

    static IllegalStateException badRequest(String owner, String caller) {
        return new IllegalStateException(
                "bad request: the socket belongs to " + owner + ", the caller is " + caller);
    }

    /** Tells whether the connection itself is gone, so that neither side can go on. */
    static boolean isReset(IOException error) {
        String words = words(error);
        return error instanceof ClosedChannelException
                || words.startsWith("connection reset")
                || words.startsWith("connection timed out")
                || words.startsWith("no route")
                || words.startsWith("connection aborted");
    }

    /** Translates what a read of the transport threw. */
    static IOException receive(String where, IOException error, byte[] partial) {
        if (error instanceof SSLException) {
            return tls("receive", where, error);
        }
        if (error instanceof EOFException) {
            String words = error.getMessage() == null ? "closed" : error.getMessage();
            return withCause(end("receive", where, words, partial, 0), error);
        }
        ClosedBy by = isReset(error) ? ClosedBy.RESET : ClosedBy.PEER;
        return withCause(
                new SocketClosedException(
                        "receive" + where + ": " + resetWords(error), by, partial),
                error);
    }

    /** Translates what a write of the transport threw. */
    static IOException send(String where, IOException error) {
        if (error instanceof SSLException) {
            return tls("send", where, error);
        }
        ClosedBy by = isReset(error) ? ClosedBy.RESET : ClosedBy.PEER;
        return withCause(
                new SocketClosedException("send" + where + ": " + resetWords(error), by), error);
    }

    /** Translates what TLS said after the handshake. */
    private static SSLException tls(String operation, String where, IOException error) {
        return new SSLException(operation + where + ": " + TlsWords.words(error), error);
    }

    /** Tells why a handshake failed. */
    static SSLException handshake(String where, IOException error) {
        return withCause(
                new SSLHandshakeException("tls" + where + ": " + TlsWords.handshake(error)), error);
    }

    /** Translates what the system said to a connect. */
    static IOException connect(String where, IOException error) {
        if (error instanceof SSLException
                || error instanceof OperationTimeoutException
                || error instanceof PoolLimitException
                || error instanceof SocketClosedException) {
            return error;
        }
        return words(error).startsWith("no such file")
                ? withCause(new ConnectException(message("connect", where, error)), error)
                : system("connect", where, error);
    }

    /** Tells why a name has no address; the words are the resolver's. */
    static UnknownHostException unknownHost(String where, UnknownHostException error) {
        String words = error.getMessage() == null ? words(error) : error.getMessage();
        return withCause(new UnknownHostException("connect" + where + ": " + words), error);
    }

    /** Translates what the system said, keeping the type that the JDK gave it. */
    static IOException system(String operation, String where, IOException error) {
        String message = message(operation, where, error);
        return withCause(
                switch (error) {
                    case PortUnreachableException e ->
                            new PortUnreachableException(
                                    operation + where + ": connection refused");
                    case NoRouteToHostException e -> new NoRouteToHostException(message);
                    case ConnectException e -> new ConnectException(message);
                    case BindException e -> new BindException(message);
                    case SocketException e -> new SocketException(message);
                    default -> new IOException(message);
                },
                error);
    }

    private static String message(String operation, String where, IOException error) {
        return operation + where + ": " + words(error);
    }

    /** Gives the system's words in lower case, as the original does. */
    static String words(Throwable error) {
        String message = error.getMessage();
        if (message == null) {
            return error instanceof ClosedChannelException
                    ? "closed"
                    : error.getClass().getSimpleName();
        }
        return message.length() > 1 && Character.isUpperCase(message.charAt(0))
                ? message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1)
                : message;
    }

    /** Gives what follows the colon of a message in our form. */
    static String reason(IOException error) {
        String words = words(error);
        int colon = words.startsWith("connect ") ? words.indexOf(": ") : -1;
        return colon < 0 ? words : words.substring(colon + 2);
    }

    private static String resetWords(IOException error) {
        String words = words(error);
        return words.startsWith("connection reset") ? "connection reset by peer" : words;
    }

    /** Names an address as messages do, without a look-up. */
    static String name(@Nullable SocketAddress address) {
        if (address instanceof InetSocketAddress inet) {
            InetAddress ip = inet.getAddress();
            if (ip == null) {
                return inet.getHostString() + ":" + inet.getPort();
            }
            String literal = ip.getHostAddress();
            if (literal.indexOf(':') >= 0) {
                literal = "[" + literal + "]";
            }
            return literal + ":" + inet.getPort();
        }
        return address == null ? "-" : address.toString();
    }

    /** Names the address of an upstream for the log: {@code (127.0.0.1)}, nothing for a path. */
    static String logAddress(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress inet && inet.getAddress() != null
                ? "(" + inet.getAddress().getHostAddress() + ")"
                : "";
    }

    private static String verb(String operation) {
        int space = operation.indexOf(' ');
        return space < 0 ? operation : operation.substring(0, space);
    }

    static String millis(Duration limit) {
        long millis = limit.toMillis();
        return millis == 0 ? limit.toNanos() + " ns" : millis + " ms";
    }

    private static <E extends IOException> E withCause(E error, Throwable cause) {
        if (error.getCause() == null && error != cause) {
            error.initCause(cause);
        }
        return error;
    }
}
