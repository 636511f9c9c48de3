package io.cosocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.SocketClosedException.ClosedBy;
import io.cosocket.transport.OnVirtualThread;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** Every operation of a socket that has no connection, or none any more, and how it gets one. */
@ExtendWith(OnVirtualThread.class)
class UnconnectedTest {
    /** The peer is told when there has been one. */
    private static final Pattern SHAPE =
            Pattern.compile(
                    "(receive|send|tls|option) tcp \\S*->(-|127\\.0\\.0\\.1:\\d+): "
                            + "(closed|connection reset).*");

    private final Cosockets runtime =
            Cosockets.create(CosocketConfig.defaults().withLogSocketErrors(false));
    private final SocketScope scope = runtime.openScope("unconnected");

    @AfterEach
    void close() {
        runtime.close();
    }

    /** How a socket came to be without connection. */
    enum State {
        FRESH,
        CLOSED,
        RELEASED,
        REFUSED,
        RESET,
        SCOPE_ENDED
    }

    private TcpSocket in(State state, LineServer server) throws IOException {
        TcpSocket socket = scope.tcp();
        switch (state) {
            case FRESH -> {}
            case CLOSED -> socket.connect("127.0.0.1", server.port()).close();
            case RELEASED ->
                    assertEquals(
                            Release.KEPT, socket.connect("127.0.0.1", server.port()).release());
            case REFUSED -> {
                try (RefusedPort refused = new RefusedPort()) {
                    int port = refused.port();
                    assertThrows(ConnectException.class, () -> socket.connect("127.0.0.1", port));
                }
            }
            case RESET -> {
                try (FaultServer fault = new FaultServer(new Fault.Reset(new byte[0]))) {
                    socket.connect("127.0.0.1", fault.port());
                    socket.send("x");
                    assertThrows(SocketClosedException.class, () -> socket.receive(1));
                }
            }
            case SCOPE_ENDED -> {
                socket.connect("127.0.0.1", server.port());
                scope.close();
            }
        }
        return socket;
    }

    private static Map<String, Executable> operations(TcpSocket socket) {
        Map<String, Executable> operations = new LinkedHashMap<>();
        operations.put("receive", () -> socket.receive(1));
        operations.put("receive nothing", () -> socket.receive(0));
        operations.put("receive buffer", () -> socket.receive(ByteBuffer.allocate(1)));
        operations.put("receiveAny", () -> socket.receiveAny(1));
        operations.put("receiveLine", socket::receiveLine);
        operations.put("receiveLine limited", () -> socket.receiveLine(1));
        operations.put("receiveLineBytes", () -> socket.receiveLineBytes(1));
        operations.put("receiveAll", () -> socket.receiveAll(1));
        operations.put("receiveUntil", () -> socket.receiveUntil("x"));
        operations.put("receiveUntil nothing", () -> socket.receiveUntil((String) null));
        operations.put("receiveUntil no delimiter", () -> socket.receiveUntil((Delimiter) null));
        operations.put("peek", () -> socket.peek(1));
        operations.put("transferTo", () -> socket.transferTo(socket));
        operations.put("inputStream", () -> socket.inputStream().read());
        operations.put("streamUntil", () -> socket.streamUntil(Delimiter.of("x")).read());
        operations.put("send", () -> socket.send("x"));
        operations.put("send nothing", () -> socket.send(new byte[0]));
        operations.put("send buffers", () -> socket.send(ByteBuffer.allocate(1)));
        operations.put("outputStream", () -> socket.outputStream().write(1));
        operations.put("shutdownSend", socket::shutdownSend);
        operations.put("startTls", () -> socket.startTls(TlsOptions.defaults()));
        operations.put("option", () -> socket.option(StandardSocketOptions.SO_RCVBUF));
        return operations;
    }

    @ParameterizedTest
    @EnumSource(State.class)
    void everyOperationIsClosed(State state) throws IOException {
        try (LineServer server = new LineServer()) {
            TcpSocket socket = in(state, server);
            ClosedBy by =
                    switch (state) {
                        case RESET -> ClosedBy.RESET;
                        case SCOPE_ENDED -> ClosedBy.SCOPE;
                        default -> ClosedBy.CALLER;
                    };

            operations(socket)
                    .forEach(
                            (name, operation) -> {
                                SocketClosedException e =
                                        assertThrows(SocketClosedException.class, operation, name);
                                assertEquals(by, e.closedBy(), name);
                                assertEquals(0, e.partial().length, name);
                                assertTrue(SHAPE.matcher(e.getMessage()).matches(), e.getMessage());
                            });

            assertFalse(socket.isOpen());
            assertNull(socket.tls());
            assertEquals(0, socket.reuseCount());
            assertEquals(Release.CLOSED, socket.release());
            assertEquals(Release.CLOSED, socket.release(Duration.ofSeconds(1)));
            socket.close();
            socket.close();
            assertFalse(socket.toString().isBlank());
        }
    }

    @Test
    void whatNeedsNoConnectionWorksBeforeAndSurvivesIt() throws IOException {
        try (LineServer server = new LineServer()) {
            TcpSocket socket = scope.tcp();
            socket.timeouts(Timeouts.of(Duration.ofSeconds(17)));
            socket.bind("127.0.0.1");
            socket.option(StandardSocketOptions.SO_KEEPALIVE, true);
            assertThrows(IllegalStateException.class, socket::localAddress);
            assertThrows(IllegalStateException.class, socket::remoteAddress);

            for (int round = 0; round < 2; round++) {
                socket.connect("127.0.0.1", server.port());
                assertEquals(Duration.ofSeconds(17), socket.receiveTimeout());
                assertTrue(socket.option(StandardSocketOptions.SO_KEEPALIVE));
                assertTrue(socket.option(StandardSocketOptions.TCP_NODELAY));
                assertTrue(socket.localAddress().toString().startsWith("/127.0.0.1:"));
                socket.close();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = State.class,
            names = {"FRESH", "CLOSED", "RELEASED", "REFUSED", "RESET"})
    void theSameObjectConnectsFromEveryState(State state) throws IOException {
        try (LineServer server = new LineServer()) {
            TcpSocket socket = in(state, server);

            socket.connect("127.0.0.1", server.port());

            assertTrue(socket.isOpen());
            socket.send("ping\n");
            assertEquals("ping", socket.receiveLine());
            assertEquals(state == State.RELEASED ? 1 : 0, socket.reuseCount());
        }
    }

    @Test
    void aReconnectForgetsEverythingOfTheOldConnection() throws IOException {
        try (LineServer server = new LineServer();
                FaultServer half = new FaultServer(new Fault.HalfClose(Pieces.bytes("old")))) {
            TcpSocket socket = scope.connect("127.0.0.1", half.port());
            assertEquals("o", Pieces.text(socket.receive(1)));
            assertEquals("ld", Pieces.text(socket.peek(9)));
            socket.shutdownSend();

            socket.connect("127.0.0.1", server.port());

            socket.send("new\n");
            assertEquals("new", socket.receiveLine());
            assertEquals(Release.KEPT, socket.release());
        }
    }

    @Test
    void anEndedScopeLetsNothingConnect() {
        TcpSocket socket = scope.tcp();
        scope.close();

        SocketClosedException e =
                assertThrows(SocketClosedException.class, () -> socket.connect("127.0.0.1", 9));

        assertEquals(ClosedBy.SCOPE, e.closedBy());
    }
}
