package io.cosocket.websocket;

import io.cosocket.Cosockets;
import io.cosocket.SocketPair;
import io.cosocket.StreamSocket;

import org.junit.jupiter.api.AfterEach;

/** A test whose peers talk in memory. */
abstract class OnSocketPair {
    final Cosockets runtime = Cosockets.create();
    final SocketPair pair = StreamSocket.inMemory(runtime);

    @AfterEach
    void close() {
        runtime.close();
    }
}
