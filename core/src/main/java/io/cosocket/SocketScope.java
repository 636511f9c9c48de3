package io.cosocket;

import io.cosocket.SocketClosedException.ClosedBy;
import io.cosocket.transport.SocketSeam;
import io.cosocket.transport.Transport;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

import javax.net.ssl.SSLSession;

/**
 * Owns sockets and forks; they end with it. One scope belongs to each run: a handler of one phase,
 * a timer firing, or what {@link #run} is given. A scope opened within a run is its child.
 *
 * <p>A thread of a run may use the sockets of that run alone; with those of another it gets {@link
 * IllegalStateException} {@code bad request}. A thread of no run may use any socket.
 *
 * <p>Threads: every method from any thread. Lifetime: until {@link #close()}, the end of the run,
 * or the end of the runtime.
 */
public final class SocketScope implements AutoCloseable {
    /** The scope of the run that the current thread works for; forks and children share it. */
    private static final ScopedValue<SocketScope> RUN = ScopedValue.newInstance();

    /** The fork that the current thread is. */
    private static final ScopedValue<Fork<?>> FORK = ScopedValue.newInstance();

    static {
        SocketSeam.install(new Seam());
    }

    private final Cosockets runtime;
    private final String name;
    private final SocketScope root;
    private final @Nullable SocketScope parent;

    private final ReentrantLock lock = new ReentrantLock();
    // guarded by lock
    // most runs have neither, and share the empty set
    private Set<Fork<?>> forks = Set.of();
    private Set<SocketScope> children = Set.of();
    private Map<Cosockets, SocketScope> memoryScopes = Map.of();
    private @Nullable SocketRef firstSocket;
    private @Nullable Thread runner;
    private boolean runnerCancelled;
    private @Nullable CountDownLatch closedLatch;

    /** What the end of the scope is to those that wait: cancelled when its run was cut short. */
    private volatile ClosedBy endCause = ClosedBy.SCOPE;

    private volatile boolean closed;

    /** Makes a scope; {@code parent} is the run that it ends with, or null. */
    SocketScope(Cosockets runtime, String name, @Nullable SocketScope parent) {
        this.runtime = runtime;
        this.name = name;
        this.parent = parent;
        this.root = parent == null ? this : parent.root;
        if (parent != null) {
            parent.adopt(this);
        }
    }

    /** Gives the scope of the calling thread's run, or null. */
    static @Nullable SocketScope current() {
        return RUN.isBound() ? RUN.get() : null;
    }

    /** Gives the name, which errors, logs and statistics use. */
    public String name() {
        return name;
    }

    /** Gives the runtime it belongs to. */
    public Cosockets runtime() {
        return runtime;
    }

    /** Tells whether the scope has ended; its sockets are closed then. */
    public boolean isClosed() {
        return closed;
    }

    /**
     * Runs {@code task} on the calling thread as a run of this scope: sockets it opens here belong
     * to it, forks are awaited when the task returns, then the scope closes. An exception closes
     * the scope at once, which cancels the forks, and is thrown again when they have ended. Closing
     * the scope from another thread cancels the run: its thread is interrupted while the task runs.
     *
     * @throws Exception what the task throws
     * @throws IllegalStateException when the scope has ended or runs already
     */
    public void run(ScopedTask task) throws Exception {
        Checks.notNull("task", task);
        enterRun();
        try {
            ScopedValue.where(RUN, root)
                    .call(
                            () -> {
                                task.run(this);
                                awaitForks();
                                return null;
                            });
        } finally {
            close();
            awaitForks();
            leaveRun();
        }
    }

    /**
     * Makes a socket that is not connected ({@code ngx.socket.tcp}).
     *
     * @throws IllegalStateException {@code bad request}, when the caller works for another run
     */
    public TcpSocket tcp() {
        checkCaller();
        ConnectableSocket socket = new ConnectableSocket(this);
        socket.owner(register(socket));
        return socket;
    }

    /** Connects a fresh socket ({@code ngx.socket.connect}); fails as {@link TcpSocket#connect}. */
    public TcpSocket connect(String host, int port) throws IOException {
        return tcp().connect(host, port);
    }

    /** Connects a fresh socket with options; fails as {@link TcpSocket#connect}. */
    public TcpSocket connect(String host, int port, ConnectOptions options) throws IOException {
        return tcp().connect(host, port, options);
    }

    /**
     * Connects a fresh socket to an Internet or Unix-domain address; fails as {@link
     * TcpSocket#connect}.
     */
    public TcpSocket connect(SocketAddress address, ConnectOptions options) throws IOException {
        return tcp().connect(address, options);
    }

