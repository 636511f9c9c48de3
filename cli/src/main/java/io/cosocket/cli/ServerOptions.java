package io.cosocket.cli;

import io.cosocket.http.Application;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The arguments that {@code run} and {@code check} share. */
final class ServerOptions {
    @Parameters(
            paramLabel = "[ROUTE=]HANDLER",
            description =
                    "Class name or .java file of a Handler or an Application. A Handler without"
                            + " ROUTE serves /*.")
    List<String> handlers = new ArrayList<>();

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Configuration file (HOCON). Variable: COSOCKET_CONFIG.")
    @Nullable Path file;

    @Option(
            names = {"-p", "--port"},
            paramLabel = "PORT",
            description = "Port to listen on, 0 for a free one. Default: 8080.")
    @Nullable String port;

    @Option(
            names = "--host",
            paramLabel = "ADDR",
            description = "Address to listen on. Default: 127.0.0.1.")
    @Nullable String host;

    @Option(
            names = {"-cp", "--class-path"},
            paramLabel = "PATH",
            description = "Folders and jars with handler classes.")
    @Nullable String classPath;

    @Option(
            names = "--shutdown-timeout",
            paramLabel = "TIME",
            description = "Longest drain after the first stop signal, as 10s or 500ms.")
    @Nullable String shutdownTimeout;

    @Option(
            names = "--connect-timeout",
            paramLabel = "TIME",
            description = "Default connect time-out of sockets.")
    @Nullable String connectTimeout;

    @Option(
            names = "--send-timeout",
            paramLabel = "TIME",
            description = "Default send time-out of sockets.")
    @Nullable String sendTimeout;

    @Option(
            names = "--receive-timeout",
            paramLabel = "TIME",
            description = "Default receive time-out of sockets.")
    @Nullable String receiveTimeout;

    @Option(names = "--verbose", description = "Print stack traces of failures.")
    boolean verbose;

    /** Reads all sources of settings. */
    Settings settings() {
        Map<Setting, String> flags = new EnumMap<>(Setting.class);
        put(flags, Setting.PORT, port);
        put(flags, Setting.HOST, host);
        put(flags, Setting.CLASS_PATH, classPath);
        put(flags, Setting.SHUTDOWN_TIMEOUT, shutdownTimeout);
        put(flags, Setting.CONNECT_TIMEOUT, connectTimeout);
        put(flags, Setting.SEND_TIMEOUT, sendTimeout);
        put(flags, Setting.RECEIVE_TIMEOUT, receiveTimeout);
        Path source = file;
        String variable = System.getenv("COSOCKET_CONFIG");
        if (source == null && variable != null) {
            source = Path.of(variable);
        }
        return Settings.read(flags, System.getenv(), source);
    }

    /** Compiles and loads the handlers of the command line, or else those of the file. */
    Application application(Settings settings) {
        List<String> names = handlers.isEmpty() ? settings.handlers() : handlers;
        if (names.isEmpty()) {
            throw CommandFailure.usage("no handler: name a class, a .java file or a --config");
        }
        return new HandlerLoader(settings.classPath()).load(names);
    }

    private static void put(Map<Setting, String> flags, Setting setting, @Nullable String value) {
        if (value != null) {
            flags.put(setting, value);
        }
    }
}
