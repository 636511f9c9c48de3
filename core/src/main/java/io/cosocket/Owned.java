package io.cosocket;

import io.cosocket.SocketClosedException.ClosedBy;

/** What a scope closes when it ends. */
interface Owned {
    void closeBy(ClosedBy by);
}
