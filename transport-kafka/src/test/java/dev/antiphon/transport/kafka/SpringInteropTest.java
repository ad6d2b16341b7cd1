package dev.antiphon.transport.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.RequestOptions;
import dev.antiphon.RespondOptions;
import dev.antiphon.conformance.broker.KafkaBroker;
import dev.antiphon.conformance.broker.KafkaBrokers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.annotation.EnableKafka;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.config.ConcurrentKafkaListenerContainerFactory;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.core.KafkaAdmin;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.listener.ConsumerAwareRebalanceListener;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.listener.KafkaMessageListenerContainer;
import org.springframework.kafka.requestreply.ReplyingKafkaTemplate;
import org.springframework.messaging.handler.annotation.SendTo;

/** Spring's programs and ours ask each other, with the headers that Spring has made the usual ones. */
class SpringInteropTest {
    private static final KafkaBroker BROKER = KafkaBrokers.shared();
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final String subject = "spring." + UUID.randomUUID();

    @Test
    void replyingKafkaTemplate_asks_ourResponderAnswers() throws Exception {
        for (RespondOptions options : new RespondOptions[] {RespondOptions.DEFAULTS, RespondOptions.queueGroup("g")}) {
            String asked = subject + "." + options.queueGroup().orElse("none");
            try (Messenger messenger = Messenger.connect(BROKER.url())) {
                messenger.respond(asked, request -> Message.of("re: " + request.text()), options);
                messenger.publish(asked, Message.of("so that the topic exists")).get(30, TimeUnit.SECONDS);
                ReplyingKafkaTemplate<String, String, String> template = template();
                try {
                    var record = new ProducerRecord<String, String>(asked, "from Spring");

                    var reply = template.sendAndReceive(record, LIMIT).get(30, TimeUnit.SECONDS);

                    assertThat(reply.value()).isEqualTo("re: from Spring");
                } finally {
                    template.destroy();
                }
            }
        }
    }

    private ReplyingKafkaTemplate<String, String, String> template() throws InterruptedException {
        ContainerProperties properties = new ContainerProperties(subject + ".replies");
        properties.setGroupId(UUID.randomUUID().toString());
        ReplyingKafkaTemplate<String, String, String> template = new ReplyingKafkaTemplate<>(
                new DefaultKafkaProducerFactory<>(producer()),
                new KafkaMessageListenerContainer<>(new DefaultKafkaConsumerFactory<>(consumer()), properties));
        // Without the wait, the first reply gets lost: the consumer has no place yet.
        template.start();
        assertThat(template.waitForAssignment(LIMIT)).isTrue();
        return template;
    }

    @Test
    void ourRequester_asks_kafkaListenerAnswers() throws Exception {
        try (AnnotationConfigApplicationContext spring = new AnnotationConfigApplicationContext()) {
            spring.getEnvironment().getSystemProperties().put("subject", subject);
            spring.register(Listener.class);
            spring.refresh();
            assertThat(spring.getBean(Positioned.class).done.await(LIMIT.toMillis(), TimeUnit.MILLISECONDS))
                    .as("the listener has its partition")
                    .isTrue();
            try (Messenger messenger = Messenger.connect(BROKER.url())) {
                for (int i = 0; i < 50; i++) {
                    assertThat(messenger
                                    .request(subject, Message.of("hello " + i), RequestOptions.timeout(LIMIT))
                                    .join()
                                    .text())
                            .isEqualTo("HELLO " + i);
                }
            }
        } finally {
            System.clearProperty("subject");
        }
    }

