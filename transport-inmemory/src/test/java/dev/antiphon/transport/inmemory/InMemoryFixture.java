package dev.antiphon.transport.inmemory;

import dev.antiphon.conformance.TransportFixture;
import dev.antiphon.spi.TransportProvider;
import java.util.Map;
import java.util.UUID;

/** Nothing to start, nothing to stop: a name is a broker. */
final class InMemoryFixture implements TransportFixture {
    private final TransportProvider provider = new InMemoryTransportProvider();
    private final String url = isolatedUrl();

    @Override
    public String mode() {
        return "inmemory";
    }

    @Override
    public TransportProvider provider() {
        return provider;
    }

    @Override
    public String url() {
        return url;
    }

    /** Small, so that rules about the limit need not fill the heap. */
    @Override
    public Map<String, String> options() {
        return Map.of("max-body", "1048576");
    }

    @Override
    public String isolatedUrl() {
        return "inmemory://conformance-" + UUID.randomUUID();
    }
}
