package io.cosocket.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cosocket.Fork;
import io.cosocket.OperationTimeoutException;
import io.cosocket.StreamSocket;
import io.cosocket.UnexpectedEndException;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The original's dialogues over the raw socket. */
class RawDialogueTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: t\r\n\r\n";

    private final LinkedBlockingQueue<String> events = new LinkedBlockingQueue<>();

    private static HttpServer serving(boolean tls, Handler handler) throws Exception {
        HttpConfig config = Servers.config();
        return HttpServer.start(
                tls
                        ? config.withListeners(Listener.tls("localhost", 0, TestKeys.context()))
                        : config,
                routes -> routes.content("/*", handler));
    }

    @Test
    @Tag("116-T3")
    void http10OutputMustBeFlushedFirst() throws Exception {
        Handler handler =
                x -> {
                    x.setHeader("Connection", "close").print("hello ");
                    String refused =
                            assertThrows(IllegalStateException.class, x::rawSocket).getMessage();
                    x.flush();
                    x.rawSocket().send(refused);
                };
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            client.send("GET / HTTP/1.0\r\n\r\n");

            assertEquals("hello pending data to write", client.answer().body());
        }
    }

    @Test
    @Tag("116-T11")
    void aPendingReadSeesTheClientLeaveAndNoCallbackRuns() throws Exception {
        CountDownLatch reading = new CountDownLatch(1);
        Handler handler =
                x -> {
                    x.onAbort(scope -> events.add("callback"));
                    StreamSocket raw = x.rawSocket();
                    reading.countDown();
                    assertThrows(UnexpectedEndException.class, () -> raw.receive(5));
                    x.sockets().sleep(Duration.ofMillis(400));
                    events.add("ended " + x.aborted());
                };
        try (HttpServer server = Servers.serving(handler)) {
            try (Client client = Client.of(server)) {
                client.send(GET);
                reading.await();
            }
            assertEquals("ended false", events.poll(10, TimeUnit.SECONDS));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Tag("116-T12")
    @Tag("116-T16")
    void readsOverPackets(boolean tls) throws Exception {
        Handler handler =
                x -> {
                    StreamSocket raw = x.rawSocket();
                    byte[] first = raw.receiveAny(1024);
                    raw.send("got ".getBytes(UTF_8));
                    raw.send(first == null ? new byte[0] : first);
                    raw.send(", then " + new String(raw.receiveUntil("rld"), UTF_8));
                };
        try (HttpServer server = serving(tls, handler);
                Client client = Client.of(server)) {
            client.send(GET + "hello");
            assertEquals("got hello", client.read(9));
            client.send(", ").send("wo").send("rld");

            assertEquals(", then , wo", client.rest());
        }
    }

    @Test
    @Tag("116-T2")
    @Tag("116-T13")
    void anHttp10BodyIsReadRawAndAnsweredByHand() throws Exception {
        Handler handler =
                x -> {
                    StreamSocket raw = x.rawSocket();
                    String body = new String(raw.receive(5), UTF_8);
                    raw.send("HTTP/1.0 200 OK\r\nContent-Length: 6\r\n\r\n" + body + "!");
                };
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            client.send("POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello");

            assertEquals("hello!", client.answer().body());
        }
    }

    @Test
    @Tag("116-T14")
    void isRefusedWhileAForkReadsTheBody() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        Handler handler =
                x -> {
                    Fork<byte[]> reader = x.sockets().fork(() -> x.readBody(100));
                    asked.await();
                    x.print(assertThrows(IllegalStateException.class, x::rawSocket).getMessage());
                    x.flush();
                    x.print(" " + new String(reader.join(), UTF_8));
                };
        try (HttpServer server = Servers.serving(handler);
                Client client = Client.of(server)) {
            client.send(
                    "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n"
                            + "Expect: 100-continue\r\n\r\n");
            // sent once the fork waits for the body
            assertEquals(100, client.answer().status());
            client.send("hell");
            asked.countDown();
            assertEquals("HTTP/1.1 200 OK", client.line());
            client.send("o");

            String all = client.shutdownOutput().rest();
            assertTrue(all.contains("\r\npending request body reading\r\n"), all);
            assertTrue(all.contains("\r\n hello\r\n"), all);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void readsAndWritesAtTheSameTimeAndHalfCloses(boolean tls) throws Exception {
        byte[] piece = "y".repeat(1000).getBytes(UTF_8);
        Handler handler =
                x -> {
                    StreamSocket raw = x.rawSocket();
                    Fork<Integer> reader =
                            x.sockets().fork(() -> raw.receiveAll(10_000_000).length);
                    for (int i = 0; i < 500; i++) {
                        raw.send(piece);
                    }
                    raw.send("read " + reader.join());
                    raw.shutdownSend();
                };
        try (HttpServer server = serving(tls, handler);
                Client client = Client.of(server)) {
            client.send(GET);
            Thread writer =
                    Thread.startVirtualThread(
                            () -> {
                                try {
                                    for (int i = 0; i < 300; i++) {
                                        client.send(piece);
                                    }
                                    client.shutdownOutput();
                                } catch (Exception e) {
                                    throw new IllegalStateException(e);
                                }
                            });
            String all = client.rest();
            writer.join();

            assertEquals("read 300000", all.substring(500_000));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Tag("117-T2")
    void aSendTimeoutEndsSendingAndReadsGoOn(boolean tls) throws Exception {
        Handler handler =
                x -> {
                    StreamSocket raw = x.rawSocket();
                    raw.sendTimeout(Duration.ofMillis(200));
                    OperationTimeoutException error =
                            assertThrows(
                                    OperationTimeoutException.class,
                                    () -> raw.send(new byte[64 << 20]));
                    events.add(error.operation() + " " + raw.isOpen());
                    raw.receiveTimeout(Duration.ofSeconds(10));
                    events.add(String.valueOf(raw.receiveLine()));
                };
        try (HttpServer server = serving(tls, handler);
                Client client = Client.of(server)) {
            client.send(GET);
            assertEquals("send true", events.poll(15, TimeUnit.SECONDS));
            client.send("still read\n");
            assertEquals("still read", events.poll(15, TimeUnit.SECONDS));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void bytesLeftUnreadDoNotDestroyWhatWasSentLast(boolean tls) throws Exception {
        CountDownLatch sent = new CountDownLatch(1);
        Handler handler =
                x -> {
                    StreamSocket raw = x.rawSocket();
                    sent.await();
                    raw.send("last words");
                };
        try (HttpServer server = serving(tls, handler);
                Client client = Client.of(server)) {
            client.send(GET + "x".repeat(100_000));
            sent.countDown();

            assertEquals("last words", client.rest());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aReadTimeoutLeavesTheSocketOpen(boolean tls) throws Exception {
        Handler handler =
                x -> {
                    StreamSocket raw = x.rawSocket();
                    raw.receiveTimeout(Duration.ofMillis(100));
                    OperationTimeoutException error =
                            assertThrows(OperationTimeoutException.class, () -> raw.receive(5));
                    raw.send("timeout " + new String(error.partial(), UTF_8) + "\n");
                    raw.receiveTimeout(Duration.ofSeconds(10));
                    raw.send("then " + raw.receiveLine());
                };
        try (HttpServer server = serving(tls, handler);
                Client client = Client.of(server)) {
            client.send(GET + "ab");
            assertEquals("timeout ab", client.line());
            assertEquals("then cd", client.send("cd\n").rest());
        }
    }
}
