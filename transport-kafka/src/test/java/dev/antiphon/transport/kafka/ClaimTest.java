package dev.antiphon.transport.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class ClaimTest {
    private static final long NOTHING = -1;

    private final Claim claim = new Claim(new TopicPartition("orders", 3));

    private List<Claim.Taken> take(long... offsets) {
        return LongStream.of(offsets)
                .mapToObj(offset -> claim.take(new ConsumerRecord<>("orders", 3, offset, null, new byte[0])))
                .toList();
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
}
