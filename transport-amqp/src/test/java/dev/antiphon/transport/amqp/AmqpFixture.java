package dev.antiphon.transport.amqp;

import dev.antiphon.conformance.RawClient;
import dev.antiphon.conformance.TransportFixture;
import dev.antiphon.conformance.broker.BrokerControl;
import dev.antiphon.conformance.broker.BrokerInspector;
import dev.antiphon.conformance.broker.BrokerPool;
import dev.antiphon.conformance.broker.RabbitBroker;
import dev.antiphon.conformance.broker.RabbitBrokers;
import dev.antiphon.conformance.broker.RabbitConfig;
import dev.antiphon.conformance.broker.TestCertificates;
import dev.antiphon.spi.TransportProvider;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** RabbitMQ servers for the suite, and the modes in which the transport runs on them. */
final class AmqpFixture implements TransportFixture {
    private static final String DEFAULT = "amqp";

    private final String mode;
    private final RabbitConfig config;
    private final RabbitBroker shared;
    private final BrokerPool<RabbitBroker> pool;
    /** Those that let in another user, by user and password. */
    private final Map<String, BrokerPool<RabbitBroker>> pools = new HashMap<>();

    private final Map<String, String> modeOptions;
    private final Optional<TestCertificates> certificates;

    private AmqpFixture(
            String mode,
            RabbitConfig config,
            RabbitBroker shared,
            Map<String, String> modeOptions,
            Optional<TestCertificates> certificates) {
        this.mode = mode;
        this.config = config;
        this.shared = shared;
        this.pool = RabbitBrokers.pool(config);
        this.modeOptions = modeOptions;
        this.certificates = certificates;
    }

    /** Replies go to an exclusive queue, queues of groups go with their last member, nothing is encrypted. */
    static AmqpFixture plain() {
        return new AmqpFixture(DEFAULT, RabbitConfig.plain(), RabbitBrokers.shared(), Map.of(), Optional.empty());
    }

    /**
     * All that is not by default: direct reply-to, groups that are quorum queues, which stay when their members go, persistent
     * publications, and TLS.
     */
    static AmqpFixture directQuorumTls() {
        RabbitConfig config = RabbitConfig.plain().withTls();
        AmqpFixture fixture = new AmqpFixture(
                "amqp-direct-quorum-tls",
                config,
                RabbitBrokers.open(config),
                Map.of("reply", "direct", "durable", "true", "queue-type", "quorum", "group-expires", "60s"),
                Optional.of(TestCertificates.unpack()));
        // A quorum queue that was declared less than half a second before its only node crashed never has a leader
        // again,
        // and no client could tell it from one most of whose nodes are away: docs/transports/amqp.md. AmqpQuorumTest
        // shows
        // what becomes of it and of the others; the rules are about queues that the node has written to its disk.
        fixture.pool.beforeKill(broker -> broker.admin().writeDeclarations());
        return fixture;
    }

    @Override
    public String mode() {
        return mode;
    }

    @Override
    public TransportProvider provider() {
        return new AmqpTransportProvider();
    }

    @Override
    public String url() {
        return shared.url();
    }

    /** A dead connection is to be noticed, and replaced, in a time that rules can wait for. */
    @Override
    public Map<String, String> options() {
        Map<String, String> options = new HashMap<>(modeOptions);
        options.put("heartbeat", "1s");
        options.put("reconnect-wait", "50ms");
        certificates.ifPresent(files -> {
            options.put("trust-store", files.trustStore().toString());
            options.put("trust-store-password", TestCertificates.PASSWORD);
        });
        return options;
    }

    @Override
    public Optional<BrokerControl> openBroker() {
        return Optional.of(pool.take());
    }

    @Override
    public Optional<BrokerControl> openBroker(String user, String password) {
        return Optional.of(pools.computeIfAbsent(
                        user + ":" + password, ignored -> RabbitBrokers.pool(config.withUser(user, password)))
                .take());
    }

    @Override
    public int restarts() {
        return mode.equals(DEFAULT) ? Integer.getInteger("antiphon.test.restarts", 20) : 2;
    }

    @Override
    public int thinning() {
        return mode.equals(DEFAULT) ? TransportFixture.super.thinning() : 10;
    }

    @Override
    public Optional<BrokerInspector> inspector() {
        return Optional.of(shared.inspector());
    }

    @Override
    public RawClient openRawClient(String url) {
        return PlainAmqpClient.open(url);
    }

    @Override
    public String broker() {
        return shared.origin() + ", version " + shared.version();
    }

    @Override
    public void close() {
        pool.close();
        pools.values().forEach(BrokerPool::close);
        if (certificates.isPresent()) {
            shared.close();
            certificates.get().close();
        }
    }
}
