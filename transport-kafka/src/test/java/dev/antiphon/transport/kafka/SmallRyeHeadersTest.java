package dev.antiphon.transport.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.conformance.broker.KafkaBroker;
import dev.antiphon.conformance.broker.KafkaBrokers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A requester that names its reply topic as SmallRye Reactive Messaging does, in the headers that its documentation gives. */
class SmallRyeHeadersTest {
    private static final KafkaBroker BROKER = KafkaBrokers.shared();
    private static final int PARTITION = 2;

    private final String subject = "smallrye." + UUID.randomUUID();

    @Test
    void request_withTheHeadersOfSmallRye_isAnsweredWithThem() throws Exception {
        TopicPartition replies = new TopicPartition(subject + ".replies", PARTITION);
        try (Messenger messenger = Messenger.connect(BROKER.url());
                Admin admin = Admin.create(PlainKafkaClient.properties(BROKER.url()));
                KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                        PlainKafkaClient.properties(BROKER.url()),
                        new ByteArraySerializer(),
                        new ByteArraySerializer());
                KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                        PlainKafkaClient.properties(BROKER.url()),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer())) {
            admin.createTopics(List.of(new NewTopic(replies.topic(), PARTITION + 1, (short) 1)))
                    .all()
                    .get(30, TimeUnit.SECONDS);
            consumer.assign(List.of(replies));
            consumer.seekToBeginning(List.of(replies));
            messenger.respond(subject, request -> Message.of("re: " + request.text()));

            ProducerRecord<byte[], byte[]> request = new ProducerRecord<>(subject, "?".getBytes(UTF_8));
            request.headers()
                    .add("REPLY_CORRELATION_ID", "c-1".getBytes(UTF_8))
                    .add("REPLY_TOPIC", replies.topic().getBytes(UTF_8))
                    .add(
                            "REPLY_PARTITION",
                            ByteBuffer.allocate(Integer.BYTES).putInt(PARTITION).array());
            producer.send(request).get(30, TimeUnit.SECONDS);

            List<ConsumerRecord<byte[], byte[]>> received = new ArrayList<>();
            Awaitility.await("the reply").atMost(Duration.ofSeconds(30)).until(() -> {
                consumer.poll(Duration.ofMillis(100)).forEach(received::add);
                return !received.isEmpty();
            });
            assertThat(received.get(0).value()).isEqualTo("re: ?".getBytes(UTF_8));
            assertThat(received.get(0)
                            .headers()
                            .lastHeader("REPLY_CORRELATION_ID")
                            .value())
                    .isEqualTo("c-1".getBytes(UTF_8));
        }
    }
}
