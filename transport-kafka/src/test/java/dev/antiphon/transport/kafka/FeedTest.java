package dev.antiphon.transport.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

class FeedTest {
    private static final Feed.Reader READER = record -> {};

    private final Uuid topic = Uuid.randomUuid();
    private final Feed feed = new Feed(new TopicPartition("orders", 3), topic);

    @Test
    void restrict_toALogThatBeginsLater_goesOnAtItsBeginning() {
        feed.add(new Feed.Cursor(READER, 7));

        feed.restrict(9, 20, 15);

        assertThat(feed.first()).isEqualTo(9);
    }

    @Test
    void restrict_toALogThatEndsBefore_goesOnWithWhatIsNew() {
        feed.add(new Feed.Cursor(READER, 70));

        feed.restrict(0, 20, 15);

        assertThat(feed.first()).isEqualTo(15);
    }

    @Test
    void lookedFor_topicThatIsAwayForAMoment_goesOnWhereItWas() {
        feed.add(new Feed.Cursor(READER, 7));

        feed.lookedFor(null);
        assertThat(feed.isAbsent()).isFalse();
        feed.lookedFor(null);
        assertThat(feed.isAbsent()).isTrue();
        assertThat(feed.lookedFor(topic)).isFalse();

        assertThat(feed.isAbsent()).isFalse();
        assertThat(feed.first()).isEqualTo(7);
    }

    @Test
    void lookedFor_topicThatWasDeletedAndMadeAnew_isReadFromItsBeginning() {
        Feed.Cursor ending = new Feed.Cursor(READER, 7);
        ending.stopAt = 9;
        feed.add(new Feed.Cursor(READER, 7));
        feed.add(ending);
        feed.lookedFor(null);
        feed.lookedFor(null);

        assertThat(feed.lookedFor(Uuid.randomUuid())).isTrue();

        assertThat(feed.first()).isZero();
        assertThat(ending.hasEnded()).isTrue();
    }

    @Test
    void lookedFor_overAnotherConnectionToBrokersThatHaveAnotherTopic_isReadFromItsBeginning() {
        Feed next = new Feed(feed.partition(), null);
        next.add(new Feed.Cursor(READER, 7));
        next.goOnAfter(feed);
        next.putAside();

        assertThat(next.lookedFor(Uuid.randomUuid())).isTrue();

        assertThat(next.isAbsent()).isFalse();
        assertThat(next.first()).isZero();
    }

    @Test
    void refuse_again_isNoNewsUntilItWasReadForLong() {
        long now = 5;

        assertThat(feed.refuse(now)).isTrue();
        assertThat(feed.isAside(now + Feed.REFUSED_NANOS - 1)).isTrue();
        assertThat(feed.isAside(now + Feed.REFUSED_NANOS)).isFalse();
        assertThat(feed.refuse(now + Feed.REFUSED_NANOS + 1)).isFalse();
        assertThat(feed.refuse(now + 4 * Feed.REFUSED_NANOS)).isTrue();
    }

    @Test
    void deliver_readerThatThrows_costsNobodyElseTheRecord() {
        List<Long> read = new ArrayList<>();
        List<RuntimeException> thrown = new ArrayList<>();
        feed.add(new Feed.Cursor(
                record -> {
                    throw new IllegalStateException("a defect");
                },
                7));
        feed.add(new Feed.Cursor(record -> read.add(record.offset()), 7));

        feed.deliver(new ConsumerRecord<>("orders", 3, 7, null, new byte[0]), task -> {
            try {
                task.run();
            } catch (IllegalStateException defect) {
                thrown.add(defect);
            }
        });

        assertThat(read).containsExactly(7L);
        assertThat(thrown).hasSize(1);
        assertThat(feed.first()).isEqualTo(8);
    }
}
