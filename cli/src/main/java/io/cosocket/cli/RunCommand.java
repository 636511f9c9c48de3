package io.cosocket.cli;

import io.cosocket.http.Application;
import io.cosocket.http.HttpConfig;
import io.cosocket.http.HttpServer;
import io.cosocket.launch.StopSignals;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

import java.io.IOException;
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
        try (HttpServer server = start(config, application)) {
            System.out.println("listening on " + server.uri());
            System.out.flush();
            stop.await();
        }
        return ExitCode.OK;
    }

    private static HttpServer start(HttpConfig config, Application application) {
        try {
            return HttpServer.start(config, application);
        } catch (IOException | RuntimeException e) {
            CommandFailure failure = CommandFailure.in(e);
            throw failure != null ? failure : CommandFailure.atRunTime("cannot serve: ", e);
        }
    }
}
