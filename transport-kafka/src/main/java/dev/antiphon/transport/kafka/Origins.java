package dev.antiphon.transport.kafka;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * What a member of a consumer group has to know of partitions before it reads them. Brokers keep a group's place by the name of the topic. A member that commits
 * while a topic is deleted and made anew may have its place in the old one kept for the new one; so each place says which topic it is in.
 *
 * @param topics who each topic is, by name, as far as that is known
 * @param outdated where the group's place is one in a topic that was deleted
 */
record Origins(Map<String, Uuid> topics, Set<TopicPartition> outdated) {

    static final Origins UNKNOWN = new Origins(Map.of(), Set.of());

    /** What is kept with a place, before the id; others may keep something else there. */
    private static final String TOPIC = "antiphon topic-id=";

    /** Places by partition, null where there is none, and who their topics are. */
    static Origins of(Map<TopicPartition, OffsetAndMetadata> places, Map<String, Uuid> topics) {
        Set<TopicPartition> outdated = new HashSet<>();
        places.forEach((partition, place) -> {
            Uuid topic = topics.get(partition.topic());
            if (place != null && topic != null && isOfAnother(place, topic)) {
                outdated.add(partition);
            }
        });
        return new Origins(topics, outdated);
    }

    private static boolean isOfAnother(OffsetAndMetadata place, Uuid topic) {
        return place.metadata().startsWith(TOPIC) && !place.metadata().equals(TOPIC + topic);
    }

    /** A place, as the brokers are to keep it. */
    static OffsetAndMetadata place(long offset, @Nullable Uuid topic) {
        return topic == null ? new OffsetAndMetadata(offset) : new OffsetAndMetadata(offset, TOPIC + topic);
    }
}
