package dev.antiphon.conformance;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.spi.Capabilities.Capability;
import dev.antiphon.spi.InboundHandler;
import dev.antiphon.spi.InboundMessage.Settlement;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.ReplyChannel;
import dev.antiphon.spi.ReplyHandler;
import dev.antiphon.spi.SubscribeSpec;
import dev.antiphon.spi.Transport;
import dev.antiphon.spi.TransportSubscription;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Finds out what a transport can do, whatever it declares. */
final class Probes {
    private static final String TOKEN = "conformanceProbe000000";
    private static final List<String> THREE = List.of("0", "1", "2");

    private final Transport transport;
    private final Conformance rule;

    Probes(Transport transport, Conformance rule) {
        this.transport = transport;
        this.rule = rule;
    }

    /** Whether the transport has it; empty where a short look can not tell, and other rules do. */
    Optional<Boolean> found(Capability capability) {
        return switch (capability) {
            case QUEUE_GROUP -> Optional.of(membersShare());
            case WILDCARD -> Optional.of(patternsMatch());
            case NO_RESPONDERS -> Optional.of(nobodyIsTold());
            case RETAINED -> Optional.of(earlierMessagesArrive());
            case REDELIVERY -> Optional.of(requeuedMessagesComeAgain());
            case ORDERED_PER_PUBLISHER,
                    PUBLISH_CONFIRM,
                    NATIVE_EXPIRY,
                    AUTO_RECONNECT,
                    REPLY_ADDRESS_SURVIVES_RECONNECT -> Optional.empty();
        };
    }

    private boolean membersShare() {
        String subject = rule.unique("probe");
        SpiCollector collector = new SpiCollector();
        TransportSubscription first = subscribe(subject, "members", collector);
        TransportSubscription second = subscribe(subject, "members", collector);
        if (first == null || second == null) {
            return false;
        }
        publish(subject);
        stop(first);
        stop(second);
        return collector.messages().size() == THREE.size();
    }

    private boolean patternsMatch() {
        String subject = rule.unique("probe");
        SpiCollector collector = new SpiCollector();
        TransportSubscription one = subscribe(subject + ".*", null, collector);
        TransportSubscription rest = subscribe(subject + ".>", null, collector);
        if (one == null || rest == null) {
            return false;
        }
        publish(subject + ".some");
        stop(one);
        stop(rest);
        return collector.messages().size() == 2 * THREE.size();
    }

    private boolean nobodyIsTold() {
        Told told = new Told();
        ReplyChannel channel = Spi.await(transport.openReplyChannel(TOKEN, told), rule.timing());
        Spi.Sent sent = new Spi.Sent();
        channel.request(new OutboundMessage(rule.unique("probe"), Message.of("?"), 0), 1, sent);
        Spi.await(sent, rule.timing());
        Spi.await(transport.flush(rule.timing().signal()), rule.timing());
        long silence = rule.timing().silence().toMillis();
        boolean found = Spi.await(told.completeOnTimeout(false, silence, TimeUnit.MILLISECONDS), rule.timing());
        Spi.await(channel.close(), rule.timing());
        return found;
    }

    private boolean earlierMessagesArrive() {
        String subject = rule.unique("probe");
        SpiCollector collector = new SpiCollector();
        publish(subject);
        TransportSubscription late = subscribe(subject, null, collector);
        if (late != null) {
            publish(subject);
            stop(late);
        }
        return collector.messages().size() == 2 * THREE.size();
    }

    private boolean requeuedMessagesComeAgain() {
        String subject = rule.unique("probe");
        AtomicInteger deliveries = new AtomicInteger();
        CompletableFuture<Boolean> again = new CompletableFuture<>();
        // In a group where there are some: brokers that keep a log deliver again to members, and not to mere readers.
        boolean groups = transport.capabilities().has(Capability.QUEUE_GROUP);
        TransportSubscription subscription = subscribe(subject, groups ? "members" : null, message -> {
            int count = deliveries.incrementAndGet();
            message.settle(count <= THREE.size() ? Settlement.REQUEUE : Settlement.ACCEPT);
            if (count > 2 * THREE.size()) {
                again.complete(true);
            }
        });
        publish(subject);
        publish(subject);
        // What is given back while a subscription stops need not come again.
        long silence = rule.timing().silence().toMillis();
        boolean found = Spi.await(again.completeOnTimeout(false, silence, TimeUnit.MILLISECONDS), rule.timing());
        stop(subscription);
        return found || deliveries.get() > 2 * THREE.size();
    }

    /** A subscription, or null where that is not supported. */
    private @Nullable TransportSubscription subscribe(String pattern, @Nullable String group, InboundHandler handler) {
        try {
            return Spi.await(
                    transport.subscribe(new SubscribeSpec(pattern, group, 1000, true), handler), rule.timing());
        } catch (AntiphonException refused) {
            if (refused.code() == ErrorCode.UNSUPPORTED) {
                return null;
            }
            throw refused;
        }
    }

    /** Sends three messages; they are at the broker when this returns. */
    private void publish(String subject) {
        for (String body : THREE) {
            Spi.Sent sent = new Spi.Sent();
            transport.publish(new OutboundMessage(subject, Message.of(body), 0), sent);
            Spi.await(sent, rule.timing());
        }
        Spi.await(transport.flush(rule.timing().signal()), rule.timing());
    }

    private void stop(@Nullable TransportSubscription subscription) {
        if (subscription != null) {
            Spi.await(subscription.stop(), rule.timing());
        }
    }

    /** Completes with true when it hears that there are no responders. */
    private static final class Told extends CompletableFuture<Boolean> implements ReplyHandler {
        @Override
        public void onReply(long correlationId, Message reply) {
            complete(false);
        }

        @Override
        public void onNoResponders(long correlationId) {
            complete(true);
        }

        @Override
        public void onUnreadable(String correlation, Message reply) {
            complete(false);
        }
    }
}
