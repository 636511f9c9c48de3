package io.cosocket.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.CosocketConfig;
import io.cosocket.PoolOptions;
import io.cosocket.http.HttpConfig;
import io.cosocket.http.HttpLimits;
import io.cosocket.http.Listener;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

class SettingsTest {
    private static final String HTTPS = "listen = [\"https://127.0.0.1:0\"], ";

    @TempDir Path folder;

    private Settings read(String text) throws IOException {
        return read(Map.of(), Map.of(), text);
    }

    private Settings read(Map<Setting, String> flags, Map<String, String> variables, String text)
            throws IOException {
        return Settings.read(
                flags, variables, Files.writeString(folder.resolve("test.conf"), text));
    }

    @Test
    void nothingSetGivesTheDefaultsOfTheLibrary() {
        Settings settings = Settings.read(Map.of(), Map.of(), null);

        assertEquals(HttpConfig.defaults(), settings.http());
        assertEquals(List.of(), settings.handlers());
        assertNull(settings.accessLog());
    }

    @Test
    void flagGoesBeforeVariableAndVariableBeforeFile() throws Exception {
        HttpConfig config =
                read(
                                Map.of(Setting.PORT, "1"),
                                Map.of("COSOCKET_PORT", "2", "COSOCKET_STREAMS", "20"),
                                "port = 3, http.streams = 30, http.connections = 300")
                        .http();

        assertEquals(List.of(Listener.tcp("127.0.0.1", 1)), config.listeners());
        assertEquals(20, config.limits().streams());
        assertEquals(300, config.limits().connections());
    }

    @Test
    void hostMayHaveTheBracketsOfAUri() throws Exception {
        assertEquals(
                List.of(Listener.tcp("::1", 1)),
                read("host = \"[::1]\", port = 1").http().listeners());
    }

    @Test
    void portOfAFlagReplacesTheListOfTheFile() throws Exception {
        HttpConfig config =
                read(
                                Map.of(Setting.PORT, "1"),
                                Map.of(),
                                "listen = [\"http://127.0.0.1:2\", \"unix:/tmp/x\"]")
                        .http();

        assertEquals(List.of(Listener.tcp("127.0.0.1", 1)), config.listeners());
    }

    @Test
    void listOfAVariableReplacesThePortOfTheFile() throws Exception {
        Map<String, String> variables =
                Map.of("COSOCKET_LISTEN", "http://[::1]:2, unix:/tmp/x, http://a-b.test:80");

        assertEquals(
                List.of(
                        Listener.tcp("::1", 2),
                        Listener.unix(Path.of("/tmp/x")),
                        Listener.tcp("a-b.test", 80)),
                read(Map.of(), variables, "port = 1").http().listeners());
    }

    @Test
    void everyPartOfServerAndSocketsCanBeSet() throws Exception {
        HttpConfig config =
                read("""
                http { connections = 9, header-size = 4KiB, body-size = 1MiB
                  body-rate = 1KiB, streams = 7, abort-watch = off
                  server-header = none, date-header = off, idle-timeout = 5s }
                sockets { receive-timeout = 7ms, pool-open = 3, pool-waiting = 2
                  pool-acquire-timeout = 1s, pool-max-age = 1h, timers = 5 }
                """)
                        .http();

        assertEquals(
                HttpLimits.defaults()
                        .withConnections(9)
                        .withHeaderBytes(4096)
                        .withBodyBytes(1 << 20)
                        .withBodyBytesPerSecond(1024)
                        .withStreams(7),
                config.limits());
        assertEquals(Duration.ofSeconds(5), config.timeouts().idle());
        assertEquals(false, config.watchAborts());
        assertNull(config.serverHeader());
        assertEquals(false, config.dateHeader());
        CosocketConfig sockets = config.sockets();
        assertEquals(Duration.ofMillis(7), sockets.timeouts().receive());
        assertEquals(5, sockets.maxTimers());
        assertEquals(
                PoolOptions.defaults()
                        .withMaxOpen(3)
                        .withMaxWaiting(2)
                        .withAcquireTimeout(Duration.ofSeconds(1))
                        .withMaxAge(Duration.ofHours(1)),
                sockets.pool());
    }

