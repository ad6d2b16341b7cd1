/** The in-memory transport: {@code inmemory://name}. */
module dev.antiphon.transport.inmemory {
    requires transitive dev.antiphon;
    requires static org.jspecify;

    exports dev.antiphon.transport.inmemory;

    provides dev.antiphon.spi.TransportProvider with
            dev.antiphon.transport.inmemory.InMemoryTransportProvider;
}
