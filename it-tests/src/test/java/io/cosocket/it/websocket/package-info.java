/** WebSocket against peers of another make, at rest by the thousand, and under load. */
@NullMarked
package io.cosocket.it.websocket;

import org.jspecify.annotations.NullMarked;
