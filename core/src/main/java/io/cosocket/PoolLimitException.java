package io.cosocket;

import java.io.IOException;

/**
 * A connect was refused because its pool is full and enough others wait already ({@code too many
 * waiting connect operations}). The socket is closed and may connect again.
 */
public final class PoolLimitException extends IOException {
    private static final long serialVersionUID = 1;

    /** Makes the error. */
    public PoolLimitException(String message) {
        super(message);
    }
}
