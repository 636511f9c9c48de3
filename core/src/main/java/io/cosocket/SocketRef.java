package io.cosocket;

import io.cosocket.SocketClosedException.ClosedBy;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;

/**
 * A scope's hold on a socket object: weak on the object, strong on the connection that must be
 * freed when nobody reaches the object any more.
 */
final class SocketRef extends WeakReference<Owned> {
    /** Something a socket holds that outlives the object. */
    interface Held {
        /** Frees it because nobody can use it any more. */
        void abandon();
    }

    private static final VarHandle HELD;

    static {
        try {
            HELD = MethodHandles.lookup().findVarHandle(SocketRef.class, "held", Held.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final SocketScope scope;
    private volatile @Nullable Held held;

    // guarded by the scope's lock
    @Nullable SocketRef previous;
    @Nullable SocketRef next;

    SocketRef(Owned socket, SocketScope scope, ReferenceQueue<Owned> queue) {
        super(socket, queue);
        this.scope = scope;
    }

    void held(@Nullable Held connection) {
        held = connection;
    }

    /** Closes the socket, or what an unreachable one has left behind. */
    void closeBy(ClosedBy by) {
        Owned socket = get();
        if (socket != null) {
            socket.closeBy(by);
        } else {
            abandon();
        }
    }

    /** Frees what an unreachable socket has left behind; tells whether there was something. */
    boolean abandon() {
        // the end of the scope and the search for abandoned sockets may come at the same moment
        Held connection = (Held) HELD.getAndSet(this, null);
        scope.forget(this);
        if (connection == null) {
            return false;
        }
        connection.abandon();
        return true;
    }

    @Override
    public String toString() {
        return "socket of " + scope.name();
    }
}
