package dev.antiphon.conformance.broker;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Finds RabbitMQ servers to test with.
 *
 * <p>The order is: the address in {@code ANTIPHON_TEST_RABBITMQ_URL} (for the shared broker only: that server is not ours to
 * configure or to stop), Docker where an engine answers, {@code rabbitmq-server} on the PATH or where Debian puts it. With
 * {@code ANTIPHON_TEST_BROKERS=docker} or {@code native} only that one. If there is none, {@link BrokerUnavailableException} says
 * what was tried and what would help; no test is skipped.
 *
 * <p>To start one takes seconds, most of them of a processor: whatever can share one should.
 *
 * <p>Any thread.
 */
public final class RabbitBrokers {
    /** Names a server that somebody else runs. */
    public static final String URL_VARIABLE = "ANTIPHON_TEST_RABBITMQ_URL";

    /**
     * The command that runs {@code rabbitmqctl} on that server, such as {@code docker exec rabbit rabbitmqctl}, for
     * {@link RabbitBroker#inspector()} and {@link RabbitBroker#admin()}. Its words are parted by spaces.
     */
    public static final String CTL_VARIABLE = "ANTIPHON_TEST_RABBITMQ_CTL";

    static final String PROGRAM = "rabbitmq-server";

    private static final List<String> REMEDIES = List.of(
            "start Docker",
            "install rabbitmq-server; on Debian and Ubuntu: apt-get install rabbitmq-server",
            "set " + URL_VARIABLE + "=amqp://host:5672, for the tests that do not stop or configure their broker");

    private static final RabbitBrokers OF_PROCESS = new RabbitBrokers(Environment.ofProcess());

    private final Environment environment;
    private final SharedBroker<RabbitBroker> shared = new SharedBroker<>("rabbitmq", this::findShared);

    RabbitBrokers(Environment environment) {
        this.environment = environment;
    }

    /** The one for all ordinary tests of this JVM: plain, never stopped, closed when the JVM ends. Do not close it. */
    public static RabbitBroker shared() {
        return OF_PROCESS.openShared();
    }

    /** A new one, of the caller alone, who closes it. */
    public static RabbitBroker open(RabbitConfig config) {
        return OF_PROCESS.openPrivate(config);
    }

    /** Servers that are used again: with the default virtual host only, and its queues and exchanges removed in between. */
    public static BrokerPool<RabbitBroker> pool(RabbitConfig config) {
        return new BrokerPool<>(() -> open(config), broker -> broker.admin().clearDefaultVhost(config));
    }

    RabbitBroker openShared() {
        return shared.open();
    }

    RabbitBroker openPrivate(RabbitConfig config) {
        return ours(new BrokerSearch<>("RabbitMQ", environment), config);
    }

    /**
     * Whether that is the server's own script. Debian and Red Hat put another one of the same name on the PATH, which changes user
     * and directory; next to the real one are the scripts it is made of.
     */
    static boolean isServer(Path program) {
        return Files.exists(program.resolveSibling("rabbitmq-env"));
    }

    private RabbitBroker findShared() {
        BrokerSearch<RabbitBroker> search = new BrokerSearch<RabbitBroker>("RabbitMQ", environment)
                .address(URL_VARIABLE, url -> new ExternalRabbit(url, environment));
        return ours(search, RabbitConfig.plain());
    }

    private RabbitBroker ours(BrokerSearch<RabbitBroker> search, RabbitConfig config) {
        return search.docker(RabbitContainer.IMAGE, () -> RabbitContainer.open(config))
                .program(
                        PROGRAM,
                        RabbitBrokers::isServer,
                        program -> RabbitServer.open(program, environment.searchPath(), config))
                .orFail(REMEDIES);
    }
}
