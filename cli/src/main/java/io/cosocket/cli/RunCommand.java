package io.cosocket.cli;

import io.cosocket.http.Application;
import io.cosocket.http.HttpConfig;
import io.cosocket.http.HttpServer;
import io.cosocket.launch.StopSignals;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;

/** Serves until it is told to stop: the first signal drains, a second one cuts. */
@Command(
        name = "run",
        description = "Serves the handlers until SIGTERM or SIGINT; a second signal cuts.")
final class RunCommand implements Callable<Integer> {
    @Mixin ServerOptions options = new ServerOptions();

    @Override
    public Integer call() throws InterruptedException {
        Settings settings = options.settings();
        HttpConfig config = settings.http();
        Application application = options.application(settings);
        CountDownLatch stop = new CountDownLatch(1);
        StopSignals.listen(
                (count, signal) -> {
                    stop.countDown();
                    if (count > 1) {
                        Runtime.getRuntime().halt(128 + signal);
                    }
                });
        try (AccessLogQueue log = accessLog(settings.accessLog());
                HttpServer server = start(config.withAccessLog(log), application)) {
            server.uris().forEach(uri -> System.out.println("listening on " + uri));
            System.out.flush();
            if (log != null) {
                // only now, so that these lines come first
                log.start();
            }
            stop.await();
        }
        return ExitCode.OK;
    }

    private static @Nullable AccessLogQueue accessLog(@Nullable String target) {
        if (target == null) {
            return null;
        }
        try {
            return new AccessLogQueue(
                    switch (target) {
                        case "-", "stdout" -> System.out;
                        case "stderr" -> System.err;
                        default -> new LogFile(Path.of(target));
                    });
        } catch (IOException e) {
            throw CommandFailure.atRunTime("cannot write the access log: ", e);
        }
    }

    private static HttpServer start(HttpConfig config, Application application) {
        try {
            return HttpServer.start(config, application);
        } catch (IllegalArgumentException e) {
            throw CommandFailure.configuration(String.valueOf(e.getMessage()), e);
        } catch (IOException | RuntimeException e) {
            CommandFailure failure = CommandFailure.in(e);
            throw failure != null ? failure : CommandFailure.atRunTime("cannot serve: ", e);
        }
    }
}
