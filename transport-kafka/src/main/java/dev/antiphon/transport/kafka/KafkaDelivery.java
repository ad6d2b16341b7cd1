package dev.antiphon.transport.kafka;

import dev.antiphon.Message;
import dev.antiphon.spi.InboundMessage;
import dev.antiphon.spi.ReplyAddress;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * A message that arrived.
 *
 * @param settling what its settlement does; null where there is nothing to settle
 */
record KafkaDelivery(
        String subject,
        Message message,
        @Nullable ReplyAddress replyAddress,
        ConsumerRecord<byte[], byte[]> record,
        @Nullable Settling settling)
        implements InboundMessage {

    /** Ends a delivery. */
    interface Settling {
        /** True if this was the first time. */
        boolean settle(Settlement settlement);
    }

    @Override
    public boolean settle(Settlement settlement) {
        return settling == null || settling.settle(settlement);
    }

    @Override
    public <T> Optional<T> unwrap(Class<T> nativeType) {
        return nativeType.isInstance(record) ? Optional.of(nativeType.cast(record)) : Optional.empty();
    }
}
