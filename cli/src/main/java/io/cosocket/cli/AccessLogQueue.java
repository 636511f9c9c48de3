package io.cosocket.cli;

import io.cosocket.http.AccessLog;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Writes the access log in a thread of its own, many lines at a time, so that no exchange waits for
 * a disk. Entries beyond what it can keep up with are lost, and counted.
 *
 * <p>Threads: {@link #log} from any; {@link #start} and {@link #close} from one.
 */
final class AccessLogQueue implements AccessLog, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AccessLogQueue.class);
    private static final int WAITING_MAX = 16_384;
    private static final int BATCH_MAX = 1024;

    /** Lines of a busy server are gathered for so long; it costs less than a wake-up for each. */
    private static final long GATHER_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);

    private static final Entry WAKE_UP =
            new Entry(
                    Instant.EPOCH,
                    new InetSocketAddress(0),
                    "",
                    "",
                    "",
                    0,
                    0,
                    0,
                    Duration.ZERO,
                    "");

    private final BlockingQueue<Entry> waiting = new ArrayBlockingQueue<>(WAITING_MAX);
    private final AtomicLong lost = new AtomicLong();
    private final OutputStream target;
    private final Thread thread =
            Thread.ofPlatform().name("cosocket-access-log").daemon().unstarted(this::run);
    private volatile boolean closed;
    private boolean failed;

    AccessLogQueue(OutputStream target) {
        this.target = target;
    }

    /** Begins to write what was told and will be. */
    void start() {
        thread.start();
    }

    @Override
    public void log(Entry entry) {
        if (!waiting.offer(entry)) {
            lost.incrementAndGet();
        }
    }

    private void run() {
        List<Entry> batch = new ArrayList<>(BATCH_MAX);
        StringBuilder lines = new StringBuilder();
        while (await(batch)) {
            waiting.drainTo(batch, BATCH_MAX - batch.size());
            for (Entry entry : batch) {
                if (entry != WAKE_UP) {
                    AccessLogLine.append(lines, entry);
                }
            }
            batch.clear();
            write(lines.toString());
            lines.setLength(0);
            reportLost();
        }
    }

    /** Waits for the first entries; false at the end. */
    private boolean await(List<Entry> batch) {
        if (!closed) {
            try {
                batch.add(waiting.take());
                LockSupport.parkNanos(this, GATHER_NANOS);
                return true;
            } catch (InterruptedException e) {
                closed = true;
            }
        }
        return waiting.drainTo(batch, BATCH_MAX) > 0;
    }

    private void write(String lines) {
        try {
            target.write(lines.getBytes(StandardCharsets.UTF_8));
            target.flush();
            failed = false;
        } catch (IOException e) {
            if (!failed) {
                LOG.warn("the access log cannot be written: {}", e.getMessage());
            }
            failed = true;
        }
    }

    private void reportLost() {
        long count = lost.getAndSet(0);
        if (count > 0) {
            LOG.warn("the access log lost {} lines", count);
        }
    }

    /** Writes what is left. */
    @Override
    public void close() {
        closed = true;
        if (!thread.isAlive()) {
            return;
        }
        // an interrupt could end a write half way; a full queue needs no call
        waiting.offer(WAKE_UP);
        try {
            thread.join(CLOSE_LIMIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
