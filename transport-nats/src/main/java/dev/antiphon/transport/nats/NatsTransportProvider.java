package dev.antiphon.transport.nats;

import dev.antiphon.ConfigurationException;
import dev.antiphon.spi.Capabilities;
import dev.antiphon.spi.Capabilities.Capability;
import dev.antiphon.spi.Capabilities.Limits;
import dev.antiphon.spi.TlsOptions;
import dev.antiphon.spi.Transport;
import dev.antiphon.spi.TransportConfig;
import dev.antiphon.spi.TransportOption;
import dev.antiphon.spi.TransportProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Provides {@code nats://} and, with TLS, {@code nats+tls://}: {@code nats://user:password@host:4222,other:4222}. A user
 * without a password is a token, as everywhere in NATS. For the options see {@link NatsOptions}.
 */
public final class NatsTransportProvider implements TransportProvider {

    /** The scheme with TLS. */
    static final String TLS_SCHEME = "nats+tls";

    /** What the server takes unless it is configured otherwise. */
    private static final long DEFAULT_MAX_PAYLOAD = 1024 * 1024;

    /**
     * A control line of the protocol has 4096 bytes by default, and the subject shares it with the reply address, the
     * group, and numbers. A quarter leaves room for the addresses of others, and is the same as in memory.
     */
    static final int MAX_SUBJECT_BYTES = 1024;

    /** For {@link java.util.ServiceLoader}. */
    public NatsTransportProvider() {}

    @Override
    public String name() {
        return "nats";
    }

    @Override
    public Set<String> schemes() {
        return Set.of("nats", TLS_SCHEME);
    }

    @Override
    public List<TransportOption> options() {
        return NatsOptions.all();
    }

    @Override
    public Capabilities capabilities() {
        return Capabilities.of(
                new Limits(DEFAULT_MAX_PAYLOAD, MAX_SUBJECT_BYTES),
                Capability.QUEUE_GROUP,
                Capability.WILDCARD,
                Capability.NO_RESPONDERS,
                Capability.ORDERED_PER_PUBLISHER,
                Capability.AUTO_RECONNECT,
                Capability.REPLY_ADDRESS_SURVIVES_RECONNECT);
    }

    @Override
    public Transport create(TransportConfig config) {
        List<String> problems = new ArrayList<>();
        checkAuthentication(config, problems);
        checkTls(config, problems);
        checkRest(config, problems);
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return new NatsTransport(config, capabilities());
    }

    private static void checkAuthentication(TransportConfig config, List<String> problems) {
        List<String> given = Stream.of(
                        config.user().isPresent() ? "a user in the URL" : null,
                        named(config, NatsOptions.TOKEN),
                        named(config, NatsOptions.NKEY_SEED),
                        named(config, NatsOptions.CREDENTIALS))
                .filter(Objects::nonNull)
                .map(Object::toString)
                .toList();
        if (given.size() > 1) {
            problems.add("choose one way to authenticate; there are: " + String.join(", ", given));
        }
        config.text(NatsOptions.NKEY_SEED).ifPresent(seed -> {
            if (!NkeySeed.isValid(seed)) {
                problems.add("the option " + NatsOptions.NKEY_SEED + " is no NKey seed; one begins with SU");
            }
        });
    }

    private static void checkTls(TransportConfig config, List<String> problems) {
        TlsOptions.check(config, TLS_SCHEME, problems);
        if (config.flag(NatsOptions.TLS_FIRST) && !config.scheme().equals(TLS_SCHEME)) {
            problems.add("the option " + NatsOptions.TLS_FIRST + " is for TLS; write " + TLS_SCHEME + ":// in the URL");
        }
    }

    private static void checkRest(TransportConfig config, List<String> problems) {
        if (!config.path().isEmpty()) {
            problems.add("a NATS URL has no path; got /" + config.path());
        }
        config.text(NatsOptions.INBOX_PREFIX).ifPresent(prefix -> {
            if (!prefix.matches("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*")) {
                problems.add("the option " + NatsOptions.INBOX_PREFIX
                        + " is a subject of letters, digits, - and _ in tokens; got \"" + prefix + "\"");
            }
        });
        for (String option :
                List.of(NatsOptions.CONNECT_TIMEOUT, NatsOptions.RECONNECT_WAIT, NatsOptions.PING_INTERVAL)) {
            config.duration(option).ifPresent(duration -> {
                if (duration.toMillis() < 1) {
                    problems.add("the option " + option + " must be 1ms or more");
                }
            });
        }
    }

    private static @Nullable String named(TransportConfig config, String option) {
        return config.text(option).isPresent() ? "the option " + option : null;
    }
}
