package io.cosocket.launch;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.function.IntConsumer;

/**
 * Handling of process signals. The JDK's class for it is reached by reflection, in this file only,
 * because naming it draws a compiler warning that cannot be suppressed.
 */
final class Signals {
    private Signals() {}

    /**
     * Calls the handler with the signal's number, in a thread of its own, each time the signal
     * arrives. Does nothing where the platform or {@code -Xrs} leaves the signal to somebody else.
     */
    static void handle(String name, IntConsumer handler) {
        InvocationHandler call =
                (proxy, method, args) ->
                        switch (method.getName()) {
                            case "handle" -> {
                                handler.accept(number(args[0]));
                                yield null;
                            }
                            case "equals" -> proxy == args[0];
                            case "hashCode" -> System.identityHashCode(proxy);
                            default -> "handler of " + name;
                        };
        try {
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            Object proxy =
                    Proxy.newProxyInstance(
                            Signals.class.getClassLoader(), new Class<?>[] {handlerType}, call);
            register(name, handlerType, proxy);
        } catch (ReflectiveOperationException | IllegalArgumentException e) {
            // The signal keeps its default effect.
        }
    }

    /** Makes the signal have no effect. */
    static void ignore(String name) {
        handle(name, number -> {});
    }

    private static void register(String name, Class<?> handlerType, Object handler)
            throws ReflectiveOperationException {
        Class<?> signalType = Class.forName("sun.misc.Signal");
        Object signal = signalType.getConstructor(String.class).newInstance(name);
        signalType.getMethod("handle", signalType, handlerType).invoke(null, signal, handler);
    }

    private static int number(Object signal) throws ReflectiveOperationException {
        return (int) signal.getClass().getMethod("getNumber").invoke(signal);
    }
}
