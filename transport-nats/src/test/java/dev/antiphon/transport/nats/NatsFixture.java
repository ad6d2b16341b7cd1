package dev.antiphon.transport.nats;

import dev.antiphon.conformance.RawClient;
import dev.antiphon.conformance.TransportFixture;
import dev.antiphon.conformance.broker.BrokerControl;
import dev.antiphon.conformance.broker.BrokerInspector;
import dev.antiphon.conformance.broker.NatsBroker;
import dev.antiphon.conformance.broker.NatsBrokers;
import dev.antiphon.conformance.broker.NatsConfig;
import dev.antiphon.conformance.broker.TestCertificates;
import dev.antiphon.spi.TransportProvider;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** NATS servers for the suite: plain ones, and such as speak TLS only. */
final class NatsFixture implements TransportFixture {
    private final String mode;
    private final NatsConfig config;
    private final NatsBroker shared;
    private final Optional<TestCertificates> certificates;

    private NatsFixture(String mode, NatsConfig config, NatsBroker shared, Optional<TestCertificates> certificates) {
        this.mode = mode;
        this.config = config;
        this.shared = shared;
        this.certificates = certificates;
    }

    static NatsFixture plain() {
        return new NatsFixture("nats", NatsConfig.plain(), NatsBrokers.shared(), Optional.empty());
    }

    static NatsFixture tls() {
        NatsConfig config = NatsConfig.plain().withTls();
        return new NatsFixture("nats-tls", config, NatsBrokers.open(config), Optional.of(TestCertificates.unpack()));
    }

    @Override
    public String mode() {
        return mode;
    }

    @Override
    public TransportProvider provider() {
        return new NatsTransportProvider();
    }

    @Override
    public String url() {
        return shared.url();
    }

    /** A dead connection is to be noticed, and replaced, in a time that rules can wait for. */
    @Override
    public Map<String, String> options() {
        Map<String, String> options = new HashMap<>();
        options.put("ping-interval", "500ms");
        options.put("reconnect-wait", "50ms");
        certificates.ifPresent(files -> {
            options.put("trust-store", files.trustStore().toString());
            options.put("trust-store-password", TestCertificates.PASSWORD);
        });
        return options;
    }

    @Override
    public Optional<BrokerControl> openBroker() {
        return Optional.of(NatsBrokers.open(config));
    }

    @Override
    public Optional<BrokerControl> openBroker(String user, String password) {
        return Optional.of(NatsBrokers.open(config.withUser(user, password)));
    }

    @Override
    public Optional<BrokerInspector> inspector() {
        return Optional.of(shared.inspector());
    }

    @Override
    public RawClient openRawClient(String url) {
        return PlainNatsClient.open(url.replaceFirst("^nats\\+tls://", "tls://"), certificates.isPresent());
    }

    @Override
    public String broker() {
        return shared.origin() + ", version " + shared.version();
    }

    @Override
    public void close() {
        if (certificates.isPresent()) {
            shared.close();
            certificates.get().close();
        }
    }
}
