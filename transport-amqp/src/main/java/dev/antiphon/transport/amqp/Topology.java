package dev.antiphon.transport.amqp;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import dev.antiphon.spi.SubscribeSpec;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** What is declared at the broker. Waits for it: only the admin thread calls. */
final class Topology {

    /** Deletes the queue of a group whose first member died between declaring it and consuming from it. */
    private static final int ORPHAN_MILLIS = 60_000;

    private final Settings settings;

    Topology(Settings settings) {
        this.settings = settings;
    }

    /** Declares the exchange. Those whose names begin with {@code amq.} are always there. */
    void declareExchange(Session session) throws IOException {
        String exchange = settings.exchange();
        if (settings.plainQueues() || exchange.startsWith("amq.")) {
            return;
        }
        Lane lane = session.openLane();
        try {
            lane.channel.exchangeDeclare(exchange, BuiltinExchangeType.TOPIC, true);
            lane.channel.abort();
        } catch (IOException e) {
            if (!BrokerErrors.is(AMQP.ACCESS_REFUSED, e)) {
                throw e;
            }
            // Who may not declare it may still use it: publishing tells if it is missing.
        }
    }

    /** Declares the queue of a subscription, and says its name. */
    String declareQueue(Channel channel, SubscribeSpec spec) throws IOException {
        if (settings.plainQueues()) {
            return spec.subject();
        }
        if (spec.group() == null) {
            return channel.queueDeclare("", false, true, true, Map.of()).getQueue();
        }
        String name = groupQueue(spec);
        return channel.queueDeclare(name, settings.durable(), false, !settings.durable(), arguments())
                .getQueue();
    }

    /** Whether the broker deletes the subscription's queue with its last consumer. */
    boolean goesWithItsConsumers(SubscribeSpec spec) {
        return !settings.durable() || (spec.group() == null && !settings.plainQueues());
    }

    /**
     * Whether it is a quorum queue. Without a leader it gives its consumers no answer, and the broker may forget acknowledgements
     * when their channel closes right behind them.
     */
    boolean isQuorum(SubscribeSpec spec) {
        return settings.quorum() && (spec.group() != null || settings.plainQueues());
    }

    String groupQueue(SubscribeSpec spec) {
        return GroupNames.queue(settings.exchange(), spec.queueGroup().orElse(""), spec.subject());
    }

    private Map<String, Object> arguments() {
        Map<String, Object> arguments = new HashMap<>();
        if (settings.quorum()) {
            arguments.put("x-queue-type", "quorum");
        }
        if (!settings.durable()) {
            arguments.put("x-expires", ORPHAN_MILLIS);
        } else if (settings.groupExpires() != null) {
            arguments.put("x-expires", settings.groupExpires().toMillis());
        }
        return arguments;
    }

    /** Declares a plain queue that is missing. */
    void declarePlain(Channel channel, String queue) throws IOException {
        Map<String, Object> arguments = settings.quorum() ? Map.of("x-queue-type", "quorum") : Map.of();
        channel.queueDeclare(queue, settings.durable(), false, !settings.durable(), arguments);
    }

    /** Sends the queue what is published to a pattern. */
    void bind(Channel channel, String queue, SubscribeSpec spec) throws IOException {
        if (!settings.plainQueues()) {
            channel.queueBind(queue, settings.exchange(), RoutingKeys.ofPattern(spec.subject()));
        }
    }
}
