package dev.antiphon.transport.kafka;

import dev.antiphon.conformance.RawClient;
import dev.antiphon.conformance.TransportFixture;
import dev.antiphon.conformance.broker.BrokerControl;
import dev.antiphon.conformance.broker.BrokerInspector;
import dev.antiphon.conformance.broker.BrokerPool;
import dev.antiphon.conformance.broker.KafkaBroker;
import dev.antiphon.conformance.broker.KafkaBrokers;
import dev.antiphon.conformance.broker.KafkaConfig;
import dev.antiphon.conformance.broker.KafkaServer;
import dev.antiphon.conformance.broker.TestCertificates;
import dev.antiphon.spi.TransportProvider;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Kafka brokers for the suite, in one mode. */
final class KafkaFixture implements TransportFixture {
    private static final String DEFAULT = "kafka";
    private static final String ONE_TOPIC = "everything";
    /** Several, but fewer than by default: rules make hundreds of topics. */
    private static final String PARTITIONS = "4";

    private static final String USER = "suite";
    private static final String PASSWORD = "s3cret-of-it";

    private final String mode;
    private final KafkaConfig config;
    private final KafkaBroker shared;
    private final Optional<TestCertificates> certificates;
    private final Map<String, String> options;
    private final BrokerPool<KafkaServer> pool;

    private KafkaFixture(
            String mode,
            KafkaConfig config,
            KafkaBroker shared,
            Optional<TestCertificates> certificates,
            Map<String, String> options) {
        this.mode = mode;
        this.config = config;
        this.shared = shared;
        this.certificates = certificates;
        this.options = options;
        pool = KafkaBrokers.pool(config, broker -> PlainKafkaClient.removeTopics(withUser(broker.url())));
    }

    private String withUser(String url) {
        return certificates.isPresent() ? url.replaceFirst("://", "://" + USER + ":" + PASSWORD + "@") : url;
    }

    static KafkaFixture plain() {
        return new KafkaFixture(DEFAULT, KafkaConfig.plain(), KafkaBrokers.shared(), Optional.empty(), Map.of());
    }

    /** Over TLS, and with users, known by their passwords: SCRAM takes thousands of rounds of a hash for each connection. */
    static KafkaFixture secured() {
        KafkaConfig config = KafkaConfig.plain().withTls().withUser(USER, PASSWORD);
        return new KafkaFixture(
                "kafka-sasl-tls", config, KafkaBrokers.open(config), Optional.of(TestCertificates.unpack()), Map.of());
    }

    /** Queue groups are consumer groups of the classic protocol. */
    static KafkaFixture classicGroups() {
        return new KafkaFixture(
                "kafka-classic-groups",
                KafkaConfig.plain(),
                KafkaBrokers.shared(),
                Optional.empty(),
                Map.of("groups", "classic", "partitions", PARTITIONS));
    }

    /** Queue groups are consumer groups of the new protocol, whose brokers tell members of changes as soon as they ask for it. */
    static KafkaFixture consumerGroups() {
        KafkaConfig config = quickConsumerGroups();
        return new KafkaFixture(
                "kafka-consumer-groups",
                config,
                KafkaBrokers.open(config),
                Optional.empty(),
                Map.of("groups", "consumer", "partitions", PARTITIONS));
    }

    /** By default brokers do not allow sessions below 45 and heartbeats below 5 seconds. */
    static KafkaConfig quickConsumerGroups() {
        return KafkaConfig.plain()
                .withProperty("group.consumer.min.session.timeout.ms", "6000")
                .withProperty("group.consumer.min.heartbeat.interval.ms", "500");
    }

    /** All subjects in one topic. */
    static KafkaFixture oneTopic() {
        return new KafkaFixture(
                "kafka-one-topic",
                KafkaConfig.plain(),
                KafkaBrokers.shared(),
                Optional.empty(),
                Map.of("subjects", "topic:" + ONE_TOPIC));
    }

    @Override
    public String mode() {
        return mode;
    }

    @Override
    public TransportProvider provider() {
        return new KafkaTransportProvider();
    }

    @Override
    public String url() {
        return withUser(shared.url());
    }

    /** A dead connection is to be noticed, and replaced, in a time that rules can wait for. */
    @Override
    public Map<String, String> options() {
        Map<String, String> all = new HashMap<>(options);
        all.put("ping-interval", "1s");
        all.put("reconnect-wait", "50ms");
        certificates.ifPresent(files -> {
            all.put("trust-store", files.trustStore().toString());
            all.put("trust-store-password", TestCertificates.PASSWORD);
        });
        return all;
    }

    @Override
    public Optional<BrokerControl> openBroker() {
        return Optional.of(inspected(pool.take()));
    }

    @Override
    public Optional<BrokerControl> openBroker(String user, String password) {
        KafkaConfig other = certificates.isPresent() ? KafkaConfig.plain().withTls() : config;
        return Optional.of(KafkaBrokers.open(other.withUser(user, password)));
    }

    @Override
    public int restarts() {
        return mode.equals(DEFAULT) ? Integer.getInteger("antiphon.test.restarts", 10) : 2;
    }

    @Override
    public int thinning() {
        return mode.equals(DEFAULT) ? TransportFixture.super.thinning() : 10;
    }

    /** In one topic, a group of others may serve any subject. */
    @Override
    public boolean tellsWhatPlainRespondersServe() {
        return !options.containsKey("subjects");
    }

    private BrokerControl inspected(BrokerControl broker) {
        return new InspectedBroker(
                broker,
                new PresenceInspector(() -> PlainKafkaClient.properties(withUser(broker.url()))),
                this::withUser);
    }

    @Override
    public Optional<BrokerInspector> inspector() {
        return Optional.of(new PresenceInspector(() -> PlainKafkaClient.properties(url())));
    }

    @Override
    public RawClient openRawClient(String url) {
        return PlainKafkaClient.open(url, options.getOrDefault("subjects", "topics"));
    }

    @Override
    public String broker() {
        return shared.origin() + ", version " + shared.version();
    }

    @Override
    public void close() {
        pool.close();
        if (!config.equals(KafkaConfig.plain())) {
            shared.close();
        }
        certificates.ifPresent(TestCertificates::close);
    }
}
