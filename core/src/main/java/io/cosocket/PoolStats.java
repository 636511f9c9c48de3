package io.cosocket;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Map;

/**
 * What one pool is doing and has done.
 *
 * @param name of its options, or its endpoint when they give none
 * @param endpoint where its connections go, {@code *} for a shared pool
 * @param open connections that exist, idle ones and those being opened included
 * @param idle connections that wait for use
 * @param leased connections in use, or being opened or closed
 * @param waiting connects in the queue
 * @param acquired connects that got a connection, since the pool was made
 * @param reused of these, how many got one that had been used before
 * @param misses why the others, {@code acquired - reused}, could not reuse one, by reason: {@code
 *     none idle}, {@code peer closed}, {@code dirty: …} with what was wrong and the call of
 *     release, or {@code while idle}, {@code not released}, {@code idle time-out}, {@code aged},
 *     {@code evicted}, {@code cleared}. A miss is charged to the connection that was lost last
 *     before it
 * @param waited total time connects spent in the queue
 * @param maxIdle limit in force
 * @param maxOpen limit in force
 * @param maxWaiting limit in force
 * @param conflict which call asked for other limits, when one did: then the smaller ones are in
 *     force; null otherwise
 */
public record PoolStats(
        String name,
        String endpoint,
        int open,
        int idle,
        int leased,
        int waiting,
        long acquired,
        long reused,
        Map<String, Long> misses,
        Duration waited,
        int maxIdle,
        int maxOpen,
        int maxWaiting,
        @Nullable String conflict) {}
