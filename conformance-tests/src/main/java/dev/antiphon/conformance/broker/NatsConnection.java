package dev.antiphon.conformance.broker;

import java.util.List;

/**
 * A connection of a client, as a NATS server sees it.
 *
 * @param id the server's number for it
 * @param name the name that the client gave, or empty
 * @param pendingBytes what waits to be sent to the client
 * @param subscriptions all of them, sorted by subject
 */
public record NatsConnection(long id, String name, long pendingBytes, List<NatsSubscription> subscriptions) {
    public NatsConnection {
        subscriptions = List.copyOf(subscriptions);
    }
}
