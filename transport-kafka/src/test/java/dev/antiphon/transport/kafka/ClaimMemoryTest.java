package dev.antiphon.transport.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class ClaimMemoryTest {
    private final Claim claim = new Claim(new TopicPartition("orders", 3));

    private Claim.Taken take(long offset) {
        return claim.take(new ConsumerRecord<>("orders", 3, offset, null, new byte[0]));
    }

    private WeakReference<Object> takeAndDo(long offset) {
        Claim.Taken one = take(offset);
        claim.done(one);
        return new WeakReference<>(one.record);
    }

    @Test
    void done_behindOneThatTakesLong_isNotKept() {
        Claim.Taken takesLong = take(0);
        WeakReference<Object> record = takeAndDo(1);

        Awaitility.await("it is collected").until(() -> {
            System.gc();
            return record.get() == null;
        });

        assertThat(claim.toCommit()).isZero();
        claim.done(takesLong);
        assertThat(claim.toCommit()).isEqualTo(2);
    }
}
