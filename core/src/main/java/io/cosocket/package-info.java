/**
 * Blocking sockets for handlers on virtual threads: the cosockets of OpenResty in Java.
 *
 * <p><b>Threads.</b> Every socket operation is a loop of try, park, retry on the calling thread; no
 * thread is kept for a socket. Besides the callers there are a platform thread for the time-outs of
 * the process, two of each runtime once they are needed, for timers and for idle connections, a
 * virtual one for each look-up of a name, and those of the JDK's poller.
 *
 * <p><b>Locks.</b> Buffers and protocol state belong to the one thread that holds a side of the
 * socket ({@code Sides}); scopes and pools have a lock each, held for pointer work alone, never
 * across I/O or a call of user code.
 *
 * <p><b>States.</b> Those of a socket are drawn in {@code Sides}, those of a fork in {@link
 * io.cosocket.Fork}, those of a time-out in {@code TimeoutWheel}.
 *
 * <p>Rejected: a thread per socket that reads ahead (a hand-off for each read), timed parks for
 * every wait (a wake-up of the scheduler's timer thread each), closing descriptors at once (a
 * reused number takes the wake-ups of its predecessor).
 */
package io.cosocket;
