package io.cosocket.cli;

import io.cosocket.http.Application;
import io.cosocket.http.HttpServer;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

import java.io.IOException;
import java.util.concurrent.Callable;

/** Does what {@code run} does before it listens. */
@Command(
        name = "check",
        description = "Compiles, loads and validates what run would serve, without listening.")
final class CheckCommand implements Callable<Integer> {
    @Mixin ServerOptions options = new ServerOptions();

    @Override
    public Integer call() throws IOException {
        Settings settings = options.settings();
        Application application = options.application(settings);
        try {
            HttpServer.check(settings.http(), application);
        } catch (IllegalArgumentException e) {
            throw CommandFailure.configuration(String.valueOf(e.getMessage()), e);
        }
        return ExitCode.OK;
    }
}
