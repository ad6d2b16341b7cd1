package dev.antiphon.transport.inmemory.mutants;

import dev.antiphon.Message;
import dev.antiphon.spi.CorrelationId;
import dev.antiphon.spi.InboundHandler;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.ReplyAddress;
import dev.antiphon.spi.ReplyChannel;
import dev.antiphon.spi.ReplyHandler;
import dev.antiphon.spi.SendCallback;
import dev.antiphon.spi.SubscribeSpec;
import dev.antiphon.spi.Transport;
import dev.antiphon.spi.TransportSubscription;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;

/**
 * The in-memory transport with replies that travel over subjects, as on many brokers: the subject is in a header of the request,
 * and anybody who knows it can reply. Sound as long as nobody can guess it.
 */
final class Inboxes extends Forwarding {
    /** The header with the reply subject. */
    static final String HEADER = "inbox";

    private final UnaryOperator<String> naming;

    /**
     * Replies over subjects.
     *
     * @param naming makes the name of an inbox out of the token of its channel
     */
    Inboxes(Transport sound, UnaryOperator<String> naming) {
        super(sound);
        this.naming = naming;
    }

    @Override
    public CompletionStage<ReplyChannel> openReplyChannel(String token, ReplyHandler handler) {
        String prefix = "inbox." + naming.apply(token) + ".";
        SubscribeSpec spec = new SubscribeSpec(prefix + "*", null, 1, false);
        return sound.subscribe(spec, inbound -> {
                    String subject = inbound.subject();
                    if (CorrelationId.isText(subject, prefix.length())) {
                        handler.onReply(CorrelationId.parse(subject, prefix.length()), inbound.message());
                    } else {
                        handler.onUnreadable(subject.substring(prefix.length()), inbound.message());
                    }
                })
                .thenApply(subscription -> new Inbox(prefix, subscription));
    }

    @Override
    public CompletionStage<TransportSubscription> subscribe(SubscribeSpec spec, InboundHandler handler) {
        return sound.subscribe(spec, inbound -> {
            String subject = inbound.message().header(HEADER).orElse(null);
            Message plain =
                    inbound.message().withHeaders(inbound.message().headers().without(HEADER));
            ReplyAddress address = subject == null ? null : new SubjectAddress(subject);
            handler.onMessage(new ForwardedInbound(inbound, inbound.subject(), plain, address));
        });
    }

    @Override
    public void reply(ReplyAddress address, OutboundMessage message, SendCallback callback) {
        String subject = ((SubjectAddress) address).subject();
        sound.publish(new OutboundMessage(subject, message.message(), message.timeToLiveNanos()), callback);
    }

    private record SubjectAddress(String subject) implements ReplyAddress {}

    private final class Inbox implements ReplyChannel {
        private final String prefix;
        private final TransportSubscription subscription;

        Inbox(String prefix, TransportSubscription subscription) {
            this.prefix = prefix;
            this.subscription = subscription;
        }

        @Override
        public void request(OutboundMessage message, long correlationId, SendCallback callback) {
            Message addressed = message.message().withHeader(HEADER, prefix + CorrelationId.toText(correlationId));
            sound.publish(new OutboundMessage(message.subject(), addressed, message.timeToLiveNanos()), callback);
        }

        @Override
        public CompletionStage<Void> close() {
            return subscription.stop();
        }
    }
}
