package io.cosocket.cli;

import static io.cosocket.cli.Setting.*;

import io.cosocket.http.HttpConfig;
import io.cosocket.http.Listener;
import io.cosocket.http.ServerTls;
import io.cosocket.http.ServerTls.ClientAuth;

import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;

/** Turns settings into listeners, of which those with TLS share one certificate. */
final class ListenSettings {
    private static final String UNIX = "unix:";
    private static final List<Setting> USELESS_IN_CLEARTEXT =
            List.of(TLS_CERTIFICATE, TLS_CLIENT_AUTH, TLS_CLIENT_TRUST);

    private final Settings settings;
    private @Nullable ServerTls tls;

    private ListenSettings(Settings settings) {
        this.settings = settings;
    }

    static HttpConfig of(Settings settings) {
        return new ListenSettings(settings).listeners();
    }

    private HttpConfig listeners() {
        if (isGiven(TLS_KEY) && !isGiven(TLS_CERTIFICATE)) {
            throw settings.refused(TLS_KEY, "only with tls.certificate");
        }
        HttpConfig config = settings.list(LISTEN).isEmpty() ? one() : several();
        if (tls == null) {
            refuseUseless();
        }
        return config;
    }

    private HttpConfig one() {
        HttpConfig config =
                new Fill<>(settings, HttpConfig.defaults())
                        .text(HOST, HttpConfig::withHost)
                        .number(PORT, HttpConfig::withPort)
                        .done();
        return isGiven(TLS_CERTIFICATE) ? config.withTls(tls()) : config;
    }

    private HttpConfig several() {
        return new Fill<>(settings, HttpConfig.defaults())
                .list(LISTEN, (config, list) -> config.withListeners(all(list)))
                .done();
    }

    /** A certificate or an authentication that is asked for and not in force would be a trap. */
    private void refuseUseless() {
        for (Setting setting : USELESS_IN_CLEARTEXT) {
            if (isGiven(setting)) {
                throw settings.refused(setting, "no listener is https");
            }
        }
    }

    private Listener[] all(List<String> addresses) {
        return addresses.stream().map(this::listener).toArray(Listener[]::new);
    }

    private Listener listener(String address) {
        if (address.startsWith(UNIX) && address.length() > UNIX.length()) {
            return Listener.unix(Path.of(address.substring(UNIX.length())));
        }
        try {
            URI uri = new URI(address);
            if (uri.getHost() != null && uri.getPort() >= 0 && uri.getPath().isEmpty()) {
                String host = uri.getHost();
                switch (uri.getScheme()) {
                    case "http" -> {
                        return Listener.tcp(host, uri.getPort());
                    }
                    case "https" -> {
                        return Listener.tls(host, uri.getPort(), tls());
                    }
                    default -> {}
                }
            }
        } catch (URISyntaxException e) {
            // said below
        }
        throw new IllegalArgumentException(
                "bad address: "
                        + address
                        + " (allowed: http://HOST:PORT, https://HOST:PORT, unix:/PATH)");
    }

    private ServerTls tls() {
        if (tls == null) {
            tls = makeTls();
        }
        return tls;
    }

    private ServerTls makeTls() {
        ServerTls shown = ServerTls.ofHandler();
        if (isGiven(TLS_CERTIFICATE)) {
            Path key = Path.of(settings.text(isGiven(TLS_KEY) ? TLS_KEY : TLS_CERTIFICATE));
            shown =
                    new Fill<>(settings, shown)
                            .text(
                                    TLS_CERTIFICATE,
                                    (none, chain) -> ServerTls.ofPem(Path.of(chain), key))
                            .done();
        }
        return clients(
                new Fill<>(settings, shown)
                        .list(TLS_PROTOCOLS, (tls, names) -> tls.withProtocols(array(names)))
                        .list(TLS_CIPHER_SUITES, (tls, names) -> tls.withCipherSuites(array(names)))
                        .isOn(TLS_HTTP2, ServerTls::withHttp2)
                        .done());
    }

    private ServerTls clients(ServerTls shown) {
        ClientAuth wanted = settings.word(TLS_CLIENT_AUTH, ClientAuth.NONE);
        boolean trusts = isGiven(TLS_CLIENT_TRUST);
        if (trusts && wanted == ClientAuth.NONE) {
            throw settings.refused(
                    TLS_CLIENT_TRUST, "only with tls.client-auth = optional or required");
        }
        if (!trusts && wanted != ClientAuth.NONE) {
            // the authorities of the web would let in whoever has a web site
            throw settings.refused(TLS_CLIENT_AUTH, "needs tls.client-trust");
        }
        if (!trusts) {
            return shown;
        }
        return new Fill<>(settings, shown)
                .text(TLS_CLIENT_TRUST, (tls, file) -> tls.withClientAuth(wanted, Path.of(file)))
                .done();
    }

    /** Tells whether a setting is there and is not {@code none}, which takes it back. */
    private boolean isGiven(Setting setting) {
        return settings.has(setting) && !settings.isNone(setting);
    }

    private static String[] array(List<String> names) {
        return names.toArray(String[]::new);
    }
}
