package io.cosocket;

import java.util.Set;

/**
 * Finds the line of the program that called into the sockets; walks the stack, so for rare events.
 */
final class CallSite {
    private static final Set<Class<?>> OWN =
            Set.of(
                    CallSite.class,
                    ConnectionPool.class,
                    ConnectionPools.class,
                    Connection.class,
                    ConnectableSocket.class,
                    SocketScope.class);

    private static final StackWalker WALKER =
            StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

    private CallSite() {}

    /** Names the innermost caller outside the sockets as {@code Class.method(File.java:12)}. */
    static String find() {
        return WALKER.walk(
                frames ->
                        frames.filter(frame -> !OWN.contains(frame.getDeclaringClass()))
                                .findFirst()
                                .map(CallSite::name)
                                .orElse("unknown"));
    }

    private static String name(StackWalker.StackFrame frame) {
        return frame.getClassName()
                + "."
                + frame.getMethodName()
                + "("
                + frame.getFileName()
                + ":"
                + frame.getLineNumber()
                + ")";
    }
}