    /** Whoever follows such a header writes where only messengers write, or asks itself. */
    @Test
    void request_thatWantsItsReplyWhereNobodyReadsReplies_getsNoneAndIsReported() throws Exception {
        ReportedErrors errors = new ReportedErrors();
        List<String> places = List.of("antiphon.presence", "__consumer_offsets", subject, "no topic");
        try (Messenger messenger =
                        Messenger.builder().url(BROKER.url()).listener(errors).connect();
                KafkaProducer<String, String> producer = new KafkaProducer<>(producer());
                PlainKafkaClient honest = PlainKafkaClient.open(BROKER.url(), "topics")) {
            messenger.respond(subject, request -> Message.of("re: " + request.text()));
            messenger.publish(subject, Message.of("so that the topic exists")).get(30, TimeUnit.SECONDS);
            for (String place : places) {
                ProducerRecord<String, String> request = new ProducerRecord<>(subject, "for " + place);
                request.headers()
                        .add("kafka_replyTopic", place.getBytes(UTF_8))
                        .add("kafka_replyPartition", new byte[Integer.BYTES])
                        .add("kafka_correlationId", "id".getBytes(UTF_8));
                producer.send(request).get(30, TimeUnit.SECONDS);
            }

            assertThat(honest.request(subject, Message.of("fine"), LIMIT).map(Message::text))
                    .contains("re: fine");
            Awaitility.await("each is reported")
                    .atMost(LIMIT)
                    .until(() -> errors.all().size() >= places.size());
            assertThat(errors.all()).hasSize(places.size()).allSatisfy(error -> {
                assertThat(error.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
                assertThat(error).hasMessageContaining(subject);
            });
        }
        assertThat(bodies("antiphon.presence")).isNotEmpty().noneMatch(body -> body.contains("re: "));
        assertThat(bodies(subject)).hasSize(places.size() + 2).noneMatch(body -> body.contains("re: "));
    }

    /** All that a topic holds. */
    private static List<String> bodies(String topic) {
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(consumer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            List<String> bodies = new ArrayList<>();
            while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> bodies.add(record.value()));
            }
            return bodies;
        }
    }

    private static Map<String, Object> producer() {
        Map<String, Object> all = new HashMap<>(PlainKafkaClient.properties(BROKER.url()));
        all.put("key.serializer", StringSerializer.class);
        all.put("value.serializer", StringSerializer.class);
        return all;
    }

    private static Map<String, Object> consumer() {
        Map<String, Object> all = new HashMap<>(PlainKafkaClient.properties(BROKER.url()));
        all.put("key.deserializer", StringDeserializer.class);
        all.put("value.deserializer", StringDeserializer.class);
        return all;
    }

    /** Told when the listener has its partition, and knows where to begin there: what is sent from then on is read. */
    static final class Positioned implements ConsumerAwareRebalanceListener {
        private final CountDownLatch done = new CountDownLatch(1);

        @Override
        public void onPartitionsAssigned(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
            if (!partitions.isEmpty()) {
                partitions.forEach(consumer::position);
                done.countDown();
            }
        }
    }

    /** A service as Spring's documentation has it. */
    @Configuration
    @EnableKafka
    static class Listener {
        @Bean
        Positioned positioned() {
            return new Positioned();
        }

        @Bean
        NewTopic topic() {
            return new NewTopic(System.getProperty("subject"), 1, (short) 1);
        }

        @Bean
        KafkaAdmin admin() {
            return new KafkaAdmin(PlainKafkaClient.properties(BROKER.url()));
        }

        @Bean
        ConcurrentKafkaListenerContainerFactory<String, String> kafkaListenerContainerFactory(Positioned positioned) {
            var factory = new ConcurrentKafkaListenerContainerFactory<String, String>();
            factory.setConsumerFactory(new DefaultKafkaConsumerFactory<>(consumer()));
            factory.getContainerProperties().setConsumerRebalanceListener(positioned);
            factory.setReplyTemplate(new KafkaTemplate<>(new DefaultKafkaProducerFactory<>(producer())));
            return factory;
        }

        @KafkaListener(topics = "#{systemProperties['subject']}", groupId = "spring-service")
        @SendTo
        public String answer(String request) {
            return request.toUpperCase(java.util.Locale.ROOT);
        }
    }
}
