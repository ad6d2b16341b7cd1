package dev.antiphon.transport.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class ClaimTest {
    private static final long NOTHING = -1;
    private static final Uuid TOPIC = new Uuid(1, 1);
    private static final Uuid ANOTHER = new Uuid(1, 2);

    private final Claim claim = new Claim(new TopicPartition("orders", 3), TOPIC);

    private List<Claim.Taken> take(long... offsets) {
        return LongStream.of(offsets)
                .mapToObj(offset -> claim.take(record(offset)))
                .toList();
    }

    private static ConsumerRecord<byte[], byte[]> record(long offset) {
        return new ConsumerRecord<>("orders", 3, offset, null, new byte[0]);
    }

    @Test
    void toCommit_lastsDoneFirst_waitsForTheFirst() {
        List<Claim.Taken> taken = take(7, 8, 10);
        claim.committed(7);

        claim.done(taken.get(2));
        claim.done(taken.get(1));
        assertThat(claim.toCommit()).isEqualTo(NOTHING);
        claim.done(taken.get(0));

        assertThat(claim.toCommit()).isEqualTo(11);
    }

    @Test
    void toCommit_committed_isNothingUntilMoreIsDone() {
        List<Claim.Taken> taken = take(7, 8);
        claim.done(taken.get(0));
        assertThat(claim.toCommit()).isEqualTo(8);

        claim.committed(8);

        assertThat(claim.toCommit()).isEqualTo(NOTHING);
    }

    @Test
    void toCommit_nothingTaken_isNothing() {
        assertThat(claim.toCommit()).isEqualTo(NOTHING);
    }

    @Test
    void handed_countsWhatIsWithHandlers() {
        List<Claim.Taken> taken = take(1, 2);
        taken.forEach(claim::handedOver);
        claim.back();

        assertThat(claim.handed()).isEqualTo(1);
        assertThat(taken).extracting(one -> one.attempts).containsOnly(1);
    }

    @Test
    void toCommit_topicThatWasMadeAnew_isThePlaceInTheNewOne() {
        claim.done(take(70).get(0));
        claim.committed(71);

        claim.done(take(0).get(0));

        assertThat(claim.toCommit()).isEqualTo(1);
    }

    @Test
    void done_behindOneThatTakesLong_isNotKept() {
        Claim.Taken takesLong = take(0).get(0);
        WeakReference<Object> record = takeAndDo(1);

        Awaitility.await("it is collected").until(() -> {
            System.gc();
            return record.get() == null;
        });

        assertThat(claim.toCommit()).isZero();
        claim.done(takesLong);
        assertThat(claim.toCommit()).isEqualTo(2);
    }

    private WeakReference<Object> takeAndDo(long offset) {
        Claim.Taken one = take(offset).get(0);
        claim.done(one);
        return new WeakReference<>(one.record);
    }

    @Test
    void lookedFor_sameOtherTopicTwiceInARow_isMadeAnew() {
        assertThat(claim.lookedFor(TOPIC)).isFalse();
        assertThat(claim.lookedFor(TOPIC)).isFalse();
        assertThat(claim.lookedFor(ANOTHER)).isFalse();
        assertThat(claim.lookedFor(TOPIC)).as("brokers may be behind").isFalse();
        assertThat(claim.lookedFor(ANOTHER)).isFalse();
        assertThat(claim.lookedFor(null)).isFalse();
        assertThat(claim.lookedFor(ANOTHER)).isFalse();
        assertThat(claim.lookedFor(ANOTHER)).isTrue();
    }

    @Test
    void lookedFor_notKnownWhichTopicIsRead_isKnownWhenItIsFoundTwice() {
        Claim unknown = new Claim(claim.partition(), null);

        assertThat(unknown.lookedFor(TOPIC)).isFalse();
        assertThat(unknown.topicId()).isNull();
        assertThat(unknown.lookedFor(TOPIC)).isFalse();
        assertThat(unknown.topicId()).isEqualTo(TOPIC);
        assertThat(unknown.lookedFor(ANOTHER)).isFalse();
        assertThat(unknown.lookedFor(ANOTHER)).isTrue();
    }

    @Test
    void isFollowedBy_recordThatWasReadBefore_isNot() {
        assertThat(claim.isFollowedBy(record(0))).isTrue();
        take(7);

        assertThat(claim.isFollowedBy(record(7))).isFalse();
        assertThat(claim.isFollowedBy(record(8))).isTrue();
    }
}
