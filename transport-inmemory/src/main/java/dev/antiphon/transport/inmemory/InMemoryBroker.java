package dev.antiphon.transport.inmemory;

import dev.antiphon.Message;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What the transports of one name share. A broker has no threads: publishers do the work. It lives as long as some
 * transport uses it.
 */
final class InMemoryBroker {

    private static final Map<String, InMemoryBroker> BROKERS = new HashMap<>();

    private final String name;
    private final RoutingTable routes = new RoutingTable();
    private final GracePeriods publishers = new GracePeriods();
    private int users;

    private InMemoryBroker(String name) {
        this.name = name;
    }

    /** The broker of this name, made if need be. Every call needs one {@link #release()}. */
    static InMemoryBroker acquire(String name) {
        synchronized (BROKERS) {
            InMemoryBroker broker = BROKERS.computeIfAbsent(name, InMemoryBroker::new);
            broker.users++;
            return broker;
        }
    }

    /** Gives the broker up; the last one removes it. */
    void release() {
        synchronized (BROKERS) {
            users--;
            if (users == 0) {
                BROKERS.remove(name);
            }
        }
    }

    static int brokers() {
        synchronized (BROKERS) {
            return BROKERS.size();
        }
    }

    String name() {
        return name;
    }

    /** Hands a message to everyone it is for, on this thread. False if there is nobody. */
    boolean deliver(InMemoryDelivery delivery) {
        int ticket = publishers.enter();
        try {
            return routes.route(delivery.subject()).deliver(delivery);
        } finally {
            publishers.exit(ticket);
        }
    }

    /** Hands a reply to a channel, on this thread; false if the channel is closed. */
    boolean reply(InMemoryReplyChannel channel, long correlationId, Message reply, @Nullable InMemoryDelivery from) {
        int ticket = publishers.enter();
        try {
            return channel.receive(correlationId, reply, from);
        } finally {
            publishers.exit(ticket);
        }
    }

    void add(InMemorySubscription subscription) {
        routes.add(subscription);
    }

    /** Takes a subscription away. Completes when no publisher is handing it a message any more. */
    CompletableFuture<Void> remove(InMemorySubscription subscription) {
        routes.remove(subscription);
        return publishers.pass();
    }

    /** Completes when everybody who is handing over a message or reply now has finished. */
    CompletableFuture<Void> quiesce() {
        return publishers.pass();
    }
}
