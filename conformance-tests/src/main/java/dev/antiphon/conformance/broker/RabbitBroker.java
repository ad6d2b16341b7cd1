package dev.antiphon.conformance.broker;

/** A RabbitMQ server for tests, wherever it runs. Its URLs are {@code amqp://} or {@code amqps://}. */
public interface RabbitBroker extends BrokerControl {
    @Override
    RabbitInspector inspector();

    /** What an operator can do to it while it runs. */
    RabbitAdmin admin();

    /**
     * Removes all that it has stored: queues, messages, exchanges, users. It must be stopped, and starts with what its configuration
     * says and nothing else.
     */
    void wipe();
}
