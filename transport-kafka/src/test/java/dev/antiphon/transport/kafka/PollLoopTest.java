package dev.antiphon.transport.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;

class PollLoopTest {

    /** So it is when connecting fails halfway: the next attempt waits for the end of the one before. */
    @Test
    void close_withoutAStart_endsAtOnceAndLeavesNoConsumer() {
        KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", "localhost:1"), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        PollLoop loop = new PollLoop(consumer, "never-started", error -> {}, () -> {});

        assertThat(loop.close()).isCompleted();

        assertThatThrownBy(() -> consumer.poll(Duration.ZERO)).isInstanceOf(IllegalStateException.class);
        loop.start();
        assertThat(loop.submit(() -> {})).isCompletedExceptionally();
    }
}
