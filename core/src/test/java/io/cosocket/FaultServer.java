package io.cosocket;

import io.cosocket.transport.ChannelPeer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A peer with one fault, on TCP. */
final class FaultServer implements AutoCloseable {
    private final CountDownLatch over = new CountDownLatch(1);
    private final ByteArrayOutputStream heard = new ByteArrayOutputStream();
    private final CountDownLatch heardAll = new CountDownLatch(1);
    private final PeerServer server;

    FaultServer(Fault fault) throws IOException {
        server = PeerServer.tcp(peer -> commit(fault, peer));
    }

    int port() throws IOException {
        return server.port();
    }

    /** Gives what came after a half-close, up to the client's end. */
    byte[] heard() throws InterruptedException {
        if (!heardAll.await(20, TimeUnit.SECONDS)) {
            throw new AssertionError("the client never ended its side");
        }
        synchronized (heard) {
            return heard.toByteArray();
        }
    }

    private void commit(Fault fault, ChannelPeer peer) throws Exception {
        switch (fault) {
            case Fault.Reset reset -> {
                peer.send(reset.before());
                peer.receive(1); // the client says when
                peer.reset();
            }
            case Fault.HalfClose half -> {
                peer.send(half.before());
                peer.endSending();
                hear(peer);
            }
            case Fault.Stall stall -> over.await();
            case Fault.Trickle trickle -> {
                for (byte b : trickle.bytes()) {
                    LockSupport.parkNanos(trickle.gap().toNanos());
                    peer.send(new byte[] {b});
                }
            }
            case Fault.CloseAfter after -> {
                peer.receive(after.receivedBytes());
                peer.send(after.before());
            }
        }
    }

    private void hear(ChannelPeer peer) {
        try {
            while (true) {
                byte[] one = peer.receive(1);
                synchronized (heard) {
                    heard.writeBytes(one);
                }
            }
        } catch (IOException e) {
            heardAll.countDown();
        }
    }

    @Override
    public void close() throws IOException {
        over.countDown();
        server.close();
    }
}
