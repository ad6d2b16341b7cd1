package dev.antiphon.benchmarks;

import dev.antiphon.Messenger;
import dev.antiphon.Request;
import dev.antiphon.RespondOptions;
import dev.antiphon.benchmarks.peers.Network;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command: what messengers, subscriptions and members of queue groups cost that do nothing. */
@Command(
        name = "benchmarks/run footprint",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Shows what messengers and subscriptions hold while nothing happens. Prints Markdown.")
public final class Footprint implements Callable<Integer> {

    private static final double KIB = 1024;

    @Parameters(paramLabel = "NETWORK", arity = "0..1", description = "One of: ${COMPLETION-CANDIDATES}.")
    private Network network = Network.INMEMORY;

    @Option(names = "--count", description = "Of each kind. Default: ${DEFAULT-VALUE}.")
    private int count = 20;

    @Option(names = "--url", description = "A broker that runs already. Default: a private one is started.")
    private @Nullable String url;

    /** Runs the command; see {@code --help}. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new Footprint())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(args));
    }

    @Override
    public Integer call() throws InterruptedException {
        List<Messenger> messengers = new ArrayList<>();
        try (Broker broker = url != null ? Broker.at(url) : Broker.start(network)) {
            try (Messenger first = Messenger.connect(broker.url())) { // what all have in common is not counted
                listen(first);
                serve(first);
            }
            System.out.println("| one more | heap KiB | direct KiB | threads | sockets |");
            System.out.println("|---|---|---|---|---|");
            try {
                row("messenger", () -> {
                    for (int i = 0; i < count; i++) {
                        messengers.add(Messenger.connect(broker.url()));
                    }
                });
                row("subscriber outside of a group", () -> messengers.forEach(Footprint::listen));
                row("member of a queue group", () -> messengers.forEach(Footprint::serve));
            } finally {
                messengers.forEach(Messenger::close);
            }
        }
        return 0;
    }

    private static void listen(Messenger messenger) {
        messenger.subscribe("footprint.events", message -> {});
    }

    private static void serve(Messenger messenger) {
        messenger.respond("footprint.requests", Request::message, RespondOptions.queueGroup("workers"));
    }

    private void row(String what, Runnable opening) throws InterruptedException {
        Usage before = Usage.now();
        opening.run();
        Usage more = Usage.now().minus(before);
        System.out.println(String.format(
                Locale.ROOT,
                "| %s | %,.0f | %,.0f | %.1f | %.1f |",
                what,
                more.heap() / KIB / count,
                more.direct() / KIB / count,
                (double) more.threads() / count,
                (double) more.sockets() / count));
    }
}
