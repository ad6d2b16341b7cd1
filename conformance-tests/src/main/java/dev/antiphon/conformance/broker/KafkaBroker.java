package dev.antiphon.conformance.broker;

/** A Kafka broker for tests, wherever it runs: a cluster of one that is its own controller. */
public interface KafkaBroker extends BrokerControl {
    /** Host and port, as the native clients write it in {@code bootstrap.servers}. */
    default String bootstrap() {
        return address().getHostString() + ":" + address().getPort();
    }
}
