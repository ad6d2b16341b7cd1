package dev.antiphon.benchmarks;

import dev.antiphon.benchmarks.load.Cell;
import dev.antiphon.benchmarks.peers.Network;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command: runs the peers of one network by turns and prints a table. Progress goes to stderr. */
@Command(
        name = "benchmarks/run",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Compares Antiphon with its peers, side by side. Prints Markdown.")
public final class SideBySide implements Callable<Integer> {

    /**
     * Kafka's clients and brokers are large: on two processors the compiler is at work for a minute and a half, in which it takes one of
     * them, and who has more code of his own has more of that.
     */
    private static final double KAFKA_WARM_UP = 150;

    @Parameters(paramLabel = "NETWORK", description = "One of: ${COMPLETION-CANDIDATES}.")
    private Network network = Network.INMEMORY;

    @Option(names = "--quick", description = "One short round, under a minute. For a first look only.")
    private boolean quick;

    @Option(names = "--peers", split = ",", description = "Their names, or 'all'. Default: antiphon and the main ones.")
    private List<String> peers = List.of();

    @Option(names = "--in-flight", split = ",", description = "Requests pending at once. Default: 1,64,1024.")
    private List<Integer> inFlight = List.of();

    @Option(names = "--size", split = ",", description = "Body bytes. Default: 128, and over a broker also 64 x 16384.")
    private List<Integer> sizes = List.of();

    @Option(names = "--blocking", description = "Also one thread that waits for each reply.")
    private boolean blocking;

    @Option(names = "--seconds", description = "How long each cell is measured. Default: 2, quick 1.")
    private @Nullable Double seconds;

    @Option(
            names = "--warm-up",
            description = "Seconds that each JVM runs before. Default: half as long again as a cell; kafka: 150.")
    private @Nullable Double warmUp;

    @Option(names = "--rounds", description = "How often every peer runs. Default: 5, quick 1.")
    private @Nullable Integer rounds;

    @Option(names = "--heap", description = "Heap of each JVM. Default: ${DEFAULT-VALUE}.")
    private String heap = "2g";

    @Option(names = "--url", description = "A broker that runs already. Default: a private one is started.")
    private @Nullable String url;

    @Spec
    private @Nullable CommandSpec spec;

    /** Runs the command; see {@code --help}. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new SideBySide())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(args));
    }

    @Override
    public Integer call() throws Exception {
        Plan plan = plan();
        try (Broker broker = broker()) {
            String machine = Machine.describe(plan, broker);
            Results results = new Rounds(plan, broker, System.err).run();
            System.out.print(new Report(plan, results).markdown(machine));
            return results.failures().isEmpty() ? 0 : 1;
        }
    }

    private Plan plan() {
        try {
            List<Cell> cells = Choices.cells(network, inFlight, sizes, blocking);
            double window = seconds != null ? seconds : quick ? 1 : 2;
            int times = rounds != null ? rounds : quick ? 1 : 5;
            double before = warmUp != null ? warmUp : network == Network.KAFKA && !quick ? KAFKA_WARM_UP : window * 1.5;
            return Plan.of(Choices.peers(network, peers), cells, times, window, before, heap);
        } catch (IllegalArgumentException e) {
            CommandLine command = spec == null ? new CommandLine(this) : spec.commandLine();
            throw new ParameterException(command, String.valueOf(e.getMessage()), e);
        }
    }

    private Broker broker() {
        return url != null ? Broker.at(url) : Broker.start(network);
    }
}
