package dev.antiphon.transport.amqp;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.Envelope;
import dev.antiphon.Message;
import dev.antiphon.spi.InboundMessage;
import dev.antiphon.spi.ReplyAddress;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A message that arrived, on its way to the handler of its subscription. It is its own reply address. */
final class AmqpDelivery implements InboundMessage, AmqpAddress, Runnable {

    private static final VarHandle SETTLED;

    static {
        try {
            SETTLED = MethodHandles.lookup().findVarHandle(AmqpDelivery.class, "settled", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final Consumption consumption;
    private final String subject;
    private final Message message;
    private final Envelope envelope;
    private final BasicProperties properties;
    private final @Nullable String replyTo;

    @SuppressWarnings("UnusedVariable") // through SETTLED
    private volatile boolean settled;

    AmqpDelivery(
            Consumption consumption,
            String subject,
            Message message,
            Envelope envelope,
            BasicProperties properties,
            @Nullable String replyTo) {
        this.consumption = consumption;
        this.subject = subject;
        this.message = message;
        this.envelope = envelope;
        this.properties = properties;
        this.replyTo = replyTo;
    }

    /** Calls the handler. */
    @Override
    public void run() {
        consumption.handle(this);
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
        return replyTo == null ? null : this;
    }

    @Override
    public String replyTo() {
        return replyTo == null ? "" : replyTo;
    }

    @Override
    public @Nullable String correlationId() {
        return properties.getCorrelationId();
    }

    long tag() {
        return envelope.getDeliveryTag();
    }

    @Override
    public boolean settle(Settlement settlement) {
        if (!SETTLED.compareAndSet(this, false, true)) {
            return false;
        }
        consumption.settle(this, settlement);
        return true;
    }

    /** The native client's delivery. */
    @Override
    public <T> Optional<T> unwrap(Class<T> nativeType) {
        if (nativeType.isAssignableFrom(Delivery.class) && Delivery.class.isAssignableFrom(nativeType)) {
            return Optional.of(nativeType.cast(new Delivery(envelope, properties, message.bytes())));
        }
        return Optional.empty();
    }

    @Override
    public String toString() {
        return replyTo();
    }
}
