package dev.antiphon.transport.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.Request;
import dev.antiphon.RequestOptions;
import dev.antiphon.conformance.RawClient;
import dev.antiphon.conformance.broker.KafkaBroker;
import dev.antiphon.conformance.broker.KafkaBrokers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Requests of others that are not as one would make them: they are their makers' business only. */
class KafkaStrangeRequestsTest {
    private static final KafkaBroker BROKER = KafkaBrokers.shared();
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final String subject = "strange." + UUID.randomUUID();
    private final String replies = subject + ".replies";

    private static KafkaProducer<byte[], byte[]> producer() {
        return new KafkaProducer<>(
                PlainKafkaClient.properties(BROKER.url()), new ByteArraySerializer(), new ByteArraySerializer());
    }

    private void ask(KafkaProducer<byte[], byte[]> producer, String replyTopic, int replyPartition) throws Exception {
        ProducerRecord<byte[], byte[]> request = new ProducerRecord<>(subject, "?".getBytes(UTF_8));
        request.headers()
                .add("kafka_correlationId", ("c-" + replyPartition).getBytes(UTF_8))
                .add("kafka_replyTopic", replyTopic.getBytes(UTF_8))
                .add(
                        "kafka_replyPartition",
                        ByteBuffer.allocate(Integer.BYTES)
                                .putInt(replyPartition)
                                .array());
        producer.send(request).get(20, TimeUnit.SECONDS);
    }

    @Test
    void request_thatWantsItsReplyInAPartitionThatDoesNotExist_isReportedAndHarmsNobody() throws Exception {
        ReportedErrors errors = new ReportedErrors();
        try (Messenger responder =
                        Messenger.builder().url(BROKER.url()).listener(errors).connect();
                Messenger requester = Messenger.connect(BROKER.url());
                KafkaProducer<byte[], byte[]> producer = producer()) {
            responder.respond(subject, Request::message);

            for (int partition : List.of(99, 16_000_000)) {
                ask(producer, "antiphon.replies", partition);
            }
            for (int i = 0; i < 20; i++) {
                assertThat(requester.request(subject, Message.of("!")).join().text())
                        .isEqualTo("!");
            }

            Awaitility.await("both are reported")
                    .atMost(LIMIT)
                    .until(() -> errors.all().size() == 2);
            assertThat(errors.all())
                    .allSatisfy(error -> assertThat(error.code()).isEqualTo(ErrorCode.NOT_FOUND))
                    .anySatisfy(error -> assertThat(error.getCause()).hasMessageContaining("no partition 99"));
            assertThat(requester.request(subject, Message.of("!")).join().text())
                    .isEqualTo("!");
        }
    }

    @Test
    void request_thatWantsItsReplyInAPartitionThatIsNew_isAnswered() throws Exception {
        try (Messenger responder = Messenger.connect(BROKER.url());
                Admin admin = Admin.create(PlainKafkaClient.properties(BROKER.url()));
                KafkaProducer<byte[], byte[]> producer = producer();
                KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                        PlainKafkaClient.properties(BROKER.url()),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer())) {
            admin.createTopics(List.of(new NewTopic(replies, 1, (short) 1)))
                    .all()
                    .get(20, TimeUnit.SECONDS);
            responder.respond(subject, Request::message);
            ask(producer, replies, 0);
            read(consumer, 0, "c-0");

            admin.createPartitions(Map.of(replies, NewPartitions.increaseTo(4)))
                    .all()
                    .get(20, TimeUnit.SECONDS);
            ask(producer, replies, 3);

            read(consumer, 3, "c-3");
        }
    }

    private void read(KafkaConsumer<byte[], byte[]> consumer, int partition, String correlation) {
        TopicPartition place = new TopicPartition(replies, partition);
        consumer.assign(List.of(place));
        consumer.seekToBeginning(List.of(place));
        List<String> read = new ArrayList<>();
        Awaitility.await("the reply in " + place).atMost(LIMIT).until(() -> {
            consumer.poll(Duration.ofMillis(50))
                    .forEach(record -> read.add(new String(
                            record.headers().lastHeader("kafka_correlationId").value(), UTF_8)));
            return !read.isEmpty();
        });
        assertThat(read).containsExactly(correlation);
    }

    /** Whoever serves it is not known yet when it is made: it is asked for. */
    @Test
    void request_withAHeaderThatKafkaNeeds_toAResponderOfOthers_failsAlone() {
        try (Messenger requester = Messenger.connect(BROKER.url());
                RawClient others = PlainKafkaClient.open(BROKER.url(), "topics")) {
            others.subscribe(subject, "others", request -> request.reply(request.message()));

            var strange = requester.request(
                    subject, Message.of("?").withHeader("kafka_replyTopic", "mine"), RequestOptions.timeout(LIMIT));
            var good = requester.request(subject, Message.of("!"), RequestOptions.timeout(LIMIT));

            assertThat(catchThrowableOfType(AntiphonException.class, strange::join))
                    .hasMessageContaining("kafka_replyTopic")
                    .extracting(AntiphonException::code)
                    .isEqualTo(ErrorCode.INVALID_ARGUMENT);
            assertThat(good.join().text()).isEqualTo("!");
            assertThat(catchThrowableOfType(
                                    AntiphonException.class,
                                    () -> requester
                                            .request(subject + ".nobody", Message.of("?"))
                                            .join())
                            .code())
                    .isEqualTo(ErrorCode.NO_RESPONDERS);
        }
    }
}
