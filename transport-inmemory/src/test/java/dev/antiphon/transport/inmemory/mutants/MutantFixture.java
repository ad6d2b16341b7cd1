package dev.antiphon.transport.inmemory.mutants;

import dev.antiphon.conformance.RawClient;
import dev.antiphon.conformance.Timing;
import dev.antiphon.conformance.TransportFixture;
import dev.antiphon.conformance.Waiver;
import dev.antiphon.spi.TransportProvider;
import dev.antiphon.transport.inmemory.InMemoryTransportProvider;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** As that of the in-memory transport, but less patient with mutants: one that loses things lets rules wait in vain. */
final class MutantFixture implements TransportFixture {
    private final String scheme;
    private final TransportProvider provider;
    private final List<Waiver> waivers;
    private final String url;

    private MutantFixture(String scheme, TransportProvider provider, List<Waiver> waivers) {
        this.scheme = scheme;
        this.provider = provider;
        this.waivers = waivers;
        url = isolatedUrl();
    }

    static MutantFixture withWaivers(Waiver... waivers) {
        return new MutantFixture("mutant", new MutantProvider(), List.of(waivers));
    }

    private static MutantFixture withoutMutant() {
        return new MutantFixture("inmemory", new InMemoryTransportProvider(), List.of());
    }

    @Override
    public String mode() {
        return "mutant";
    }

    @Override
    public TransportProvider provider() {
        return provider;
    }

    @Override
    public String url() {
        return url;
    }

    @Override
    public String isolatedUrl() {
        return scheme + "://" + UUID.randomUUID();
    }

    @Override
    public Map<String, String> options() {
        return Map.of("max-body", "1048576");
    }

    /** With {@link Inboxes} there is more to see than the SPI shows. */
    @Override
    public RawClient openRawClient(String broker) {
        return provider instanceof MutantProvider && MutantProvider.current.inboxes()
                ? new InboxClient(withoutMutant().openRawClient(broker.replace("mutant:", "inmemory:")))
                : TransportFixture.super.openRawClient(broker);
    }

    @Override
    public Timing timing() {
        Timing standard = Timing.standard();
        return MutantProvider.current.isSound()
                ? standard
                : new Timing(standard.signal().dividedBy(8), standard.silence(), standard.grace());
    }

    @Override
    public List<Waiver> waivers() {
        return waivers;
    }
}
