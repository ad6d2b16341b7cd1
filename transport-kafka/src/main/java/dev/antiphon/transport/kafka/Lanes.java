package dev.antiphon.transport.kafka;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The partitions of the topics that are sent to. Any thread. {@link #partitions} and {@link #of} throw {@link TimeoutException} if the
 * producer, which does not wait, does not know a topic.
 */
final class Lanes {

    private final KafkaProducer<byte[], byte[]> producer;
    private final Map<String, List<Lane>> byTopic = new ConcurrentHashMap<>();

    Lanes(KafkaProducer<byte[], byte[]> producer) {
        this.producer = producer;
    }

    List<PartitionInfo> partitions(String topic) {
        return producer.partitionsFor(topic);
    }

    /** Whether a partition takes nothing just now: it has no leader, or its leader does not answer. */
    boolean isStuck(PartitionInfo partition) {
        Lane lane = lane(partition.topic(), partition.partition());
        return partition.leader() == null || (lane != null && lane.isStuck());
    }

    /** Where the record goes; null if that is for the producer to decide. */
    @Nullable
    Lane of(ProducerRecord<byte[], byte[]> record) {
        if (record.partition() != null) {
            return lane(record.topic(), record.partition());
        }
        List<Lane> all = lanes(record.topic());
        return all.size() == 1 ? all.get(0) : null;
    }

    /** Something was not where it was to go: if the topic is not known any more, or has other partitions now, what was known is not true. */
    void check(String topic) {
        List<Lane> known = byTopic.get(topic);
        if (known != null && known.size() != count(topic)) {
            byTopic.remove(topic, known);
        }
    }

    /** How many partitions of a topic the producer knows, and 0 if it does not know the topic; then it asks. */
    int count(String topic) {
        try {
            return partitions(topic).size();
        } catch (TimeoutException notYet) {
            return 0;
        } catch (IllegalStateException | KafkaException broken) {
            return 1; // sending will tell
        }
    }

    /** Whether a topic has a partition that takes something just now. */
    boolean anyMoves(String topic) {
        try {
            return partitions(topic).stream().anyMatch(partition -> !isStuck(partition));
        } catch (IllegalStateException | KafkaException broken) {
            return false;
        }
    }

    /** The topics of which a partition takes nothing just now. */
    Set<String> stuckTopics() {
        Set<String> stuck = new HashSet<>();
        byTopic.forEach((topic, lanes) -> {
            if (lanes.stream().anyMatch(Lane::isStuck)) {
                stuck.add(topic);
            }
        });
        return stuck;
    }

    /** Null for a partition that the topic did not have when it was first sent to. */
    private @Nullable Lane lane(String topic, int partition) {
        List<Lane> all = lanes(topic);
        return partition < all.size() ? all.get(partition) : null;
    }

    private List<Lane> lanes(String topic) {
        List<Lane> known = byTopic.get(topic);
        return known != null
                ? known
                : byTopic.computeIfAbsent(
                        topic,
                        name -> Stream.generate(Lane::new)
                                .limit(partitions(name).size())
                                .toList());
    }
}
