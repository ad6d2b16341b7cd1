package dev.antiphon.benchmarks.peers;

/** Where the messages travel. */
public enum Network {
    /** Requester and responder in one JVM. */
    INMEMORY,
    /** Requester and responder in two JVMs, with a nats-server between them. */
    NATS,
    /** Requester and responder in two JVMs, with a RabbitMQ server between them. */
    RABBITMQ,
    /** Requester and responder in two JVMs, with a Kafka broker between them. */
    KAFKA
}
