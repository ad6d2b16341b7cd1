package dev.antiphon.transport.amqp;

import dev.antiphon.ConfigurationException;
import dev.antiphon.spi.Capabilities;
import dev.antiphon.spi.Capabilities.Capability;
import dev.antiphon.spi.Capabilities.Limits;
import dev.antiphon.spi.Capabilities.Support;
import dev.antiphon.spi.TlsOptions;
import dev.antiphon.spi.Transport;
import dev.antiphon.spi.TransportConfig;
import dev.antiphon.spi.TransportOption;
import dev.antiphon.spi.TransportProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Provides {@code amqp://} and, with TLS, {@code amqps://}: {@code amqp://user:password@host:5672,other:5672/vhost}.
 * Without a path the virtual host is {@code /}, without a user it is {@code guest}, as in every RabbitMQ client. For the
 * options see {@link AmqpOptions}.
 */
public final class AmqpTransportProvider implements TransportProvider {

    /** The scheme with TLS. */
    static final String TLS_SCHEME = "amqps";

    /** For {@link java.util.ServiceLoader}. */
    public AmqpTransportProvider() {}

    @Override
    public String name() {
        return "amqp";
    }

    @Override
    public Set<String> schemes() {
        return Set.of("amqp", TLS_SCHEME);
    }

    @Override
    public List<TransportOption> options() {
        return AmqpOptions.all();
    }

    @Override
    public Capabilities capabilities() {
        return Capabilities.of(
                new Limits(Settings.DEFAULT_MAX_BODY, RoutingKeys.MAX_BYTES),
                Capability.QUEUE_GROUP,
                Capability.WILDCARD,
                Capability.NO_RESPONDERS,
                Capability.ORDERED_PER_PUBLISHER,
                Capability.PUBLISH_CONFIRM,
                Capability.REDELIVERY,
                Capability.NATIVE_EXPIRY,
                Capability.AUTO_RECONNECT);
    }

    @Override
    public Transport create(TransportConfig config) {
        List<String> problems = new ArrayList<>();
        Settings settings = Settings.of(config, problems);
        TlsOptions.check(config, TLS_SCHEME, problems);
        checkTimes(config, problems);
        if (RoutingKeys.length(config.path()) > RoutingKeys.MAX_BYTES) {
            problems.add("the name of the virtual host is longer than 255 bytes");
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return new AmqpTransport(config, settings, capabilities(settings));
    }

    /** Queues have no patterns, and RabbitMQ does not tell when a queue has no consumer: that is asked for. */
    private Capabilities capabilities(Settings settings) {
        Capabilities all = capabilities();
        Limits limits = new Limits(settings.maxBody(), RoutingKeys.MAX_BYTES);
        if (!settings.plainQueues()) {
            return all.withLimits(limits);
        }
        Map<Capability, Support> levels = new EnumMap<>(all.levels());
        levels.remove(Capability.WILDCARD);
        levels.put(Capability.NO_RESPONDERS, Support.EMULATED);
        return new Capabilities(levels, limits);
    }

    private static void checkTimes(TransportConfig config, List<String> problems) {
        for (String option : List.of(AmqpOptions.CONNECT_TIMEOUT, AmqpOptions.RECONNECT_WAIT)) {
            config.duration(option).ifPresent(duration -> {
                if (duration.toMillis() < 1 || duration.toDays() > 1) {
                    problems.add("the option " + option + " must be between 1ms and 24h");
                }
            });
        }
        Duration heartbeat = config.duration(AmqpOptions.HEARTBEAT).orElse(Duration.ofSeconds(5));
        if (heartbeat.toSeconds() < 1 || heartbeat.toSeconds() > 65_535 || heartbeat.toMillis() % 1000 != 0) {
            problems.add("the option " + AmqpOptions.HEARTBEAT + " is a whole number of seconds, 1s or more");
        }
    }
}
