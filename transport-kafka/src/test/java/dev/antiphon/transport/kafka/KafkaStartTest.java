package dev.antiphon.transport.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.SubscribeOptions;
import dev.antiphon.Subscription;
import dev.antiphon.conformance.broker.KafkaBroker;
import dev.antiphon.conformance.broker.KafkaBrokers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KafkaStartTest {
    private static final KafkaBroker BROKER = KafkaBrokers.shared();
    private static final String OUTSIDE = "outside";

    private final String subject = "start." + UUID.randomUUID();
    private final List<String> received = new CopyOnWriteArrayList<>();

    private static Messenger connect(String groups, String start) {
        return Messenger.connect(
                BROKER.url() + "?start=" + start + (groups.equals(OUTSIDE) ? "" : "&groups=" + groups));
    }

    private Subscription subscribe(Messenger messenger, String groups) {
        SubscribeOptions options =
                groups.equals(OUTSIDE) ? SubscribeOptions.DEFAULTS : SubscribeOptions.queueGroup("workers");
        return messenger.subscribe(
                subject, delivery -> received.add(delivery.message().text()), options);
    }

    private void publish(Messenger publisher, String... bodies) throws Exception {
        for (String body : bodies) {
            publisher.publish(subject, Message.of(body)).get(20, TimeUnit.SECONDS);
        }
    }

    private void awaitThat(String... bodies) {
        Awaitility.await("what is expected")
                .atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(received).hasSizeGreaterThanOrEqualTo(bodies.length));
        assertThat(received).containsExactlyInAnyOrder(bodies);
    }

    @ParameterizedTest
    @ValueSource(strings = {OUTSIDE, "share", "consumer", "classic"})
    void earliest_getsWhatIsThere(String groups) throws Exception {
        try (Messenger messenger = connect(groups, "earliest")) {
            publish(messenger, "a", "b");

            subscribe(messenger, groups);
            publish(messenger, "c");

            awaitThat("a", "b", "c");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {OUTSIDE, "share", "consumer", "classic"})
    void time_getsWhatCameSince(String groups) throws Exception {
        try (Messenger publisher = connect(groups, "now")) {
            publish(publisher, "a", "b");
            Instant between = Instant.now().plusMillis(2);
            Awaitility.await("it is later").until(() -> Instant.now().isAfter(between));
            publish(publisher, "c", "d");
            try (Messenger messenger = connect(groups, between.toString())) {
                subscribe(messenger, groups);
                publish(publisher, "e");

                awaitThat("c", "d", "e");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"share", "consumer", "classic"})
    void group_thatHasBegun_goesOnWhereItWas(String groups) throws Exception {
        try (Messenger messenger = connect(groups, "earliest")) {
            publish(messenger, "a");
            subscribe(messenger, groups).drain(Duration.ofSeconds(10)).get(20, TimeUnit.SECONDS);
            awaitThat("a");

            publish(messenger, "while nobody is there");
            subscribe(messenger, groups);
            publish(messenger, "b");

            awaitThat("a", "while nobody is there", "b");
        }
    }

    /** The brokers forget a group's place with the topic; but a member that did not know may have committed it a moment later. */
    @ParameterizedTest
    @ValueSource(strings = {"consumer", "classic"})
    void group_whosePlaceIsInATopicThatWasDeleted_beginsAtTheBeginningOfTheNewOne(String groups) throws Exception {
        String group = "antiphon:workers:" + subject;
        try (Messenger messenger = connect(groups, "earliest&partitions=1");
                Admin admin = Admin.create(PlainKafkaClient.properties(BROKER.url()))) {
            publish(messenger, "a", "b");
            subscribe(messenger, groups).drain(Duration.ofSeconds(10)).get(20, TimeUnit.SECONDS);
            awaitThat("a", "b");
            Map<TopicPartition, OffsetAndMetadata> places = admin.listConsumerGroupOffsets(group)
                    .partitionsToOffsetAndMetadata()
                    .get();
            assertThat(places.get(new TopicPartition(subject, 0)).offset()).isEqualTo(2);

            admin.deleteTopics(List.of(subject)).all().get();
            publish(messenger, "new a", "new b", "new c");
            admin.alterConsumerGroupOffsets(group, places).all().get();
            subscribe(messenger, groups);

            awaitThat("a", "b", "new a", "new b", "new c");
        }
    }
}
