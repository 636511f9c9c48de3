import io.cosocket.http.Exchange;
import io.cosocket.http.Handler;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Gives a page that talks to the echo at {@code /echo} and writes what happened into its body. Its
 * picture at {@code /hold} comes only when the page asked for {@code /done}: so the page has loaded
 * when it has finished.
 */
public final class BrowserPage implements Handler {
    private static final String PAGE =
            """
            <!doctype html><meta charset=utf-8><title>Echo</title><body><img src=/hold>
            <script>
            const say = line => document.body.append(line, document.createElement('br'));
            const text = 'κόσμε 𝄞 '.repeat(20000);
            const bytes = new Uint8Array(200000).map((_, i) => i * i >> 5);
            const same = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);
            const socket = new WebSocket('ws://' + location.host + '/echo');
            socket.binaryType = 'arraybuffer';
            socket.onopen = () => {
              say('extensions ' + socket.extensions);
              socket.send(text);
              socket.send(bytes);
              socket.send('');
            };
            let count = 0;
            socket.onmessage = message => {
              const data = message.data;
              if (data instanceof ArrayBuffer) {
                say('binary ' + data.byteLength + ' ' + same(new Uint8Array(data), bytes));
              } else {
                say('text ' + data.length + ' ' + (data === (count === 0 ? text : '')));
              }
              if (++count === 3) socket.close(3001, 'thanks');
            };
            socket.onclose = close => {
              say('close ' + close.code + ' ' + close.wasClean);
              fetch('/done');
            };
            socket.onerror = () => say('error');
            </script>
            """;

    private final CountDownLatch done = new CountDownLatch(1);

    @Override
    public void handle(Exchange exchange) throws IOException, InterruptedException {
        switch (exchange.path()) {
            case "/" -> exchange.setHeader("Content-Type", "text/html").print(PAGE);
            case "/done" -> done.countDown();
            default -> {
                boolean finished = done.await(20, TimeUnit.SECONDS);
                exchange.status(finished ? 204 : 504);
            }
        }
    }
}
