package dev.antiphon.transport.kafka;

import dev.antiphon.ConfigurationException;
import dev.antiphon.spi.Capabilities;
import dev.antiphon.spi.Capabilities.Capability;
import dev.antiphon.spi.Capabilities.Limits;
import dev.antiphon.spi.Capabilities.Support;
import dev.antiphon.spi.Transport;
import dev.antiphon.spi.TransportConfig;
import dev.antiphon.spi.TransportOption;
import dev.antiphon.spi.TransportProvider;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Provides {@code kafka://} and, with TLS, {@code kafka+ssl://}: {@code kafka://user:password@host:9092,other:9092}. For the options
 * see {@link KafkaOptions}.
 */
public final class KafkaTransportProvider implements TransportProvider {

    /** The scheme with TLS. */
    static final String TLS_SCHEME = "kafka+ssl";

    /** For {@link java.util.ServiceLoader}. */
    public KafkaTransportProvider() {}

    @Override
    public String name() {
        return "kafka";
    }

    @Override
    public Set<String> schemes() {
        return Set.of("kafka", TLS_SCHEME);
    }

    @Override
    public List<TransportOption> options() {
        return KafkaOptions.all();
    }

    @Override
    public Capabilities capabilities() {
        Map<Capability, Support> levels = new EnumMap<>(Capability.class);
        levels.put(Capability.QUEUE_GROUP, Support.NATIVE);
        levels.put(Capability.WILDCARD, Support.EMULATED);
        levels.put(Capability.NO_RESPONDERS, Support.EMULATED);
        levels.put(Capability.ORDERED_PER_PUBLISHER, Support.NATIVE);
        levels.put(Capability.PUBLISH_CONFIRM, Support.NATIVE);
        levels.put(Capability.REDELIVERY, Support.NATIVE);
        levels.put(Capability.AUTO_RECONNECT, Support.EMULATED);
        levels.put(Capability.REPLY_ADDRESS_SURVIVES_RECONNECT, Support.NATIVE);
        return new Capabilities(levels, new Limits(RecordSize.MAX_BODY, TopicNames.MAX_LENGTH));
    }

    @Override
    public Transport create(TransportConfig config) {
        List<String> problems = Settings.problems(config);
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return new KafkaTransport(new Settings(config), capabilities());
    }
}
