package io.cosocket.cli;

import org.jspecify.annotations.Nullable;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

import java.util.Objects;

/** The command itself; its subcommands do the work. */
@Command(
        name = "cosocket",
        description = "Serves HTTP with handlers that use blocking sockets on virtual threads.",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = CosocketCommand.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            RunCommand.class,
            CheckCommand.class,
            EvalCommand.class,
            AutoComplete.GenerateCompletion.class
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:ok",
            "1:failure at run time",
            "2:wrong usage",
            "3:wrong configuration",
            "4:a handler does not compile or load"
        })
final class CosocketCommand implements Runnable {
    @Spec @Nullable CommandSpec spec;

    @Override
    public void run() {
        CommandSpec command = Objects.requireNonNull(spec);
        throw new ParameterException(command.commandLine(), "no command");
    }

    /** Reads the version from the jar's manifest. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = CosocketCommand.class.getPackage().getImplementationVersion();
            return new String[] {
                "cosocket "
                        + (version == null ? "unpackaged" : version)
                        + " (Java "
                        + Runtime.version()
                        + ")"
            };
        }
    }
}
