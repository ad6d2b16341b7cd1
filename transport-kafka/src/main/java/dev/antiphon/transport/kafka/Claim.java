package dev.antiphon.transport.kafka;

import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * One partition while a member of a consumer group has it. It may commit what lies before the first record that is not done yet. Used on
 * the thread of the member only.
 */
final class Claim {

    /** A record that was read. */
    static final class Taken {
        final Claim claim;
        final ConsumerRecord<byte[], byte[]> record;
        /** How often it was handed over. */
        int attempts;

        Taken(Claim claim, ConsumerRecord<byte[], byte[]> record) {
            this.claim = claim;
            this.record = record;
        }
    }

    private final TopicPartition partition;
    private @Nullable Uuid topicId;
    /** The topic that was found last. */
    private @Nullable Uuid found;
    /** What is not done yet, in order. What is done is not kept, however long something before it takes. */
    private final Set<Taken> taken = new LinkedHashSet<>();

    private long next = -1;
    private long committed = -1;
    private int handed;
    private boolean ending;
    private boolean gone;

    /** @param topicId of the topic that is read, if that is known */
    Claim(TopicPartition partition, @Nullable Uuid topicId) {
        this.partition = partition;
        this.topicId = topicId;
    }

    TopicPartition partition() {
        return partition;
    }

    @Nullable
    Uuid topicId() {
        return topicId;
    }

    /**
     * The topic was looked for. What is found twice in a row is true; brokers may be behind each other.
     *
     * @return whether it is another one than that which is read
     */
    boolean lookedFor(@Nullable Uuid id) {
        boolean twice = id != null && id.equals(found);
        found = id;
        if (twice && topicId == null) {
            topicId = id;
        }
        return twice && !Objects.equals(id, topicId);
    }

    /** Whether a record comes after those that were read. */
    boolean isFollowedBy(ConsumerRecord<byte[], byte[]> record) {
        return record.offset() >= next;
    }

    Taken take(ConsumerRecord<byte[], byte[]> record) {
        Taken one = new Taken(this, record);
        taken.add(one);
        next = record.offset() + 1;
        if (record.offset() < committed) {
            committed = -1; // the topic was made anew
        }
        return one;
    }

    /** It is with its handler. */
    void handedOver(Taken one) {
        one.attempts++;
        handed++;
    }

    /** Its handler is through with it. */
    void back() {
        handed--;
    }

    /** It need not be delivered again. */
    void done(Taken one) {
        taken.remove(one);
    }

    /** How many records are with their handlers. */
    int handed() {
        return handed;
    }

    /** Where the next owner would have to begin; -1 if that has not changed. */
    long toCommit() {
        long place = taken.isEmpty() ? next : taken.iterator().next().record.offset();
        return place > committed ? place : -1;
    }

    void committed(long offset) {
        committed = Math.max(committed, offset);
    }

    /** It is about to go to another member: nothing more of it is handed over. */
    void end() {
        ending = true;
    }

    boolean isEnding() {
        return ending;
    }

    /** It belongs to another member by now. */
    void lose() {
        gone = true;
    }

    boolean isGone() {
        return gone;
    }
}
