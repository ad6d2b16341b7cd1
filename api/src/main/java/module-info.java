/** The API, the transport SPI and the engine between them. */
module dev.antiphon {
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports dev.antiphon;
    exports dev.antiphon.spi;

    uses dev.antiphon.MessengerFactory;
    uses dev.antiphon.spi.TransportProvider;

    provides dev.antiphon.MessengerFactory with
            dev.antiphon.engine.EngineMessengerFactory;
}
