package dev.antiphon.transport.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class ClaimOfNewLogTest {
    private final Claim claim = new Claim(new TopicPartition("orders", 3));

    private Claim.Taken take(long offset) {
        return claim.take(new ConsumerRecord<>("orders", 3, offset, null, new byte[0]));
    }

    @Test
    void toCommit_topicThatWasMadeAnew_isThePlaceInTheNewOne() {
        claim.done(take(70));
        claim.committed(71);

        claim.done(take(0));

        assertThat(claim.toCommit()).isEqualTo(1);
    }
}
