package io.cosocket.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cosocket.SocketClosedException;
import io.cosocket.SocketClosedException.ClosedBy;
import io.cosocket.TcpSocket;

import org.awaitility.Awaitility;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.io.FillInterest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

class ClientAbortTest {
    private static final String POST =
            "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\nhello";
    private static final String UPGRADE =
            "GET / HTTP/1.1\r\nHost: t\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";

    private final LinkedBlockingQueue<String> events = new LinkedBlockingQueue<>();
    private final CountDownLatch parked = new CountDownLatch(1);

    /** How a handler gets to the end of a body of five bytes. */
    enum Reading {
        LINE(x -> swallow(() -> x.requestSocket().receiveLine())),
        EXACTLY(x -> x.requestSocket().receive(5)),
        PIECES(
                x -> {
                    var body = x.requestSocket();
                    body.receive(2);
                    body.receive(2);
                    body.receive(1);
                }),
        UNTIL(x -> swallow(() -> x.requestSocket().receiveUntil("\n"))),
        ALL(x -> x.requestSocket().receiveAll(10)),
        READ(x -> x.readBody(10)),
        DISCARD(Exchange::discardBody);

        final Handler how;

        Reading(Handler how) {
            this.how = how;
        }

        private interface Read {
            Object read() throws Exception;
        }

        private static void swallow(Read read) throws Exception {
            try {
                read.read();
            } catch (java.io.EOFException e) {
                // the body has no delimiter
            }
        }
    }

    /** Lets time pass: there is nothing to see from outside when a watch begins. */
    private static void pass(Duration time) {
        Awaitility.await().pollDelay(time).until(() -> true);
    }

    private void sleep(Exchange exchange) throws Exception {
        parked.countDown();
        try {
            exchange.sockets().sleep(Duration.ofSeconds(60));
            events.add("slept");
        } catch (SocketClosedException e) {
            events.add("cancelled " + e.closedBy() + " " + exchange.aborted());
            throw e;
        }
    }

    private String event() throws InterruptedException {
        String event = events.poll(10, TimeUnit.SECONDS);
        assertNotNull(event, "nothing happened");
        return event;
    }

    @ParameterizedTest
    @EnumSource
    @Tag("100-T10")
    @Tag("100-T11")
    @Tag("100-T13")
    @Tag("100-T14")
    void cancelsTheRunOnceTheBodyWasRead(Reading reading) throws Exception {
        Handler handler =
                x -> {
                    reading.how.handle(x);
                    sleep(x);
                };
        try (HttpServer server = Servers.serving(handler)) {
            try (Client client = Client.of(server)) {
                client.send(POST);
                parked.await();
            }
            assertEquals("cancelled CANCELLED true", event());
        }
    }

    @Test
    void cancelsARunThatDeclinesAnUpgrade() throws Exception {
        try (HttpServer server = Servers.serving(this::sleep)) {
            try (Client client = Client.of(server)) {
                client.send(UPGRADE);
                parked.await();
            }
            assertEquals("cancelled CANCELLED true", event());
        }
    }

    @Test
    @Tag("rw-client-abort-T10")
    @Tag("rw-client-abort-T11")
    @Tag("rw-client-abort-T13")
    @Tag("rw-client-abort-T14")
    @Tag("167-T8")
    void cancelsARunOfTheRewritePhase() throws Exception {
        cancelsIn(Phase.REWRITE);
    }

    @Test
    @Tag("ac-client-abort-T10")
    @Tag("ac-client-abort-T11")
    @Tag("ac-client-abort-T13")
    @Tag("ac-client-abort-T14")
    void cancelsARunOfTheAccessPhase() throws Exception {
        cancelsIn(Phase.ACCESS);
    }

