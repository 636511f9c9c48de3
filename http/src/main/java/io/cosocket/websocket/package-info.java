/**
 * WebSocket (RFC 6455) with permessage-deflate (RFC 7692) in blocking style, for servers and
 * clients, written on the public sockets alone.
 *
 * <p>A {@link io.cosocket.websocket.WebSocket} sits on one {@link io.cosocket.StreamSocket}: a
 * server's on {@link io.cosocket.http.Exchange#rawSocket()}, a client's on a connection of its
 * scope.
 *
 * <pre>
 *   receive() ── MessageReader ── FrameReader ── Receiver          one reader at a time
 *                  │  UTF-8, inflate, limits      │ header, mask
 *                  └─ pong, close ─┐
 *   sendText() ─── FrameSender ────┴──────────── Sender            one writer at a time
 *                  deflate, header, mask
 * </pre>
 *
 * <p>The socket takes one sender at a time, yet the reader has to answer pings and closes while
 * another thread may be in the middle of a frame. {@code FrameSender} has one place for whoever
 * sends: the reader takes it when it is free, and otherwise leaves its frame for the one inside,
 * who sends it between two frames. So no lock is held over I/O and a reader never waits for a slow
 * writer. A writer thread of its own for each connection was rejected: it doubles the memory of an
 * idle connection and adds a hand-over to each message.
 */
@NullMarked
package io.cosocket.websocket;

import org.jspecify.annotations.NullMarked;
