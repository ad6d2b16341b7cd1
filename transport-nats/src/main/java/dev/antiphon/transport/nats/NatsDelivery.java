package dev.antiphon.transport.nats;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.antiphon.spi.InboundMessage;
import dev.antiphon.spi.ReplyAddress;
import io.nats.client.Message;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A message that arrived, on its way to the handler of its subscription. It is its own reply address. */
final class NatsDelivery implements InboundMessage, NatsAddress, Runnable {

    private final NatsSubscription subscription;
    private final String subject;
    private final dev.antiphon.Message message;
    private final byte @Nullable [] replyTo;
    private final int size;

    NatsDelivery(
            NatsSubscription subscription,
            String subject,
            dev.antiphon.Message message,
            byte @Nullable [] replyTo,
            int size) {
        this.subscription = subscription;
        this.subject = subject;
        this.message = message;
        this.replyTo = replyTo;
        this.size = size;
    }

    /** The size of headers and body as they came. */
    int size() {
        return size;
    }

    @Override
    public void run() {
        subscription.handle(this);
    }

    @Override
    public String subject() {
        return subject;
    }

    @Override
    public dev.antiphon.Message message() {
        return message;
    }

    @Override
    public @Nullable ReplyAddress replyAddress() {
        return replyTo == null ? null : this;
    }

    /** The subject that replies go to; empty if there is none. */
    @Override
    public byte[] address() {
        return replyTo == null ? new byte[0] : replyTo;
    }

    /** Made when it is asked for: the native client never saw this message. */
    @Override
    public <T> Optional<T> unwrap(Class<T> nativeType) {
        if (!nativeType.isAssignableFrom(NatsMessage.class) || !Message.class.isAssignableFrom(nativeType)) {
            return Optional.empty();
        }
        Headers headers = new Headers();
        message.headers().forEach(headers::add);
        message.contentType().ifPresent(type -> headers.put(HeaderBlock.CONTENT_TYPE, type));
        return Optional.of(nativeType.cast(new NatsMessage(
                subject, replyTo == null ? null : toString(), headers.isEmpty() ? null : headers, message.bytes())));
    }

    @Override
    public String toString() {
        return new String(address(), UTF_8);
    }
}
