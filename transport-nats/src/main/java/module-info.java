/** The NATS transport: {@code nats://} and {@code nats+tls://}. */
module dev.antiphon.transport.nats {
    requires transitive dev.antiphon;
    requires io.nats.jnats;
    requires static org.jspecify;
    requires org.slf4j;

    exports dev.antiphon.transport.nats;

    provides dev.antiphon.spi.TransportProvider with
            dev.antiphon.transport.nats.NatsTransportProvider;
}