    /**
     * Connects a fresh socket to {@code host:port}, {@code [::1]:80} or {@code unix:/path}; fails
     * as {@link TcpSocket#connect}.
     *
     * @throws IllegalArgumentException when the text is none of these
     */
    public TcpSocket connect(String endpoint, ConnectOptions options) throws IOException {
        Target target = Target.parse(Checks.notNull("endpoint", endpoint));
        ConnectableSocket socket = (ConnectableSocket) tcp();
        return socket.connect(target, Checks.notNull("options", options));
    }

    /**
     * Makes a datagram socket that is neither bound nor connected ({@code ngx.socket.udp}).
     *
     * @throws IllegalStateException {@code bad request}, when the caller works for another run
     */
    public UdpSocket udp() {
        checkCaller();
        ChannelUdpSocket socket = new ChannelUdpSocket(this);
        socket.owner(register(socket));
        return socket;
    }

    /** Makes a datagram socket connected to a peer; fails as {@link UdpSocket#connect}. */
    public UdpSocket udp(String host, int port) throws IOException {
        return udp().connect(host, port);
    }

    /**
     * Runs {@code task} at the same time, on a thread of its own that shares this scope ({@code
     * ngx.thread.spawn}).
     *
     * @throws IllegalStateException when the scope has ended; {@code bad request}, when the caller
     *     works for another run
     */
    public <T> Fork<T> fork(Callable<T> task) {
        Checks.notNull("task", task);
        checkCaller();
        Fork<T> fork = new Fork<>(this, task);
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("closed: the scope " + name + " has ended");
            }
            if (forks.isEmpty()) {
                forks = new HashSet<>();
            }
            forks.add(fork);
        } finally {
            lock.unlock();
        }
        fork.start(body -> ScopedValue.where(RUN, root).where(FORK, fork).run(body));
        return fork;
    }

    /**
     * Waits for {@code time} ({@code ngx.sleep}).
     *
     * @param time positive
     * @throws SocketClosedException when the scope ends, or the fork or run is cancelled, before
     */
    public void sleep(Duration time) throws IOException {
        Checks.positive("sleep time", time);
        try {
            if (!closedLatch().await(time.toNanos(), TimeUnit.NANOSECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Failures.closed("sleep", " in " + name, interruptCause(), Failures.NONE);
        }
        boolean interrupted = Thread.currentThread().isInterrupted();
        ClosedBy by = interrupted ? interruptCause() : endCause;
        throw Failures.closed("sleep", " in " + name, by, Failures.NONE);
    }

    /**
     * Ends the scope: cancels its forks and its run, then closes its child scopes and every socket
     * it still holds. Does not wait for them. A second call does nothing.
     */
    @Override
    public void close() {
        List<SocketScope> orphans;
        SocketRef sockets;
        lock.lock();
        try {
            if (closed) {
                return;
            }
            // before anybody can see the end and fail by it: a fork that it ends was cancelled
            forks.forEach(Fork::cancelByScope);
            closed = true;
            if (runner != null && runner != Thread.currentThread()) {
                endCause = ClosedBy.CANCELLED;
                runnerCancelled = true;
                runner.interrupt();
            }
            if (closedLatch != null) {
                closedLatch.countDown();
            }
            orphans = List.copyOf(children);
            sockets = firstSocket;
            firstSocket = null;
        } finally {
            lock.unlock();
        }
        orphans.forEach(SocketScope::close);
        for (SocketRef ref = sockets; ref != null; ref = ref.next) {
            ref.closeBy(endCause);
        }
        runtime.ended(this);
        if (parent != null) {
            parent.disown(this);
        }
    }

    @Override
    public String toString() {
        return "scope " + name;
    }

    // --- for sockets and forks

    /** Refuses a thread that works for another run. */
    void checkCaller() {
        if (RUN.isBound() && RUN.get() != root && !runtime.isUnbound(root)) {
            throw Failures.badRequest(root.name, RUN.get().name);
        }
    }

    /** Tells why the current thread was interrupted. */
    ClosedBy interruptCause() {
        boolean cancelled =
                FORK.isBound() && FORK.get().isCancelled() || RUN.isBound() && RUN.get().closed;
        for (SocketScope scope = this; scope != null && !cancelled; scope = scope.parent) {
            cancelled = scope.closed;
        }
        return cancelled ? ClosedBy.CANCELLED : ClosedBy.INTERRUPTED;
    }

    /** Gives the one child that owns the in-memory sockets of another runtime. */
    SocketScope memoryScope(Cosockets other) {
        lock.lock();
        try {
            SocketScope known = memoryScopes.get(other);
            if (known != null && !known.closed) {
                return known;
            }
            SocketScope opened = other.openScope("in memory");
            if (memoryScopes.isEmpty()) {
                memoryScopes = new HashMap<>();
            }
            memoryScopes.put(other, opened);
            return opened;
        } finally {
            lock.unlock();
        }
    }

    /** Keeps a socket weakly, so that one nobody reaches can be found and closed. */
    SocketRef register(Owned socket) {
        runtime.reapAbandoned();
        SocketRef ref = new SocketRef(socket, this, runtime.abandoned());
        lock.lock();
        try {
            if (!closed) {
                ref.next = firstSocket;
                if (firstSocket != null) {
                    firstSocket.previous = ref;
                }
                firstSocket = ref;
            }
        } finally {
            lock.unlock();
        }
        return ref;
    }

    void forget(SocketRef ref) {
        lock.lock();
        try {
            if (closed) {
                return; // the list is being walked or gone
            }
            if (ref.previous != null) {
                ref.previous.next = ref.next;
            } else if (firstSocket == ref) {
                firstSocket = ref.next;
            }
            if (ref.next != null) {
                ref.next.previous = ref.previous;
            }
        } finally {
            lock.unlock();
        }
    }

    void ended(Fork<?> fork) {
        lock.lock();
        try {
            if (!forks.isEmpty()) {
                forks.remove(fork);
            }
        } finally {
            lock.unlock();
        }
    }

    private void adopt(SocketScope child) {
        lock.lock();
        try {
            if (!closed) {
                if (children.isEmpty()) {
                    children = new HashSet<>();
                }
                children.add(child);
                return;
            }
        } finally {
            lock.unlock();
        }
        throw new IllegalStateException("closed: the scope " + name + " has ended");
    }

    private void disown(SocketScope child) {
        lock.lock();
        try {
            if (!children.isEmpty()) {
                children.remove(child);
            }
        } finally {
            lock.unlock();
        }
    }

    private void enterRun() {
        lock.lock();
        try {
            if (closed || runner != null) {
                throw new IllegalStateException(
                        closed
                                ? "closed: the scope " + name + " has ended"
                                : "the scope " + name + " runs already");
            }
            runner = Thread.currentThread();
        } finally {
            lock.unlock();
        }
    }

    /** From here on nobody interrupts this thread for the run's sake; what was set is cleared. */
    private void leaveRun() {
        lock.lock();
        try {
            runner = null;
            if (!runnerCancelled) {
                return;
            }
        } finally {
            lock.unlock();
        }
        // a run around this one that was cancelled as well still needs the interrupt
        for (SocketScope outer = parent; outer != null; outer = outer.parent) {
            if (outer.isRunCancelled()) {
                return;
            }
        }
        Thread.interrupted();
    }

    private boolean isRunCancelled() {
        lock.lock();
        try {
            return runnerCancelled && runner == Thread.currentThread();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until every fork has ended; an interrupt meanwhile closes the scope. */
    private void awaitForks() {
        boolean interrupted = false;
        for (Fork<?> fork; (fork = anyFork()) != null; ) {
            try {
                fork.awaitEnd();
            } catch (InterruptedException e) {
                interrupted = true;
                close();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private @Nullable Fork<?> anyFork() {
        lock.lock();
        try {
            return forks.isEmpty() ? null : forks.iterator().next();
        } finally {
            lock.unlock();
        }
    }

    private CountDownLatch closedLatch() {
        lock.lock();
        try {
            CountDownLatch latch = closedLatch;
            if (latch == null) {
                latch = new CountDownLatch(closed ? 0 : 1);
                closedLatch = latch;
            }
            return latch;
        } finally {
            lock.unlock();
        }
    }

    /** Lets the HTTP module make sockets over its own transports. */
    private static final class Seam extends SocketSeam {
        @Override
        protected StreamSocket makeStream(SocketScope scope, Transport transport) {
            BufferedSocket socket =
                    new BufferedSocket(scope, transport, scope.runtime.config().timeouts());
            return adopted(scope, socket);
        }

        @Override
        protected Receiver makeReceiver(SocketScope scope, Transport transport) {
            BufferedReceiver socket =
                    new BufferedReceiver(scope, transport, scope.runtime.config().timeouts());
            return adopted(scope, socket);
        }

        /** A scope that ended meanwhile closes nothing any more, so the socket is closed here. */
        private static <S extends BufferedReceiver> S adopted(SocketScope scope, S socket) {
            scope.register(socket);
            if (scope.closed) {
                socket.closeBy(ClosedBy.SCOPE);
            }
            return socket;
        }

        @Override
        protected TlsSession describe(
                SSLSession session, @Nullable String alpn, @Nullable String serverName) {
            return TlsSession.accepted(session, alpn, serverName);
        }

        @Override
        protected int countBuffered(Receiver socket) {
            return ((BufferedReceiver) socket).buffer.size();
        }
    }
}
