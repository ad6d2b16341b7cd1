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
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Kafka brokers for the suite, in one mode. */
final class KafkaFixture implements TransportFixture {
    private static final String DEFAULT = "kafka";
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

    /** Something that a mode has, other than by default. */
    enum Trait {
        /** Queue groups are consumer groups of the classic protocol. */
        CLASSIC_GROUPS,
        /** Queue groups are consumer groups of the new protocol. */
        CONSUMER_GROUPS,
        /** All subjects in one topic. */
        ONE_TOPIC,
        /** Over TLS, and with users, known by their passwords: SCRAM takes thousands of rounds of a hash for each connection. */
        SASL_TLS;

        private Map<String, String> options() {
            return switch (this) {
                case CLASSIC_GROUPS -> Map.of("groups", "classic", "partitions", PARTITIONS);
                case CONSUMER_GROUPS -> Map.of("groups", "consumer", "partitions", PARTITIONS);
                case ONE_TOPIC -> Map.of("subjects", "topic:everything");
                case SASL_TLS -> Map.of();
            };
        }

        private KafkaConfig addTo(KafkaConfig config) {
            return switch (this) {
                case CONSUMER_GROUPS -> withQuickConsumerGroups(config);
                case SASL_TLS -> config.withTls().withUser(USER, PASSWORD);
                case CLASSIC_GROUPS, ONE_TOPIC -> config;
            };
        }

        private String inNames() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** Share groups, a topic for each subject, no TLS; but for these. */
    static KafkaFixture with(Trait... traits) {
        String mode = DEFAULT;
        KafkaConfig config = KafkaConfig.plain();
        Map<String, String> options = new HashMap<>();
        for (Trait trait : traits) {
            mode += "-" + trait.inNames();
            config = trait.addTo(config);
            options.putAll(trait.options());
        }
        return new KafkaFixture(
                mode,
                config,
                config.equals(KafkaConfig.plain()) ? KafkaBrokers.shared() : KafkaBrokers.open(config),
                List.of(traits).contains(Trait.SASL_TLS) ? Optional.of(TestCertificates.unpack()) : Optional.empty(),
                options);
    }

    /** Brokers that tell members of changes as soon as they ask for it: by default they allow no sessions below 45 and heartbeats below 5 seconds. */
    static KafkaConfig withQuickConsumerGroups(KafkaConfig config) {
        return config.withProperty("group.consumer.min.session.timeout.ms", "6000")
                .withProperty("group.consumer.min.heartbeat.interval.ms", "500");
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

    /** Ten times it is killed, and once stopped. */
    @Override
    public int restarts() {
        return mode.equals(DEFAULT) ? Integer.getInteger("antiphon.test.restarts", 11) : 2;
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