    private void cancelsIn(Phase phase) throws Exception {
        Handler handler =
                x -> {
                    x.requestSocket().receive(5);
                    sleep(x);
                };
        Application app =
                routes -> {
                    if (phase == Phase.REWRITE) {
                        routes.rewrite("/*", handler);
                    } else {
                        routes.access("/*", handler);
                    }
                    routes.content("/*", x -> events.add("content"));
                    routes.log("/*", x -> events.add("log"));
                };
        try (HttpServer server = Servers.start(app)) {
            try (Client client = Client.of(server)) {
                client.send(POST);
                parked.await();
            }
            assertEquals("cancelled CANCELLED true", event());
            assertEquals("log", event());
        }
    }

    @Test
    @Tag("100-T12")
    @Tag("rw-client-abort-T12")
    @Tag("ac-client-abort-T12")
    void mayMissTheLeavingWhileBodyIsUnread() throws Exception {
        Handler handler =
                x -> {
                    x.requestSocket().receive(2);
                    x.sockets().sleep(Duration.ofMillis(600));
                    events.add("slept");
                };
        try (HttpServer server = Servers.serving(handler)) {
            try (Client client = Client.of(server)) {
                client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 50\r\n\r\nhello");
            }
            assertEquals("slept", event());
        }
    }

    @Test
    @Tag("100-T16")
    @Tag("rw-client-abort-T16")
    @Tag("ac-client-abort-T16")
    void closesTheUpstreamSocketThatIsWaitedOn() throws Exception {
        CompletableFuture<String> upstream = new CompletableFuture<>();
        Handler stall =
                x -> {
                    parked.countDown();
                    var socket = x.rawSocket();
                    upstream.complete("ended " + socket.receiveAll(10).length);
                };
        try (HttpServer peer = Servers.serving(stall)) {
            Handler handler =
                    x -> {
                        x.discardBody();
                        TcpSocket socket = x.sockets().connect("127.0.0.1", peer.uri().getPort());
                        socket.send("GET / HTTP/1.0\r\n\r\n");
                        try {
                            socket.receive(1);
                        } catch (SocketClosedException e) {
                            events.add("" + (e.closedBy() == ClosedBy.CALLER) + socket.isOpen());
                        }
                    };
            try (HttpServer server = Servers.serving(handler)) {
                try (Client client = Client.of(server)) {
                    client.send(POST);
                    parked.await();
                }
                assertEquals("falsefalse", event());
                assertEquals("ended 0", upstream.get(10, TimeUnit.SECONDS));
            }
        }
    }

    @Test
    void noticesAResetToo() throws Exception {
        try (HttpServer server = Servers.serving(this::sleep);
                Client client = Client.of(server)) {
            client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
            parked.await();
            client.reset();

            assertEquals("cancelled CANCELLED true", event());
        }
    }

    @Test
    @Tag("101-T7")
    @Tag("rw-on-abort-T7")
    @Tag("ac-on-abort-T7")
    void runsTheCallbackWithTheRunsScopeBeforeItCancels() throws Exception {
        try (HttpServer peer = Servers.serving(x -> x.print("OK"))) {
            Handler handler =
                    x -> {
                        x.onAbort(
                                scope -> {
                                    assertTrue(x.aborted());
                                    TcpSocket socket =
                                            scope.connect("127.0.0.1", peer.uri().getPort());
                                    socket.send("GET / HTTP/1.0\r\n\r\n");
                                    String all = new String(socket.receiveAll(1000), UTF_8);
                                    events.add(all.substring(all.length() - 2));
                                });
                        sleep(x);
                    };
            try (HttpServer server = Servers.serving(handler)) {
                try (Client client = Client.of(server)) {
                    client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
                    parked.await();
                }
                assertEquals("OK", event());
                assertEquals("cancelled CANCELLED true", event());
            }
        }
    }

