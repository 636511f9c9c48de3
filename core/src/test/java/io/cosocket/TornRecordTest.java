package io.cosocket;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CountDownLatch;

/** An encrypted answer of which only the beginning has come when the connection changes hands. */
@Timeout(60)
class TornRecordTest extends TlsDialogue {
    /** How much of a record is held back. */
    private static final int MISSING = 5;

    private TlsServer server;
    private ServerSocket relay;
    private volatile boolean tearing;
    private final CountDownLatch arrived = new CountDownLatch(1);
    private final CountDownLatch letGo = new CountDownLatch(1);
    private final CountDownLatch torn = new CountDownLatch(1);

    @BeforeEach
    void startServers() throws IOException {
        server = TlsServer.echo(certificates, good);
        relay = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.startVirtualThread(this::accept);
    }

    @AfterEach
    void stopServers() throws IOException {
        relay.close();
        server.close();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = relay.accept();
                Socket upstream = new Socket(InetAddress.getLoopbackAddress(), server.port());
                Thread.startVirtualThread(() -> forward(client, upstream));
                Thread.startVirtualThread(() -> answer(upstream, client));
            }
        } catch (IOException e) {
            // closed: the test is over
        }
    }

    private static void forward(Socket from, Socket to) {
        try (to) {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException e) {
            // one of them left
        }
    }

    private void answer(Socket from, Socket to) {
        byte[] bytes = new byte[1 << 15];
        try (to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count; (count = in.read(bytes)) >= 0; ) {
                if (tearing) {
                    arrived.countDown();
                    letGo.await();
                    out.write(bytes, 0, count - MISSING);
                    torn.countDown();
                } else {
                    out.write(bytes, 0, count);
                }
            }
        } catch (IOException | InterruptedException e) {
            // one of them left
        }
    }

    private TcpSocket connect() throws IOException {
        return scope.connect("localhost", relay.getLocalPort(), with(trusting()));
    }

    private TcpSocket askForMore() throws Exception {
        TcpSocket socket = exchange(connect());
        tearing = true;
        socket.send("late\n");
        arrived.await();
        return socket;
    }

    @Test
    void releaseRefusesAConnectionThatHoldsHalfAnAnswer() throws Exception {
        TcpSocket socket = askForMore();
        letGo.countDown();
        torn.await();

        assertEquals(Release.DUBIOUS_STATE, socket.release());
    }

    @Test
    void connectRefusesAConnectionThatGotHalfAnAnswerWhileIdle() throws Exception {
        TcpSocket socket = askForMore();
        assertEquals(Release.KEPT, socket.release());
        letGo.countDown();
        torn.await();
        tearing = false;

        assertEquals(0, exchange(connect()).reuseCount());
        await().until(() -> runtime.pools().getFirst().open() == 1);
    }
}
