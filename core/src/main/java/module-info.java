import org.jspecify.annotations.NullMarked;

/** Sockets, scopes, pools, name look-up, TLS and timers on virtual threads. */
// The qualified export names a module that is compiled after this one.
@SuppressWarnings("module")
@NullMarked
module io.cosocket.core {
    requires org.dnsjava;
    requires org.slf4j;
    // transitive: the nullness annotations stand in public signatures
    requires static transitive org.jspecify;

    exports io.cosocket;
    exports io.cosocket.transport to
            io.cosocket.http;
}
