package io.cosocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.time.Duration;

/** Bad arguments: the message names value and range, and the socket does not notice. */
class ArgumentsTest {
    private static final String NUL = null;

    private final Cosockets runtime = Cosockets.create();
    private final SocketScope scope = runtime.openScope("arguments");
    private LineServer server;
    private TcpSocket socket;

    @BeforeEach
    void connect() throws IOException {
        server = new LineServer();
        socket = scope.connect("127.0.0.1", server.port());
    }

    @AfterEach
    void close() throws IOException {
        runtime.close();
        server.close();
    }

    /** The message must begin with the words, hold the value and tell what is allowed. */
    private void refused(String words, Object value, Executable operation) throws IOException {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, operation);
        String message = String.valueOf(e.getMessage());
        assertTrue(message.startsWith(words), message);
        assertTrue(message.contains(String.valueOf(value)), message);
        assertTrue(message.contains("(allowed: "), message);

        assertTrue(socket.isOpen());
        socket.send("still here\n");
        assertEquals("still here", socket.receiveLine());
    }

    @Tag("058-T67")
    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
    void sizesThatAllowNothing(int bad) throws IOException {
        refused("bad max argument: ", bad, () -> socket.receiveAny(bad));
        refused("bad max argument: ", bad, () -> socket.receiveAll(bad));
        refused("bad max argument: ", bad, () -> socket.peek(bad));
        refused("bad line limit: ", bad, () -> socket.receiveLine(bad));
        refused("bad line limit: ", bad, () -> socket.receiveLineBytes(bad));
        refused("bad delimiter limit: ", bad, () -> Delimiter.of("x").withLimit(bad));
    }

    @Test
    void sizesOutOfRange() throws IOException {
        refused("bad byte count: ", -1, () -> socket.receive(-1));
        refused("bad byte count: ", Integer.MIN_VALUE, () -> socket.receive(Integer.MIN_VALUE));
        refused("bad byte count: ", (16 << 20) + 1, () -> socket.receive((16 << 20) + 1));
        refused("bad byte count: ", Integer.MAX_VALUE, () -> socket.receive(Integer.MAX_VALUE));
        refused("bad max argument: ", 65_537, () -> socket.peek(65_537));
        refused("bad delimiter length: ", 1_048_577, () -> Delimiter.of(new byte[1_048_577]));
    }

    @Test
    void emptyDelimiters() throws IOException {
        refused("pattern is empty", 1_048_576, () -> Delimiter.of(""));
        refused("pattern is empty", 1_048_576, () -> Delimiter.of(new byte[0]));
        refused("pattern is empty", 1_048_576, () -> socket.receiveUntil(""));
    }

    @ParameterizedTest
    @CsvSource({"-1, 1", "1, -1", "4, 1", "0, 4", "2147483647, 1", "1, 2147483647"})
    void rangesOutsideTheArray(int offset, int length) throws IOException {
        byte[] three = new byte[3];
        refused("bad range: ", offset, () -> socket.send(three, offset, length));
        refused("bad range: ", length, () -> socket.send(three, offset, length));
        assertThrows(
                IndexOutOfBoundsException.class,
                () -> socket.inputStream().read(three, offset, length));
        assertThrows(
                IndexOutOfBoundsException.class,
                () -> socket.streamUntil(Delimiter.of("x")).read(three, offset, length));
        assertThrows(
                IndexOutOfBoundsException.class,
                () -> socket.outputStream().write(three, offset, length));
    }

    @Test
    void nulls() throws IOException {
        refused("bad target: ", NUL, () -> socket.receive((ByteBuffer) null));
        refused("bad target: ", NUL, () -> socket.transferTo(null));
        refused("bad delimiter: ", NUL, () -> socket.receiveUntil((String) null));
        refused("bad delimiter: ", NUL, () -> socket.receiveUntil((Delimiter) null));
        refused("bad delimiter: ", NUL, () -> socket.streamUntil(null));
        refused("bad delimiter: ", NUL, () -> Delimiter.of((String) null));
        refused("bad delimiter: ", NUL, () -> Delimiter.of((byte[]) null));
        refused("bad bytes: ", NUL, () -> socket.send((byte[]) null));
        refused("bad bytes: ", NUL, () -> socket.send(null, 0, 0));
        refused("bad bytes: ", NUL, () -> socket.send(null, -1, 0));
        refused("bad text: ", NUL, () -> socket.send((String) null));
        refused("bad buffers: ", NUL, () -> socket.send((ByteBuffer[]) null));
        refused("bad buffer: ", NUL, () -> socket.send(ByteBuffer.allocate(1), null));
        refused("bad receive time-out: ", NUL, () -> socket.receiveTimeout(null));
        refused("bad send time-out: ", NUL, () -> socket.sendTimeout(null));
        refused("bad timeouts: ", NUL, () -> socket.timeouts(null));
        refused("bad host: ", NUL, () -> socket.connect((String) null, 1));
        refused("bad options: ", NUL, () -> socket.connect("127.0.0.1", 1, null));
        refused("bad address: ", NUL, () -> socket.connect((SocketAddress) null, options()));
        refused("bad endpoint: ", NUL, () -> scope.connect((String) null, options()));
        refused("bad address: ", NUL, () -> socket.bind((String) null));
        refused("bad address: ", NUL, () -> socket.bind((InetAddress) null));
        refused("bad options: ", NUL, () -> socket.startTls(null));
        refused("bad idle time: ", NUL, () -> socket.release(null));
        refused("bad option: ", NUL, () -> socket.option(null));
        refused(
                "bad option value: ",
                NUL,
                () -> socket.option(StandardSocketOptions.TCP_NODELAY, null));
    }

    @Test
    void aReadOnlyTarget() throws IOException {
        refused(
                "bad target: ",
                "read-only",
                () -> socket.receive(ByteBuffer.allocate(8).asReadOnlyBuffer()));
    }

    @Tag("065-T10")
    @Tag("065-T15")
    @Tag("147-T8")
    @Tag("147-T9")
    @Tag("147-T10")
    @Tag("rw-tcp-socket-timeout-T10")
    @Tag("rw-tcp-socket-timeout-T15")
    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT-0.001S", "PT-1S", "P36501D", "PT2562047788015215H"})
    void timeOutsThatAreNone(String text) throws IOException {
        Duration bad = Duration.parse(text);
        Duration good = Duration.ofSeconds(1);
        refused("bad receive time-out: ", bad, () -> socket.receiveTimeout(bad));
        refused("bad send time-out: ", bad, () -> socket.sendTimeout(bad));
        refused("bad connect time-out: ", bad, () -> new Timeouts(bad, good, good));
        refused("bad send time-out: ", bad, () -> new Timeouts(good, bad, good));
        refused("bad receive time-out: ", bad, () -> new Timeouts(good, good, bad));
        refused("bad connect time-out: ", bad, () -> Timeouts.of(bad));
        refused("bad idle time: ", bad, () -> socket.release(bad));
        assertEquals(Duration.ofSeconds(60), socket.receiveTimeout());
        assertEquals(Duration.ofSeconds(60), socket.sendTimeout());
    }

    @Test
    void theLongestTimeOutIsAllowed() throws IOException {
        Duration longest = Duration.ofDays(36_500);

        socket.timeouts(Timeouts.of(longest));
        socket.send("ping\n");

        assertEquals("ping", socket.receiveLine());
        assertEquals(longest, socket.receiveTimeout());
    }

    @Tag("058-T63")
    @Tag("087-T19")
    @ParameterizedTest
    @ValueSource(ints = {-1, 65_536, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void portsOutOfRange(int bad) throws IOException {
        refused("bad port number: ", bad, () -> socket.connect("127.0.0.1", bad));
        refused("bad port number: ", bad, () -> scope.connect("127.0.0.1", bad));
        refused("bad port number: ", bad, () -> scope.udp("127.0.0.1", bad));
        refused("bad port number: ", bad, () -> scope.connect("127.0.0.1:" + bad, options()));
        refused("bad port number: ", bad, () -> socket.bind(InetAddress.getLoopbackAddress(), bad));
    }

    @Tag("058-T72")
    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "localhost", "[::1]", "127.0.0.1:", ":80", ""})
    void endpointsWithoutHostOrPort(String bad) throws IOException {
        refused("missing the port number: ", bad, () -> scope.connect(bad, options()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"host:x", "host:1x", "host:99999999999", "host:-1", "host:+1", "host:٨٠"})
    void endpointsWithABadPort(String bad) throws IOException {
        String port = bad.substring(5);
        refused("bad port number: ", port, () -> scope.connect(bad, options()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"::1:80", "[::1:80", "[name]:80", "a:b:80", "unix:", "[]:80"})
    void endpointsThatAreMalformed(String bad) {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> scope.connect(bad, options()));

        assertTrue(e.getMessage().startsWith("failed to parse host name"), e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "two words", "::1:x", "[::1", "[name]", "unix:"})
    void hostsThatAreMalformed(String bad) throws IOException {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> socket.connect(bad, 80));

        assertTrue(
                e.getMessage().startsWith("failed to parse host name \"" + bad + "\": "),
                e.getMessage());
        socket.send("still here\n");
        assertEquals("still here", socket.receiveLine());
    }

    @Test
    void hostsThatWouldBreakALineOfTheLog() {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> socket.connect("a\nb", 80));

        assertEquals(
                "failed to parse host name \"a?b\": a blank or control character", e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "127.0.0.1:8899", "1.2.3", "256.0.0.1", "", "[::1]"})
    void bindAddressesThatAreNoLiteral(String bad) throws IOException {
        refused("bad address: ", bad, () -> socket.bind(bad));
    }

    @Test
    void addressesOfAnotherKind() throws IOException {
        SocketAddress other =
                new SocketAddress() {
                    private static final long serialVersionUID = 1;

                    @Override
                    public String toString() {
                        return "another kind";
                    }
                };
        refused("bad address: ", other, () -> socket.connect(other, options()));
    }

    @Tag("068-T10")
    @Tag("068-T26")
    @Test
    void poolOptionsOutOfRange() throws IOException {
        PoolOptions pool = PoolOptions.defaults();
        refused("bad maxOpen: ", 0, () -> pool.withMaxOpen(0));
        refused("bad maxOpen: ", -1, () -> pool.withMaxOpen(-1));
        refused("bad maxIdle: ", -1, () -> pool.withMaxIdle(-1));
        refused("bad maxWaiting: ", -1, () -> pool.withMaxWaiting(-1));
        refused("bad idleTimeout: ", Duration.ZERO, () -> pool.withIdleTimeout(Duration.ZERO));
        refused("bad maxAge: ", Duration.ZERO, () -> pool.withMaxAge(Duration.ZERO));
        assertEquals(0, pool.withMaxWaiting(0).maxWaiting());
    }

    @Test
    void aLocalAddressIsResolved() throws IOException {
        InetSocketAddress unresolved = InetSocketAddress.createUnresolved("here.test", 0);
        refused("bad local address: ", "here.test", () -> options().withLocalAddress(unresolved));
    }

    @Test
    void nothingWasClosedByAnUnresolvedAddressThatResolves() throws IOException {
        InetSocketAddress unresolved =
                InetSocketAddress.createUnresolved("127.0.0.1", server.port());
        try (TcpSocket other = scope.connect(unresolved, options())) {
            other.send("ping\n");
            assertEquals("ping", other.receiveLine());
        }
        assertFalse(runtime.config().maxReceiveBytes() < 1);
    }

    private static ConnectOptions options() {
        return ConnectOptions.defaults();
    }
}
