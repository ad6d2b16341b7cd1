package dev.antiphon.transport.kafka;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/** The partitions that a member of a consumer group has. Used on the thread of the member only. */
final class Claims {

    private final Map<TopicPartition, Claim> byPartition = new HashMap<>();

    /** @param topicId of the topic that is read, if that is known */
    Claim add(TopicPartition partition, @Nullable Uuid topicId) {
        return byPartition.computeIfAbsent(partition, added -> new Claim(added, topicId));
    }

    /** @param topics who the topics of these are, by name, as far as that is known */
    void add(Collection<TopicPartition> partitions, Map<String, Uuid> topics) {
        partitions.forEach(partition -> add(partition, topics.get(partition.topic())));
    }

    @Nullable
    Claim get(TopicPartition partition) {
        return byPartition.get(partition);
    }

    List<Claim> all() {
        return List.copyOf(byPartition.values());
    }

    /** Those of these partitions. */
    List<Claim> of(Collection<TopicPartition> partitions) {
        return partitions.stream()
                .map(byPartition::get)
                .filter(Objects::nonNull)
                .map(Objects::requireNonNull)
                .toList();
    }

    /** These belong to others by now, or to another topic. */
    void lose(List<Claim> going) {
        going.forEach(claim -> {
            claim.lose();
            byPartition.remove(claim.partition());
        });
    }

    /** How many records are with their handlers. */
    int handed() {
        int handed = 0;
        for (Claim claim : byPartition.values()) {
            handed += claim.handed();
        }
        return handed;
    }

    /** Where the next owner would have to begin, in those partitions where that has changed. */
    Map<TopicPartition, OffsetAndMetadata> toCommit() {
        return toCommit(byPartition.values());
    }

    static Map<TopicPartition, OffsetAndMetadata> toCommit(Collection<Claim> of) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        for (Claim claim : of) {
            long place = claim.toCommit();
            if (place >= 0) {
                offsets.put(claim.partition(), Origins.place(place, claim.topicId()));
            }
        }
        return offsets;
    }

    void committed(Map<TopicPartition, OffsetAndMetadata> offsets) {
        offsets.forEach((partition, offset) -> {
            Claim claim = byPartition.get(partition);
            if (claim != null) {
                claim.committed(offset.offset());
            }
        });
    }

    /** Those whose topic is known to have been made anew, now that topics were looked for. */
    List<Claim> lookedFor(Map<String, Uuid> ids) {
        List<Claim> anew = new ArrayList<>();
        for (Claim claim : byPartition.values()) {
            if (claim.lookedFor(ids.get(claim.partition().topic()))) {
                anew.add(claim);
            }
        }
        return anew;
    }
}
