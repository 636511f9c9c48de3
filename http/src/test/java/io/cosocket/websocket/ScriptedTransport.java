package io.cosocket.websocket;

import io.cosocket.Cosockets;
import io.cosocket.StreamSocket;
import io.cosocket.transport.Deadline;
import io.cosocket.transport.SocketSeam;
import io.cosocket.transport.Transport;

import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.function.IntPredicate;

/** Delivers prepared bytes in chosen pieces and keeps what is sent: no network, no threads. */
final class ScriptedTransport implements Transport {
    private static final InetSocketAddress ADDRESS =
            InetSocketAddress.createUnresolved("scripted", 1);

    private final byte[] input;
    private final IntPredicate cutBefore;
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();

    /** Before this byte one time-out happens; negative for none. */
    private int stallBefore = -1;

    private boolean expired;
    private int at;
    private boolean sendEnded;
    private boolean closed;

    ScriptedTransport(byte[] input, IntPredicate cutBefore) {
        this.input = input;
        this.cutBefore = cutBefore;
    }

    static ScriptedTransport whole(byte[] input) {
        return new ScriptedTransport(input, i -> false);
    }

    ScriptedTransport stallBefore(int position) {
        stallBefore = position;
        return this;
    }

    StreamSocket socket(Cosockets runtime) {
        return SocketSeam.stream(runtime.openScope("scripted"), this);
    }

    byte[] output() {
        return output.toByteArray();
    }

    boolean sendEnded() {
        return sendEnded;
    }

    boolean closed() {
        return closed;
    }

    @Override
    public int tryRead(ByteBuffer target) {
        if (at == stallBefore) {
            // Once more after the deadline, as the socket looks a last time.
            stallBefore = expired ? -1 : stallBefore;
            return 0;
        }
        if (at == input.length) {
            return -1;
        }
        int end = Math.min(input.length, at + target.remaining());
        int next = at + 1;
        while (next < end && next != stallBefore && !cutBefore.test(next)) {
            next++;
        }
        target.put(input, at, next - at);
        int count = next - at;
        at = next;
        return count;
    }

    @Override
    public boolean awaitReadable(Deadline deadline) {
        expired = true;
        return false;
    }

    @Override
    public boolean write(ByteBuffer[] buffers, int offset, int length, Deadline deadline) {
        for (int i = offset; i < offset + length; i++) {
            byte[] bytes = new byte[buffers[i].remaining()];
            buffers[i].get(bytes);
            output.writeBytes(bytes);
        }
        return true;
    }

    @Override
    public void shutdownSend() {
        sendEnded = true;
    }

    @Override
    public void cancel() {}

    @Override
    public void close() {
        closed = true;
    }

    @Override
    public String kind() {
        return "scripted";
    }

    @Override
    public SocketAddress localAddress() {
        return ADDRESS;
    }

    @Override
    public SocketAddress remoteAddress() {
        return ADDRESS;
    }
}
