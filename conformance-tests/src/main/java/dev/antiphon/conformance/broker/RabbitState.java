package dev.antiphon.conformance.broker;

import java.util.List;
import java.util.Optional;

/** What a RabbitMQ node holds, asked of its processes and tables themselves: nothing in it is from a statistic that lags. */
public record RabbitState(
        List<Connection> connections,
        List<Channel> channels,
        List<Consumer> consumers,
        List<Queue> queues,
        List<Exchange> exchanges,
        List<Binding> bindings) {
    public RabbitState {
        connections = List.copyOf(connections);
        channels = List.copyOf(channels);
        consumers = List.copyOf(consumers);
        queues = List.copyOf(queues);
        exchanges = List.copyOf(exchanges);
        bindings = List.copyOf(bindings);
    }

    /**
     * A connection of a client.
     *
     * @param id the node's name for it
     * @param name the name that the client gave, or empty
     * @param state {@code running}, {@code blocked}, {@code blocking}, {@code flow}, ...
     */
    public record Connection(String id, String name, String user, String vhost, String state) {}

    /**
     * A channel of a connection.
     *
     * @param id the node's name for it
     * @param connection the {@link Connection#id} of its connection
     * @param confirm whether it confirms what is published
     * @param unacknowledged deliveries that wait for their settlement
     * @param prefetch how many may wait, of each consumer to come; 0 is no limit
     */
    public record Channel(
            String id,
            String connection,
            int number,
            int consumers,
            int unacknowledged,
            int prefetch,
            boolean confirm) {}

    /**
     * A consumer of a queue.
     *
     * @param channel the {@link Channel#id} of its channel
     * @param acknowledges whether it has to
     */
    public record Consumer(
            String vhost, String queue, String channel, String tag, boolean acknowledges, int prefetch) {}

    /**
     * A queue.
     *
     * @param type {@code classic}, {@code quorum} or {@code stream}
     * @param messages ready or delivered and not acknowledged
     */
    public record Queue(
            String vhost,
            String name,
            String type,
            boolean durable,
            boolean exclusive,
            boolean autoDelete,
            int consumers,
            long messages) {}

    /** An exchange; the default one has an empty name. */
    public record Exchange(String vhost, String name, String type, boolean durable, boolean autoDelete) {}

    /**
     * A binding.
     *
     * @param exchange where messages come from; empty for the default exchange, which has one binding for each queue
     * @param destination where they go
     * @param toQueue whether that is a queue; else an exchange
     */
    public record Binding(String vhost, String exchange, String key, String destination, boolean toQueue) {}

    /** The queue of that name in that virtual host. */
    public Optional<Queue> queue(String vhost, String name) {
        return queues.stream()
                .filter(queue -> queue.vhost().equals(vhost) && queue.name().equals(name))
                .findFirst();
    }

    /** The connections of clients with that name. */
    public List<Connection> connections(String name) {
        return connections.stream()
                .filter(connection -> connection.name().equals(name))
                .toList();
    }

    /** The channels of connections with that name. */
    public List<Channel> channels(String connectionName) {
        List<String> ids =
                connections(connectionName).stream().map(Connection::id).toList();
        return channels.stream()
                .filter(channel -> ids.contains(channel.connection()))
                .toList();
    }

    /** The consumers of connections with that name. */
    public List<Consumer> consumers(String connectionName) {
        List<String> ids = channels(connectionName).stream().map(Channel::id).toList();
        return consumers.stream()
                .filter(consumer -> ids.contains(consumer.channel()))
                .toList();
    }

    /** The bindings that lead to the queue of a consumer, without that of the default exchange. */
    public List<Binding> bindings(Consumer consumer) {
        return bindings.stream()
                .filter(Binding::toQueue)
                .filter(binding -> !binding.exchange().isEmpty())
                .filter(binding -> binding.vhost().equals(consumer.vhost()))
                .filter(binding -> binding.destination().equals(consumer.queue()))
                .toList();
    }
}
