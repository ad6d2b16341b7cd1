package dev.antiphon.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.PrintWriter;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The {@code antiphon} command. */
@Command(
        name = "antiphon",
        description = "Request and reply over message brokers.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DemoCommand.class,
            RequestCommand.class,
            GatherCommand.class,
            StreamCommand.class,
            ReplyCommand.class,
            PublishCommand.class,
            SubscribeCommand.class,
            BenchCommand.class,
            TransportsCommand.class,
            GenerateCompletion.class
        },
        footer = {
            "",
            "Exit codes: 0 answered, 1 error reply, 2 usage or invalid argument, 3 timeout,",
            "4 no responders, 5 cannot connect or connection lost.",
            "",
            "Examples:",
            "  antiphon demo",
            "  antiphon reply greet --echo --url nats://localhost:4222",
            "  antiphon request greet hello --url nats://localhost:4222",
            "  source <(antiphon generate-completion)        completion for bash and zsh"
        })
public final class Main implements Runnable {

    private final Terminal terminal;

    @Spec
    private CommandSpec spec;

    Main(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] args) {
        System.exit(run(Terminal.ofProcess(), args));
    }

    /** Runs one command and returns its exit code. */
    static int run(Terminal terminal, String... args) {
        int exitCode = commandLine(terminal).execute(args);
        terminal.out().flush();
        terminal.err().flush();
        return exitCode;
    }

    static CommandLine commandLine(Terminal terminal) {
        Failures failures = new Failures(terminal);
        return new CommandLine(new Main(terminal))
                .setOut(new PrintWriter(terminal.out(), true, UTF_8))
                .setErr(new PrintWriter(terminal.err(), true, UTF_8))
                .setColorScheme(CommandLine.Help.defaultColorScheme(terminal.ansi()))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setUsageHelpLongOptionsMaxWidth(28)
                .setParameterExceptionHandler(failures::onBadUsage)
                .setExecutionExceptionHandler(failures::onFailure);
    }

    Terminal terminal() {
        return terminal;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say which command");
    }
}
