package dev.antiphon.transport.inmemory.mutants;

import dev.antiphon.spi.Capabilities;
import dev.antiphon.spi.Transport;
import dev.antiphon.spi.TransportConfig;
import dev.antiphon.spi.TransportOption;
import dev.antiphon.spi.TransportProvider;
import dev.antiphon.transport.inmemory.InMemoryTransportProvider;
import java.util.List;
import java.util.Set;

/** Provides {@code mutant://name}: the in-memory transport with the defect of {@link #current}. */
public final class MutantProvider implements TransportProvider {
    static volatile Mutant current;

    private final InMemoryTransportProvider sound = new InMemoryTransportProvider();

    @Override
    public String name() {
        return "mutant";
    }

    @Override
    public Set<String> schemes() {
        return Set.of("mutant");
    }

    @Override
    public List<TransportOption> options() {
        return sound.options();
    }

    @Override
    public Capabilities capabilities() {
        return current.declares().apply(sound.capabilities());
    }

    @Override
    public Transport create(TransportConfig config) {
        Mutant mutant = current;
        return mutant.defect().apply(new Forwarding(sound.create(config)) {
            @Override
            public Capabilities capabilities() {
                return mutant.declares().apply(super.capabilities());
            }
        });
    }
}
