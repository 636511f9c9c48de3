package io.cosocket.cli;

import io.cosocket.http.HttpServer;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

import java.util.concurrent.Callable;

/** Does what {@code run} does before it listens. */
@Command(
        name = "check",
        description = "Compiles, loads and validates what run would serve, without listening.")
final class CheckCommand implements Callable<Integer> {
    @Mixin ServerOptions options = new ServerOptions();

    @Override
    public Integer call() throws Exception {
        Settings settings = options.settings();
        settings.http();
        HttpServer.check(options.application(settings));
        return ExitCode.OK;
    }
}
