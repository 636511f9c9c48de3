package io.cosocket;

/**
 * Carried by errors of receive operations: the bytes taken before the failure, the third result of
 * the original's {@code receive}.
 */
public interface PartialResult {
    /**
     * Gives the bytes that were already taken from the stream. They are consumed: the next read
     * goes on after them.
     *
     * @return a fresh array, empty when nothing was taken
     */
    byte[] partial();
}
