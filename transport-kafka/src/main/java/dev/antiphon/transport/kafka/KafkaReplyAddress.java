package dev.antiphon.transport.kafka;

import dev.antiphon.spi.ReplyAddress;
import org.jspecify.annotations.Nullable;

/**
 * Where a reply goes.
 *
 * @param partition the partition the requester reads, or null for any
 * @param header the header in which the reply has to carry the correlation
 * @param correlation as it came
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and nobody else has it
record KafkaReplyAddress(String topic, @Nullable Integer partition, String header, byte @Nullable [] correlation)
        implements ReplyAddress {

    @Override
    public String toString() {
        return partition == null ? topic : topic + "-" + partition;
    }
}
