package io.cosocket.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

class HttpConfigTest {
    private static final HttpConfig CONFIG = HttpConfig.defaults();
    private static final HttpLimits LIMITS = HttpLimits.defaults();
    private static final HttpTimeouts TIMEOUTS = HttpTimeouts.defaults();

    private static Arguments bad(Executable call, String words) {
        return Arguments.of(call, words);
    }

    static List<Arguments> badValues() {
        String time = " (allowed: above zero, at most a day)";
        return List.of(
                bad(() -> CONFIG.withPort(65_536), "bad port number: 65536 (allowed: 0 to 65535)"),
                bad(() -> CONFIG.withPort(-1), "bad port number: -1 (allowed: 0 to 65535)"),
                bad(CONFIG::withListeners, "bad listeners: none (allowed: at least one)"),
                bad(
                        () -> CONFIG.withShutdownTimeout(Duration.ZERO),
                        "bad shutdown time-out: PT0S" + time),
                bad(
                        () -> TIMEOUTS.withIdle(Duration.ofSeconds(-1)),
                        "bad idle time-out: PT-1S" + time),
                bad(
                        () -> TIMEOUTS.withHeader(Duration.ofDays(2)),
                        "bad header time-out: PT48H" + time),
                bad(
                        () -> LIMITS.withConnections(0),
                        "bad connections: 0 (allowed: 1 to 2147483647)"),
                bad(
                        () -> LIMITS.withUriBytes(100_000),
                        "bad uriBytes: 100000 (allowed: 16 to 16384)"),
                bad(
                        () -> Listener.unix(Path.of("/" + "x".repeat(107))),
                        "bad socket path: /"
                                + "x".repeat(107)
                                + " of 108 bytes (allowed: 1 to 107)"),
                bad(
                        () -> CONFIG.withServerHeader("a\r\nb: c"),
                        "bad value of header Server: \"a\\x0d\\x0ab: c\" (allowed: ISO-8859-1"
                                + " without CR, LF or other control characters)"));
    }

    @ParameterizedTest
    @MethodSource("badValues")
    void badValuesNameKnobValueAndRange(Executable call, String words) {
        assertEquals(words, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