    @Test
    void namedServersTurnTheResolverOn() throws Exception {
        String resolver =
                read("resolver { servers = [\"::1\", \"127.0.0.1:5353\"], ipv6 = off }")
                        .http()
                        .sockets()
                        .resolver()
                        .toString();

        assertEquals("Resolver.dns(0:0:0:0:0:0:0:1:53, 127.0.0.1:5353)", resolver);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "port = 70000 | 'port': bad port number",
                "port = many | port has type STRING",
                "prot = 1 | unknown key prot",
                "http.idle-timeout = 30 | 'http.idle-timeout': needs a unit",
                "http.idle-timeout = 1.5 | 'http.idle-timeout': needs a unit",
                "http.idle-timeout = \" 30\" | 'http.idle-timeout': needs a unit",
                "port = 80.9 | 'port': must be a whole number",
                "http.idle-timeout = 0s | 'http.idle-timeout': bad idle time-out",
                "http.header-size = 1 | 'http.header-size': bad headerBytes: 1 (allowed: 256",
                "http.header-size = 9GiB | 'http.header-size': integer overflow",
                "http.abort-watch = maybe | http.abort-watch",
                "sockets.pool-open = 0 | 'sockets.pool-open': bad maxOpen: 0",
                "listen = [\"ftp://a:1\"] | 'listen': bad address: ftp://a:1",
                "listen = [\"http://a\"] | 'listen': bad address: http://a",
                "listen = [\"http://a:1/b\"] | 'listen': bad address: http://a:1/b",
                "listen = [\"unix:\"] | 'listen': bad address: unix:",
                "port = 1, listen = [\"unix:/a\"] | set either listen, or host and port",
                "tls.key = k.pem | 'tls.key': only with tls.certificate",
                "tls.certificate = nope.pem | nope.pem",
                "tls.client-auth = required | 'tls.client-auth': no listener is https",
                HTTPS
                        + "tls.client-auth = often | bad word: often (allowed: none, optional,"
                        + " required)",
                HTTPS + "tls.client-auth = required | 'tls.client-auth': needs tls.client-trust",
                HTTPS + "tls.client-trust = ca.pem | 'tls.client-trust': only with tls.client-auth",
                HTTPS
                        + "tls.protocols = [TLSv9] | 'tls.protocols': bad protocol: TLSv9 (allowed:"
                        + " TLSv1.3",
                HTTPS + "tls.cipher-suites = [X] | 'tls.cipher-suites': bad cipher suite: X",
                "resolver.servers = [a.test] | 'resolver.servers': bad server: a.test",
                "resolver.ipv6 = off | 'resolver.ipv6': only with resolver.kind = dns",
                "resolver { kind = dns, hosts = nope } | 'resolver.hosts': no such file: nope"
            })
    void badValueIsRefusedWithItsPlace(String text, String words) {
        CommandFailure failure = assertThrows(CommandFailure.class, () -> read(text));

        assertEquals(ExitCode.CONFIGURATION, failure.exitCode());
        assertTrue(failure.getMessage().contains("test.conf: 1"), failure.getMessage());
        assertTrue(failure.getMessage().contains(words), failure.getMessage());
    }

    @Test
    void noneTakesACertificateAndATrustBack() throws Exception {
        String none = "tls { certificate = none, key = none, client-trust = none }";

        assertEquals(
                List.of(Listener.tcp("127.0.0.1", 1)),
                read("port = 1, " + none).http().listeners());
        assertInstanceOf(Listener.Tls.class, read(HTTPS + none).http().listeners().getFirst());
    }

    @Test
    void pathOfASocketThatIsTooLongIsRefused() {
        String path = "x".repeat(108);

        CommandFailure failure =
                assertThrows(CommandFailure.class, () -> read("listen = [\"unix:" + path + "\"]"));

        assertTrue(failure.getMessage().contains("of 108 bytes"), failure.getMessage());
    }

    @Test
    void badFlagIsWrongUsageEvenIfItIsWrongOnlyWithTheFile() {
        Map<Setting, String> flags = Map.of(Setting.TLS_CLIENT_AUTH, "required");

        CommandFailure failure =
                assertThrows(CommandFailure.class, () -> read(flags, Map.of(), "port = 0"));

        assertEquals(ExitCode.USAGE, failure.exitCode());
        assertTrue(failure.getMessage().startsWith("flag --tls-client-auth"), failure.toString());
    }
}
