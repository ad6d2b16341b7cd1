package dev.antiphon.transport.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.antiphon.ConfigurationException;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.Request;
import dev.antiphon.RespondOptions;
import dev.antiphon.conformance.broker.KafkaBroker;
import dev.antiphon.conformance.broker.KafkaBrokers;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The option {@code key-header}. */
class KafkaKeysTest {

    private static final KafkaBroker BROKER = KafkaBrokers.shared();
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String OPTIONS = "?key-header=order&partitions=4";

    private final String subject = "keys." + UUID.randomUUID();

    private static Message message(String key, int number) {
        return Message.of(Integer.toString(number)).withHeader("order", key);
    }

    @Test
    void messagesOfAKey_areInOnePartitionAndInOrder() throws Exception {
        Map<String, List<Integer>> bodies = new ConcurrentHashMap<>();
        Map<String, List<Integer>> partitions = new ConcurrentHashMap<>();
        try (Messenger messenger = Messenger.connect(BROKER.url() + OPTIONS)) {
            messenger.subscribe(subject, delivery -> {
                ConsumerRecord<?, ?> record =
                        delivery.unwrap(ConsumerRecord.class).orElseThrow();
                String key = new String((byte[]) record.key(), UTF_8);
                assertThat(delivery.message().header("order")).contains(key);
                partitions
                        .computeIfAbsent(key, name -> new CopyOnWriteArrayList<>())
                        .add(record.partition());
                bodies.computeIfAbsent(key, name -> new CopyOnWriteArrayList<>())
                        .add(Integer.valueOf(delivery.message().text()));
            });
            Map<String, List<Integer>> sent = new HashMap<>();
            for (int i = 0; i < 200; i++) {
                String key = "order-" + i % 20;
                sent.computeIfAbsent(key, name -> new CopyOnWriteArrayList<>()).add(i);
                CompletableFuture<Void> unused = messenger.publish(subject, message(key, i));
            }

            Awaitility.await("all of them")
                    .atMost(LIMIT)
                    .untilAsserted(() -> assertThat(bodies).isEqualTo(sent));
            assertThat(partitions.values()).allSatisfy(of -> assertThat(of).containsOnly(of.get(0)));
            assertThat(partitions.values().stream().map(of -> of.get(0)).distinct())
                    .as("partitions used")
                    .hasSizeGreaterThan(1);
        }
    }

    @Test
    void requestsOfAKey_areInOnePartition() {
        List<Integer> partitions = new CopyOnWriteArrayList<>();
        try (Messenger messenger = Messenger.connect(BROKER.url() + OPTIONS);
                Messenger observer = Messenger.connect(BROKER.url() + OPTIONS)) {
            observer.subscribe(
                    subject,
                    delivery -> partitions.add(
                            delivery.unwrap(ConsumerRecord.class).orElseThrow().partition()));
            messenger.respond(subject, Request::message, RespondOptions.queueGroup("workers"));
            for (int i = 0; i < 20; i++) {
                messenger.request(subject, message("order-1", i)).join();
            }

            Awaitility.await("all of them")
                    .atMost(LIMIT)
                    .untilAsserted(() -> assertThat(partitions).hasSize(20));
            assertThat(partitions).containsOnly(partitions.get(0));
        }
    }

    @Test
    void keyOfANativeRecord_isTheHeader() throws Exception {
        List<String> keys = new CopyOnWriteArrayList<>();
        Map<String, Object> properties = PlainKafkaClient.properties(BROKER.url());
        try (Messenger messenger = Messenger.connect(BROKER.url() + OPTIONS);
                KafkaProducer<String, String> producer =
                        new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer())) {
            messenger.subscribe(
                    subject,
                    delivery -> keys.add(delivery.message().header("order").orElse("none")));

            producer.send(new ProducerRecord<>(subject, 0, "line\nbreak", "1")).get();
            producer.send(new ProducerRecord<>(subject, 0, null, "2")).get();

            Awaitility.await("both")
                    .atMost(LIMIT)
                    .untilAsserted(() -> assertThat(keys).containsExactly("line\nbreak", "none"));
        }
    }

    @Test
    void headerThatIsOurs_isRefused() {
        for (String name : List.of("kafka_correlationId", "antiphon-subject", "")) {
            assertThatThrownBy(() -> Messenger.connect(BROKER.url() + "?key-header=" + name))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("key-header");
        }
    }
}
