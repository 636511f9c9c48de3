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

    @Option(names = "--verbose", description = "Print stack traces of failures.")
    boolean verbose;

    private final Map<Setting, String> flags = new EnumMap<>(Setting.class);

    @Option(
            names = {"-p", "--port"},
            paramLabel = "PORT",
            description = "Port to listen on, 0 for a free one. Default: 8080.")
    void port(String value) {
        flags.put(Setting.PORT, value);
    }

    @Option(
            names = "--host",
            paramLabel = "ADDR",
            description = "Address to listen on. Default: 127.0.0.1.")
    void host(String value) {
        flags.put(Setting.HOST, value);
    }

    @Option(
            names = "--listen",
            paramLabel = "ADDR",
            description =
                    "In place of host and port: http://HOST:PORT, https://HOST:PORT or unix:/PATH;"
                            + " may be given several times.")
    void listen(List<String> values) {
        flags.put(Setting.LISTEN, String.join(",", values));
    }

    @Option(
            names = {"--tls-cert", "--tls-certificate"},
            paramLabel = "FILE",
            description = "Certificate chain (PEM). Turns TLS on for host and port.")
    void tlsCertificate(String value) {
        flags.put(Setting.TLS_CERTIFICATE, value);
    }

    @Option(
            names = "--tls-key",
            paramLabel = "FILE",
            description = "Private key (PEM), if it is not in the file of the certificate.")
    void tlsKey(String value) {
        flags.put(Setting.TLS_KEY, value);
    }

    @Option(
            names = "--tls-client-auth",
            paramLabel = "WHEN",
            description = "Ask clients for a certificate: none, optional or required.")
    void tlsClientAuth(String value) {
        flags.put(Setting.TLS_CLIENT_AUTH, value);
    }

    @Option(
            names = "--tls-client-trust",
            paramLabel = "FILE",
            description = "Who may have signed the certificates of clients (PEM).")
    void tlsClientTrust(String value) {
        flags.put(Setting.TLS_CLIENT_TRUST, value);
    }

    @Option(
            names = "--access-log",
            paramLabel = "FILE",
            description = "Where each request is written; - or stdout, and stderr, too.")
    void accessLog(String value) {
        flags.put(Setting.ACCESS_LOG, value);
    }

    @Option(
            names = {"-cp", "--class-path"},
            paramLabel = "PATH",
            description = "Folders and jars with handler classes.")
    void classPath(String value) {
        flags.put(Setting.CLASS_PATH, value);
    }

    @Option(
            names = "--shutdown-timeout",
            paramLabel = "TIME",
            description = "Longest drain after the first stop signal, as 10s or 500ms.")
    void shutdownTimeout(String value) {
        flags.put(Setting.SHUTDOWN_TIMEOUT, value);
    }

    @Option(
            names = "--connect-timeout",
            paramLabel = "TIME",
            description = "Default connect time-out of sockets.")
    void connectTimeout(String value) {
        flags.put(Setting.CONNECT_TIMEOUT, value);
    }

    @Option(
            names = "--send-timeout",
            paramLabel = "TIME",
            description = "Default send time-out of sockets.")
    void sendTimeout(String value) {
        flags.put(Setting.SEND_TIMEOUT, value);
    }

    @Option(
            names = "--receive-timeout",
            paramLabel = "TIME",
            description = "Default receive time-out of sockets.")
    void receiveTimeout(String value) {
        flags.put(Setting.RECEIVE_TIMEOUT, value);
    }

    /** Reads all sources of settings. */
    Settings settings() {
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
}
