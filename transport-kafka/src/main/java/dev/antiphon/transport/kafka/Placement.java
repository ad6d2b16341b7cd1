package dev.antiphon.transport.kafka;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.PartitionInfo;

/**
 * Which partition a message goes to, where its topic has several. Publications to a subject go to one, so that they stay in order.
 * Requests have no order, and neither have the messages of a subject that a queue group serves: these are spread, so that
 * all members of the group get their share, even where each has partitions of its own, and pass by partitions that take nothing just now.
 * Where a message has a key, that decides.
 */
final class Placement {

    private final Registry registry;
    private final AtomicInteger next =
            new AtomicInteger(ThreadLocalRandom.current().nextInt());

    Placement(Registry registry) {
        this.registry = registry;
    }

    /**
     * The record with its partition.
     *
     * @throws org.apache.kafka.common.errors.TimeoutException if the producer, which does not wait, does not know the topic
     */
    ProducerRecord<byte[], byte[]> placed(ProducerRecord<byte[], byte[]> record, String subject, Lanes lanes) {
        if (record.partition() != null || record.key() != null) {
            return record;
        }
        List<PartitionInfo> partitions = lanes.partitions(record.topic());
        if (partitions.size() < 2) {
            return record;
        }
        int partition = isSpread(record, subject)
                ? nextThatMoves(partitions, lanes)
                : Math.floorMod(subject.hashCode(), partitions.size());
        return new ProducerRecord<>(
                record.topic(), partition, record.timestamp(), record.key(), record.value(), record.headers());
    }

    /** While a partition takes nothing, what goes there waits, and others are as good. */
    private int nextThatMoves(List<PartitionInfo> partitions, Lanes lanes) {
        int first = next.getAndIncrement();
        for (int i = 0; i < partitions.size(); i++) {
            PartitionInfo candidate = partitions.get(Math.floorMod(first + i, partitions.size()));
            if (!lanes.isStuck(candidate)) {
                return candidate.partition();
            }
        }
        return Math.floorMod(first, partitions.size());
    }

    private boolean isSpread(ProducerRecord<byte[], byte[]> record, String subject) {
        return record.headers().lastHeader(RecordCodec.REPLY_TOPIC) != null || registry.isServedByGroup(subject);
    }
}
