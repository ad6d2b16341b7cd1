package dev.antiphon.transport.inmemory;

import dev.antiphon.ConfigurationException;
import dev.antiphon.spi.Capabilities;
import dev.antiphon.spi.Capabilities.Capability;
import dev.antiphon.spi.Capabilities.Limits;
import dev.antiphon.spi.Transport;
import dev.antiphon.spi.TransportConfig;
import dev.antiphon.spi.TransportOption;
import dev.antiphon.spi.TransportProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Provides {@code inmemory://name}. All transports of one name within a JVM (one class loader, to be exact) talk to each
 * other. The broker of a name appears with its first transport and is gone, with everything in it, when its last one
 * closes.
 */
public final class InMemoryTransportProvider implements TransportProvider {

    /** The option for the largest body, in bytes. */
    static final String MAX_BODY = "max-body";

    private static final long DEFAULT_MAX_BODY = 64L * 1024 * 1024;
    private static final int MAX_SUBJECT_BYTES = 1024;

    /** For {@link java.util.ServiceLoader}. */
    public InMemoryTransportProvider() {}

    @Override
    public String name() {
        return "inmemory";
    }

    @Override
    public Set<String> schemes() {
        return Set.of("inmemory");
    }

    @Override
    public List<TransportOption> options() {
        return List.of(new TransportOption(
                MAX_BODY,
                TransportOption.Type.NUMBER,
                Long.toString(DEFAULT_MAX_BODY),
                "The largest body this transport sends, in bytes."));
    }

    @Override
    public Capabilities capabilities() {
        return Capabilities.of(
                new Limits(DEFAULT_MAX_BODY, MAX_SUBJECT_BYTES),
                Capability.QUEUE_GROUP,
                Capability.WILDCARD,
                Capability.NO_RESPONDERS,
                Capability.ORDERED_PER_PUBLISHER,
                Capability.PUBLISH_CONFIRM,
                Capability.REPLY_ADDRESS_SURVIVES_RECONNECT);
    }

    @Override
    public Transport create(TransportConfig config) {
        checkUrl(config);
        long maxBody = config.number(MAX_BODY).orElse(DEFAULT_MAX_BODY);
        Capabilities capabilities = capabilities().withLimits(new Limits(maxBody, MAX_SUBJECT_BYTES));
        return new InMemoryTransport(config.addresses().get(0).host(), capabilities);
    }

    private static void checkUrl(TransportConfig config) {
        List<String> problems = new ArrayList<>();
        if (config.addresses().size() != 1) {
            problems.add("an in-memory broker has one name; got " + config.addresses());
        }
        if (config.addresses().get(0).port() >= 0) {
            problems.add(
                    "an in-memory broker has no port; got " + config.addresses().get(0));
        }
        if (!config.path().isEmpty()) {
            problems.add("inmemory://name takes no path; got /" + config.path());
        }
        if (config.user().isPresent() || config.password().isPresent()) {
            problems.add("inmemory://name takes no user and no password");
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
    }
}
