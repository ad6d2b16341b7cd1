package dev.antiphon.conformance.broker;

/** A Kafka broker that somebody else runs. */
final class ExternalKafka extends ExternalBroker implements KafkaBroker {
    private static final int DEFAULT_PORT = 9092;

    ExternalKafka(String url) {
        super(KafkaBrokers.URL_VARIABLE, url, DEFAULT_PORT, "kafka://host:9092");
    }

    @Override
    public String version() {
        return "unknown";
    }

    /** Kafka tells clients where to connect: they would go past the proxy. */
    @Override
    public String proxiedUrl() {
        throw refused("put a proxy before");
    }

    @Override
    public BrokerInspector inspector() {
        throw refused("inspect");
    }
}