    @Test
    void pipelinedBytesAreNotLostAndBlindTheWatch() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        CompletableFuture<FillInterest> interest = new CompletableFuture<>();
        Handler handler =
                x -> {
                    if (x.path().equals("/slow")) {
                        interest.complete(
                                ((AbstractEndPoint) x.downstream().endPoint()).getFillInterest());
                        go.await();
                    }
                    x.print(x.path());
                };
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            client.send("GET /slow HTTP/1.1\r\nHost: t\r\n\r\n");
            Awaitility.await().until(() -> interest.get().isInterested());
            client.send(
                    "GET /next HTTP/1.1\r\nHost: t\r\n\r\nGET /last HTTP/1.1\r\nHost: t\r\n\r\n");
            Awaitility.await().until(() -> !interest.get().isInterested());
            go.countDown();

            assertEquals("/slow", client.answer().body());
            assertEquals("/next", client.answer().body());
            assertEquals("/last", client.answer().body());
            assertEquals("/again", client.get("/again").body());
        }
    }

    @Test
    void slowAnswersOnAKeptConnectionWorkAgainAndAgain() throws Exception {
        Handler handler =
                x -> {
                    x.sockets().sleep(Duration.ofMillis(400));
                    x.print(x.path());
                };
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            for (int i = 0; i < 3; i++) {
                assertEquals("/" + i, client.get("/" + i).body());
            }
        }
    }

    @Test
    void theServersSwitchTurnsItOff() throws Exception {
        Handler handler =
                x -> {
                    parked.countDown();
                    x.sockets().sleep(Duration.ofMillis(900));
                    events.add("slept " + x.aborted());
                };
        HttpConfig config = Servers.config().withWatchAborts(false);
        try (HttpServer server =
                HttpServer.start(config, routes -> routes.content("/*", handler))) {
            try (Client client = Client.of(server)) {
                client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
                parked.await();
            }
            assertEquals("slept false", event());
        }
    }

    @Test
    @Tag("100-T20")
    @Tag("rw-client-abort-T19")
    @Tag("ac-client-abort-T19")
    void ignoredByTheExchangeAHalfClosingClientGetsItsAnswer() throws Exception {
        Handler handler =
                x -> {
                    x.ignoreAbort();
                    String body = new String(x.requestSocket().receiveAll(100), UTF_8);
                    x.sockets().sleep(Duration.ofMillis(900));
                    x.print(body + " done");
                };
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            client.send(POST).shutdownOutput();

            assertEquals("hello done", client.answer().body());
        }
    }

    @Test
    @Tag("100-T17")
    @Tag("100-T18")
    @Tag("rw-client-abort-T17")
    @Tag("ac-client-abort-T17")
    void aPendingReadOfTheBodyFailsInsteadOfTheRun() throws Exception {
        Handler handler =
                x -> {
                    try {
                        x.requestSocket().receiveAll(1000);
                    } catch (io.cosocket.UnexpectedEndException e) {
                        events.add(new String(e.partial(), UTF_8) + " " + x.aborted());
                    }
                };
        try (HttpServer server = Servers.serving(handler)) {
            try (Client client = Client.of(server)) {
                client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 100\r\n\r\nhello");
            }
            assertEquals("hello false", event());
        }
    }

    @Test
    void noticesItAfterTheLastBytesOfAChunkedBody() throws Exception {
        Handler handler =
                x -> {
                    x.requestSocket().receive(5);
                    parked.countDown();
                    sleepUntilCancelled(x);
                };
        try (HttpServer server = Servers.serving(handler)) {
            try (Client client = Client.of(server)) {
                client.send(
                        "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
                                + "5\r\nhello\r\n0\r\n\r\n");
                parked.await();
            }
            assertEquals("cancelled true", event());
        }
    }

    @Test
    void sendsNothingMoreToAClientThatHasEndedItsSide() throws Exception {
        Handler handler =
                x -> {
                    parked.countDown();
                    sleepUntilCancelled(x);
                };
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n").shutdownOutput();
            parked.await();

            assertEquals("", client.rest());
        }
    }

    private void sleepUntilCancelled(Exchange x) throws IOException {
        try {
            x.sockets().sleep(Duration.ofSeconds(60));
        } catch (SocketClosedException e) {
            events.add("cancelled " + x.aborted());
            throw e;
        }
    }
}
