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
        pool = KafkaBrokers.pool(config, KafkaFixture::clear);
    }

    private static void clear(KafkaBroker broker) {
        PlainKafkaClient.removeTopics(broker.url());
    }

    static KafkaFixture plain() {
        return new KafkaFixture(DEFAULT, KafkaConfig.plain(), KafkaBrokers.shared(), Optional.empty(), Map.of());
    }

    static KafkaFixture tls() {
        KafkaConfig config = KafkaConfig.plain().withTls();
        return new KafkaFixture(
                "kafka-tls", config, KafkaBrokers.open(config), Optional.of(TestCertificates.unpack()), Map.of());
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
        return shared.url();
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
        return Optional.of(inspected(KafkaBrokers.open(config.withUser(user, password))));
    }

    @Override
    public int restarts() {
        return mode.equals(DEFAULT) ? 10 : 4;
    }

    private BrokerControl inspected(BrokerControl broker) {
        return new InspectedBroker(broker, new PresenceInspector(() -> PlainKafkaClient.properties(broker.url())));
    }

    @Override
    public Optional<BrokerInspector> inspector() {
        return Optional.of(new PresenceInspector(() -> PlainKafkaClient.properties(url())));
    }

    @Override
    public RawClient openRawClient(String url) {
        return PlainKafkaClient.open(url);
    }

    @Override
    public String broker() {
        return shared.origin() + ", version " + shared.version();
    }

    @Override
    public void close() {
        pool.close();
        if (certificates.isPresent()) {
            shared.close();
            certificates.get().close();
        }
    }
}
