package dev.antiphon.spi;

import dev.antiphon.Message;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A message that arrived for a subscription. Thread-safe. */
public interface InboundMessage {

    /** The concrete subject. */
    String subject();

    /** Body, headers and content type. Headers are taken over as they came ({@link dev.antiphon.Headers#received}). */
    Message message();

    /**
     * Where the sender wants its reply, or null if it wants none. A transport gives null, and reports it, for an address
     * that no honest requester has: one with wildcards, the request's own subject, a broker-internal name.
     */
    @Nullable
    ReplyAddress replyAddress();

    /**
     * Settles the delivery; the first call counts and returns true. Without {@link Capabilities.Capability#REDELIVERY}
     * there is nothing to settle.
     */
    default boolean settle(Settlement settlement) {
        return true;
    }

    /** How a delivery ends. */
    enum Settlement {
        /** Done; never deliver it again. */
        ACCEPT,
        /** Deliver it again, here or to another member. */
        REQUEUE,
        /** Can not be handled; never deliver it again, dead-letter it where the broker does that. */
        REJECT
    }

    /** The native message, if it is of this type. */
    <T> Optional<T> unwrap(Class<T> nativeType);
}
