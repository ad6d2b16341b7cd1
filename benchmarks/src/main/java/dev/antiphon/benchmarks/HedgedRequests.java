package dev.antiphon.benchmarks;

import dev.antiphon.benchmarks.hedging.SlowMember;
import dev.antiphon.benchmarks.hedging.SlowMember.Figures;
import dev.antiphon.benchmarks.load.Sample;
import dev.antiphon.benchmarks.peers.Network;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command: plain requests and hedged races to a group of three with one slow member, by turns. */
@Command(
        name = "benchmarks/run hedging",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Shows what hedging does about one slow responder of three. Prints Markdown.")
public final class HedgedRequests implements Callable<Integer> {

    private static final Duration SLOW_BY = Duration.ofMillis(50);

    /** The slow member gets one request of seventeen, or of three. */
    private static final List<Integer> WEIGHTS = List.of(8, 1);

    @Parameters(paramLabel = "NETWORK", arity = "0..1", description = "One of: ${COMPLETION-CANDIDATES}.")
    private Network network = Network.INMEMORY;

    @Option(names = "--in-flight", description = "Requests pending at once. Default: ${DEFAULT-VALUE}.")
    private int inFlight = 32;

    @Option(names = "--seconds", description = "How long each row is measured. Default: ${DEFAULT-VALUE}.")
    private double seconds = 5;

    @Option(names = "--budget", description = "Copies in percent of requests. Default: ${DEFAULT-VALUE}.")
    private double budget = 10;

    @Option(names = "--url", description = "A broker that runs already. Default: a private one is started.")
    private @Nullable String url;

    /** Runs the command; see {@code --help}. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new HedgedRequests())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(args));
    }

    @Override
    public Integer call() throws InterruptedException {
        try (Broker broker = url != null ? Broker.at(url) : Broker.start(network)) {
            line(
                    "%d requests in flight; one responder of three takes %d ms longer; a copy after %d ms, for at most %.0f %% of "
                            + "the requests; %d cores.",
                    inFlight,
                    SLOW_BY.toMillis(),
                    SLOW_BY.dividedBy(5).toMillis(),
                    budget,
                    Runtime.getRuntime().availableProcessors());
            line("");
            line("| to the slow one | requests | requests/s | p50 ms | p99 ms | p99.9 ms | extra requests |");
            line("|---|---|---|---|---|---|---|");
            for (int weight : WEIGHTS) {
                compare(broker, weight);
            }
        }
        return 0;
    }

    private void compare(Broker broker, int weight) throws InterruptedException {
        Duration window = Duration.ofMillis((long) (seconds * 1000));
        try (SlowMember scene = new SlowMember(broker.url(), weight, SLOW_BY, inFlight, window.dividedBy(3), window)) {
            row(weight, "plain", scene.plain());
            row(weight, "hedged", scene.hedged(budget));
        }
    }

    private static void row(int weight, String kind, Figures figures) {
        Sample sample = figures.sample();
        line(
                "| 1 of %d | %s | %,.0f | %s | %s | %s | %.1f %% |",
                2 * weight + 1,
                kind,
                sample.rate(),
                millis(sample, Sample::p50),
                millis(sample, Sample::p99),
                millis(sample, Sample::p999),
                figures.extraPercent());
    }

    private static String millis(Sample sample, ToLongFunction<Sample> nanos) {
        return String.format(Locale.ROOT, "%.2f", nanos.applyAsLong(sample) / 1e6);
    }

    private static void line(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }
}
