package io.cosocket;

import java.time.Duration;

/** A way in which a peer behaves badly. */
sealed interface Fault {
    /** Sends these bytes, then resets the connection. */
    record Reset(byte[] before) implements Fault {}

    /** Sends these bytes, then ends its sending side; hears on. */
    record HalfClose(byte[] before) implements Fault {}

    /** Accepts and does nothing: neither sends nor reads. */
    record Stall() implements Fault {}

    /** Sends one byte each {@code gap}, then closes. */
    record Trickle(byte[] bytes, Duration gap) implements Fault {}

    /** Reads that many bytes, sends these and closes, whatever else there is to read. */
    record CloseAfter(int receivedBytes, byte[] before) implements Fault {}
}
