package io.cosocket;

import static io.cosocket.ErrorShapeTest.shape;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cosocket.SocketClosedException.ClosedBy;
import io.cosocket.transport.OnVirtualThread;
import io.cosocket.transport.Pending;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Provokes each failure of a connect, as {@link ErrorShapeTest} does for a connected socket. */
@ExtendWith(OnVirtualThread.class)
class ConnectErrorShapeTest {
    private final Cosockets runtime =
            Cosockets.create(
                    CosocketConfig.defaults()
                            .withLogSocketErrors(false)
                            .withResolver(
                                    Resolver.fixed(
                                            Map.of(
                                                    "two.test",
                                                    List.of(
                                                            InetAddress.ofLiteral("127.0.0.1"),
                                                            InetAddress.ofLiteral("127.0.0.2"))))));
    private final SocketScope scope = runtime.openScope("errors");

    @AfterEach
    void close() {
        runtime.close();
    }

    @Test
    void connectRefused() throws IOException {
        try (RefusedPort refused = new RefusedPort()) {
            int port = refused.port();
            TcpSocket socket = scope.tcp();

            ConnectException e =
                    assertThrows(ConnectException.class, () -> socket.connect("127.0.0.1", port));

            shape(e, "connect", "tcp", "connection refused");
            assertTrue(e.getMessage().contains("127.0.0.1:" + port), e.getMessage());
            assertNotNull(e.getCause());
            assertFalse(socket.isOpen());
        }
    }

    @Test
    void connectRefusedByEachAddress() throws IOException {
        ConnectOptions inOrder =
                ConnectOptions.defaults().withAddressPolicy(AddressPolicy.IN_ORDER);
        try (RefusedPort refused = new RefusedPort()) {
            int port = refused.port();

            ConnectException e =
                    assertThrows(
                            ConnectException.class, () -> scope.connect("two.test", port, inOrder));

            shape(e, "connect", "tcp", "connection refused");
            assertTrue(e.getMessage().contains("two.test/127.0.0.2:" + port), e.getMessage());
            Throwable[] others = e.getSuppressed();
            assertEquals(1, others.length);
            shape(others[0], "connect", "tcp", "connection refused");
            assertTrue(others[0].getMessage().contains("two.test/127.0.0.1:" + port));
        }
    }

    @Test
    void connectTimeOut() throws IOException {
        try (BlackHole hole = new BlackHole()) {
            TcpSocket socket = scope.tcp();
            socket.timeouts(Timeouts.of(Duration.ofMillis(30)));

            OperationTimeoutException e =
                    assertThrows(
                            OperationTimeoutException.class,
                            () -> socket.connect("127.0.0.1", hole.port()));

            shape(e, "connect", "tcp", "timeout after 30 ms");
            assertEquals("connect", e.operation());
            assertEquals(Duration.ofMillis(30), e.limit());
            assertEquals(0, e.partial().length);
            assertFalse(socket.isOpen());
        }
    }

    @Test
    void connectToAnUnknownName() {
        TcpSocket socket = scope.tcp();

        UnknownHostException e =
                assertThrows(UnknownHostException.class, () -> socket.connect("nowhere.test", 80));

        shape(e, "connect", "tcp", "nowhere.test could not be resolved");
        assertTrue(e.getMessage().contains(" ->nowhere.test:80: "), e.getMessage());
        assertNotNull(e.getCause());
        assertFalse(socket.isOpen());
    }

    @Test
    void connectFromAForeignAddress() throws IOException {
        TcpSocket socket = scope.tcp().bind("192.0.2.1");

        BindException e = assertThrows(BindException.class, () -> socket.connect("127.0.0.1", 9));

        shape(e, "connect", "tcp", "cannot assign requested address");
        assertTrue(e.getMessage().contains(" 192.0.2.1:0->127.0.0.1:9: "), e.getMessage());
        assertFalse(socket.isOpen());
    }

    @Test
    void connectToAMissingPath() throws IOException {
        TcpSocket socket = scope.tcp();

        ConnectException e =
                assertThrows(
                        ConnectException.class, () -> socket.connect("unix:/nowhere/at.all", 0));

        shape(e, "connect", "unix", "no such file or directory");
        assertTrue(e.getMessage().contains(" ->/nowhere/at.all: "), e.getMessage());
        assertFalse(socket.isOpen());
    }

    @Test
    void connectClosedMeanwhile() throws IOException {
        for (ClosedBy by : List.of(ClosedBy.CALLER, ClosedBy.SCOPE, ClosedBy.INTERRUPTED)) {
            SocketScope own = runtime.openScope("own");
            try (BlackHole hole = new BlackHole()) {
                TcpSocket socket = own.tcp();
                Pending<TcpSocket> connecting =
                        Pending.parked(() -> socket.connect("127.0.0.1", hole.port()));

                switch (by) {
                    case CALLER -> socket.close();
                    case SCOPE -> own.close();
                    default -> connecting.thread().interrupt();
                }

                SocketClosedException e = connecting.failure(SocketClosedException.class);
                assertAll(
                        () -> shape(e, "connect", "tcp", "closed"),
                        () -> assertEquals(by, e.closedBy()),
                        () -> assertFalse(socket.isOpen()));
            }
        }
    }
}
