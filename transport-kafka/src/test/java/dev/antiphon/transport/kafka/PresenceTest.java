package dev.antiphon.transport.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.AntiphonException;
import dev.antiphon.spi.TransportConfig;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class PresenceTest {
    private static final TopicPartition PLACE = new TopicPartition("antiphon.presence", 0);
    private static final long HELLO_OFFSET = 100;
    private static final long HELLO_TIME = 1_000_000;

    private final Presence presence = new Presence(
            new Settings(new TransportConfig(
                    "kafka", List.of(new TransportConfig.Address("localhost", 1)), "", null, null, "me", Map.of())),
            topic -> {});

    private static Interest interest(String subject) {
        return new Interest(SubjectPattern.of(subject), null);
    }

    private static ConsumerRecord<byte[], byte[]> alive(String subject, long offset, long timestamp) {
        PresenceRecord told =
                new PresenceRecord(subject, PresenceRecord.Kind.ALIVE, 1_200, -1, List.of(interest(subject)), null);
        byte[] value = told.toBytes();
        return new ConsumerRecord<>(
                PLACE.topic(),
                PLACE.partition(),
                offset,
                timestamp,
                TimestampType.LOG_APPEND_TIME,
                subject.length(),
                value.length,
                subject.getBytes(UTF_8),
                value,
                new RecordHeaders(),
                java.util.Optional.empty());
    }

    @Test
    void join_thatCanNotBeTold_isForgotten() {
        assertThat(presence.join(interest("orders"))).isCompletedExceptionally();

        assertThat(presence.servesHere("orders")).isFalse();
    }

    @Test
    void join_ofMoreThanFitsIntoARecord_isRefused() {
        String long1 = "a".repeat(RecordSize.MAX_BODY);

        assertThat(presence.join(interest(long1)))
                .failsWithin(java.time.Duration.ofSeconds(1))
                .withThrowableThat()
                .withCauseInstanceOf(AntiphonException.class)
                .withMessageContaining("RESOURCE_EXHAUSTED");
    }

    /** Clocks of brokers differ, and operators make topics with the senders' times. */
    @Test
    void age_ofWhatComesAfterOurOwnWord_isNone() {
        presence.restart(0, new RecordMetadata(PLACE, HELLO_OFFSET, 0, HELLO_TIME, 0, 0));

        presence.onRecord(alive("dead", HELLO_OFFSET - 1, HELLO_TIME - 60_000));
        presence.onRecord(alive("behind", HELLO_OFFSET + 1, HELLO_TIME - 60_000));
        presence.registry().expire(System.nanoTime());

        assertThat(presence.registry().serves("behind")).isTrue();
        assertThat(presence.registry().serves("dead")).isFalse();
    }
}
