package io.cosocket;

import org.eclipse.jetty.logging.JettyLogger;
import org.eclipse.jetty.logging.StdErrAppender;
import org.slf4j.LoggerFactory;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Keeps what the loggers write, in place of the standard error stream, until closed. */
final class CapturedLog implements Closeable {
    static {
        // on the module path the logger is a module that ours does not read
        CapturedLog.class
                .getModule()
                .addReads(LoggerFactory.getILoggerFactory().getClass().getModule());
    }

    private final ByteArrayOutputStream text = new ByteArrayOutputStream();
    private final StdErrAppender appender;
    private final PrintStream before;

    CapturedLog() {
        JettyLogger logger = (JettyLogger) LoggerFactory.getLogger("io.cosocket");
        appender = (StdErrAppender) logger.getAppender();
        before = appender.getStream();
        appender.setStream(new PrintStream(text, true, StandardCharsets.UTF_8));
    }

    /** Gives the lines of the socket log that were written so far. */
    List<String> socketLines() {
        return text.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.contains(" socket "))
                .toList();
    }

    @Override
    public void close() {
        appender.setStream(before);
    }
}
