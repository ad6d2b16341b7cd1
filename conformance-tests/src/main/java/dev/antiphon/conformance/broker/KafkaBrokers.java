package dev.antiphon.conformance.broker;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Finds Kafka brokers to test with.
 *
 * <p>The order is: the address in {@code ANTIPHON_TEST_KAFKA_URL} (for the shared broker only: that one is not ours to configure or to
 * stop), then a broker in a JVM of its own, from the class path that this build has made or from a Kafka release; with and without Docker, so that
 * it is the same one everywhere. If there is none,
 * {@link BrokerUnavailableException} says what was tried and what would help; no test is skipped.
 *
 * <p>Any thread.
 */
public final class KafkaBrokers {
    /** Names a broker that somebody else runs. */
    public static final String URL_VARIABLE = "ANTIPHON_TEST_KAFKA_URL";

    private static final List<String> REMEDIES = List.of(
            "set the system property " + KafkaClassPath.PROPERTY
                    + " to a file with the class path of a Kafka broker, as" + " the build of this project does",
            "unpack a Kafka release, 4.2 or later, and set " + KafkaClassPath.HOME_VARIABLE + " to its directory",
            "set " + URL_VARIABLE + "=kafka://host:9092, for the tests that do not stop or configure their broker");

    private static final KafkaBrokers OF_PROCESS = new KafkaBrokers(Environment.ofProcess());

    private final Environment environment;
    private final SharedBroker<KafkaBroker> shared = new SharedBroker<>("kafka", this::findShared);

    KafkaBrokers(Environment environment) {
        this.environment = environment;
    }

    /** The one for all ordinary tests of this JVM: plain, never stopped, closed when the JVM ends. Do not close it. */
    public static KafkaBroker shared() {
        return OF_PROCESS.openShared();
    }

    /** A new one, of the caller alone, who closes it. */
    public static KafkaServer open(KafkaConfig config) {
        return OF_PROCESS.openPrivate(config);
    }

    /**
     * Brokers that are used again.
     *
     * @param clear removes the topics of a broker
     */
    public static BrokerPool<KafkaServer> pool(KafkaConfig config, Consumer<KafkaBroker> clear) {
        return new BrokerPool<>(() -> OF_PROCESS.openPrivate(config), clear::accept, KafkaServer::renewProxy);
    }

    /** Several that form a cluster, of the caller alone, who closes it. */
    public static KafkaCluster cluster(int count) {
        return OF_PROCESS.ours(
                new BrokerSearch<KafkaCluster>("Kafka", OF_PROCESS.environment),
                classPath -> KafkaCluster.open(classPath, count));
    }

    KafkaBroker openShared() {
        return shared.open();
    }

    private KafkaBroker findShared() {
        return ours(
                new BrokerSearch<KafkaBroker>("Kafka", environment).address(URL_VARIABLE, ExternalKafka::new),
                classPath -> KafkaServer.open(classPath, KafkaConfig.plain()));
    }

    KafkaServer openPrivate(KafkaConfig config) {
        return ours(
                new BrokerSearch<KafkaServer>("Kafka", environment), classPath -> KafkaServer.open(classPath, config));
    }

    private <B> B ours(BrokerSearch<B> search, Function<KafkaClassPath, B> open) {
        return search.process(
                        "no class path of a broker in the system property " + KafkaClassPath.PROPERTY + " nor "
                                + KafkaClassPath.HOME_VARIABLE,
                        KafkaClassPath.find(environment),
                        open)
                .orFail(REMEDIES);
    }
}
