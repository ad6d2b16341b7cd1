package dev.antiphon.conformance.broker;

/** The way to a running RabbitMQ node. Each call is a process: {@link BrokerException} if it fails. */
interface RabbitCommands {
    /** Runs {@code rabbitmqctl} on the node; half a second. */
    String ctl(String... arguments);

    /** Has the node evaluate Erlang, and returns what that prints, among other output. */
    default String eval(String erlang) {
        return ctl("eval", erlang);
    }
}
