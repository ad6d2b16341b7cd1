package dev.antiphon.transport.amqp;

import dev.antiphon.spi.ReplyAddress;
import org.jspecify.annotations.Nullable;

/** A queue, or the broker's stand-in for one, that somebody waits at, and what tells him what he waits for. */
interface AmqpAddress extends ReplyAddress {

    /** A routing key of the default exchange. */
    String replyTo();

    /** What the message to this address has to carry, if anything. */
    @Nullable
    String correlationId();

    /** The address that a reply told as its way back. */
    static AmqpAddress of(String replyTo, @Nullable String correlationId) {
        return new AmqpAddress() {
            @Override
            public String replyTo() {
                return replyTo;
            }

            @Override
            public @Nullable String correlationId() {
                return correlationId;
            }

            @Override
            public String toString() {
                return replyTo;
            }
        };
    }
}
