package io.cosocket.transport;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs each test on a virtual thread, as handlers do, and shows where it hangs if it does. */
public final class OnVirtualThread implements InvocationInterceptor {
    private static final long GUARD_SECONDS = 30;

    @Override
    public void interceptTestMethod(
            Invocation<@Nullable Void> invocation,
            ReflectiveInvocationContext<Method> method,
            ExtensionContext context)
            throws Throwable {
        run(invocation, context);
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<@Nullable Void> invocation,
            ReflectiveInvocationContext<Method> method,
            ExtensionContext context)
            throws Throwable {
        run(invocation, context);
    }

    private static void run(Invocation<@Nullable Void> invocation, ExtensionContext context)
            throws Throwable {
        FutureTask<@Nullable Void> test =
                new FutureTask<>(
                        () -> {
                            try {
                                return invocation.proceed();
                            } catch (Exception | Error e) {
                                throw e;
                            } catch (Throwable e) {
                                throw new AssertionError(e);
                            }
                        });
        Thread thread = Thread.ofVirtual().name(context.getDisplayName()).start(test);
        try {
            test.get(GUARD_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause();
        } catch (TimeoutException e) {
            String trace = Arrays.toString(thread.getStackTrace());
            thread.interrupt();
            throw new AssertionError("hangs after " + GUARD_SECONDS + " s at " + trace, e);
        }
    }
}
