package io.cosocket.websocket;

import io.cosocket.Cosockets;
import io.cosocket.OperationTimeoutException;
import io.cosocket.StreamSocket;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What an echo server, or client, made of a script.
 *
 * @param received the messages, or the error's type and code
 * @param sent the frames it sent
 */
record EchoRun(List<String> received, List<String> sent, boolean sendEnded, boolean closed) {
    static EchoRun server(Cosockets runtime, ScriptedTransport script, WebSocketOptions options) {
        return run(runtime, script, true, options, null);
    }

    static EchoRun run(
            Cosockets runtime,
            ScriptedTransport script,
            boolean server,
            WebSocketOptions options,
            @Nullable DeflateTerms terms) {
        StreamSocket socket = script.socket(runtime);
        WebSocket webSocket = new WebSocket(socket, server, options, null, terms);
        List<String> received = new ArrayList<>();
        boolean open = true;
        while (open) {
            try {
                open = echo(webSocket, received);
            } catch (OperationTimeoutException e) {
                received.add("timeout");
            } catch (WebSocketException e) {
                received.add("failed " + e.code());
                open = false;
            } catch (IOException e) {
                received.add(e.getClass().getSimpleName());
                open = false;
            }
        }
        List<String> sent =
                Wire.read(script.output(), !server).stream().map(Wire.Sent::toString).toList();
        return new EchoRun(received, sent, script.sendEnded(), script.closed());
    }

    private static boolean echo(WebSocket webSocket, List<String> received) throws IOException {
        switch (webSocket.receive()) {
            case null -> {
                return false;
            }
            case Message.Text(String text) -> {
                received.add("text " + text);
                webSocket.sendText(text);
            }
            case Message.Binary(byte[] bytes) -> {
                received.add("binary " + java.util.Arrays.hashCode(bytes));
                webSocket.sendBinary(bytes);
            }
            case Message.Close close -> received.add(close.toString());
        }
        return true;
    }
}
