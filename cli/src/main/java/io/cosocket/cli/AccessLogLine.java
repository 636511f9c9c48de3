package io.cosocket.cli;

import io.cosocket.http.AccessLog;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * Writes an entry as a line of the Common Log Format, followed by bytes received, seconds and how
 * the exchange ended.
 */
final class AccessLogLine {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ROOT)
                    .withZone(ZoneId.systemDefault());

    private AccessLogLine() {}

    static void append(StringBuilder line, AccessLog.Entry entry) {
        line.append(client(entry.client())).append(" - - [");
        TIME.formatTo(entry.start(), line);
        line.append("] \"");
        escape(line, entry.method());
        line.append(' ');
        escape(line, entry.target());
        line.append(' ').append(entry.protocol()).append("\" ");
        line.append(entry.status()).append(' ').append(entry.bytesOut()).append(' ');
        line.append(entry.bytesIn()).append(' ');
        long millis = entry.duration().toMillis();
        line.append(millis / 1000).append('.');
        line.append(String.valueOf(1000 + millis % 1000), 1, 4);
        line.append(" \"").append(entry.end()).append("\"\n");
    }

    private static String client(SocketAddress address) {
        if (!(address instanceof InetSocketAddress inet)) {
            return "unix:";
        }
        return inet.isUnresolved() ? "-" : inet.getAddress().getHostAddress();
    }

    /** What came from outside must neither end the quotes nor reach a terminal as control code. */
    private static void escape(StringBuilder line, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\' || c < ' ' || c == 0x7f) {
                line.append(String.format(Locale.ROOT, "\\x%02X", (int) c));
            } else {
                line.append(c);
            }
        }
    }
}
