package io.cosocket.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.FillInterest;
import org.junit.jupiter.api.Test;

class AbortWatchTest {
    private static final int ROUNDS = 500;

    /** Such an interest would make the server's own wait for the next request fail. */
    @Test
    void lateLookOfAnEarlierRunLeavesNoInterestBehind() throws Exception {
        try (HttpServer server = Servers.serving(AbortWatchTest::watch);
                Client client = Client.of(server)) {
            client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            String answer = client.rest();

            assertEquals("0 of 500 left", answer.substring(answer.indexOf("\r\n\r\n") + 4));
        }
    }

    private static void watch(Exchange exchange) throws Exception {
        exchange.ignoreAbort();
        Connection connection =
                exchange.downstream().request().getConnectionMetaData().getConnection();
        FillInterest interest = ((AbstractEndPoint) connection.getEndPoint()).getFillInterest();
        AbortWatch watch = new AbortWatch(connection);
        int left = 0;
        for (int i = 0; i < ROUNDS; i++) {
            watch.start(exchange, () -> true);
            watch.start(
                    exchange,
                    () -> {
                        // The look begins, but waits for the lock until the next run is watched.
                        interest.fillable();
                        watch.stop();
                        return true;
                    });
            Thread.startVirtualThread(Thread::yield).join();
            watch.stop();
            if (interest.isInterested()) {
                left++;
                interest.onFail(new IllegalStateException("left behind"));
            }
        }
        exchange.print(left + " of " + ROUNDS + " left");
    }
}
