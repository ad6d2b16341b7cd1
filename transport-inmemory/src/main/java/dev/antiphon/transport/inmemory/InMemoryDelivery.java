package dev.antiphon.transport.inmemory;

import dev.antiphon.Message;
import dev.antiphon.spi.CorrelationId;
import dev.antiphon.spi.InboundMessage;
import dev.antiphon.spi.ReplyAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A message on its way. It is its own reply address, so that a request costs one object; subscribers share it. */
final class InMemoryDelivery implements InboundMessage, ReplyAddress {

    private final String subject;
    private final Message message;
    private final @Nullable InMemoryReplyChannel channel;
    private final long correlationId;

    /** A message that asks for no reply. */
    InMemoryDelivery(String subject, Message message) {
        this(subject, message, null, 0);
    }

    /** A request whose replies go to a channel. */
    InMemoryDelivery(String subject, Message message, @Nullable InMemoryReplyChannel channel, long correlationId) {
        this.subject = subject;
        this.message = message;
        this.channel = channel;
        this.correlationId = correlationId;
    }

    @Override
    public String subject() {
        return subject;
    }

    @Override
    public Message message() {
        return message;
    }

    @Override
    public @Nullable ReplyAddress replyAddress() {
        return channel == null ? null : this;
    }

    @Override
    public <T> Optional<T> unwrap(Class<T> nativeType) {
        return Optional.empty();
    }

    /** Hands a reply to the requester, with the way back if there is one; false if its channel is closed. */
    boolean reply(Message reply, @Nullable InMemoryDelivery from) {
        return channel != null && channel.deliver(correlationId, reply, from);
    }

    @Override
    public String toString() {
        return channel == null ? subject : channel + "/" + CorrelationId.toText(correlationId);
    }
}
