package dev.antiphon.transport.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.antiphon.AntiphonException;
import dev.antiphon.ConnectionState;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.Request;
import dev.antiphon.RespondOptions;
import dev.antiphon.SubscribeOptions;
import dev.antiphon.conformance.broker.KafkaBroker;
import dev.antiphon.conformance.broker.KafkaBrokers;
import dev.antiphon.conformance.broker.KafkaConfig;
import dev.antiphon.conformance.broker.KafkaServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A broker that is out of reach for a while, or does not answer: what is in Kafka's nature, so that no rule of the suite asks for it. */
class KafkaOutageTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private static KafkaBroker broker;

    private final String subject = "outage." + UUID.randomUUID();

    @BeforeAll
    static void open() {
        broker = KafkaBrokers.open(KafkaFixture.withQuickConsumerGroups(KafkaConfig.plain()));
    }

    @AfterAll
    static void close() {
        broker.close();
    }

    private static void publish(Messenger messenger, String subject, String body) throws Exception {
        messenger.publish(subject, Message.of(body)).get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static void awaitAll(List<String> received, List<String> expected) {
        Awaitility.await("all are there").atMost(LIMIT).until(() -> received.containsAll(expected));
    }

    @ParameterizedTest
    @ValueSource(strings = {"share", "consumer", "classic"})
    void publishedWhileSubscribersAreCutOff_theyHaveItAllOnceWhenTheyAreBack(String groups) throws Exception {
        String forGroup = subject + ".group";
        List<String> meanwhile =
                IntStream.range(0, 100).mapToObj(i -> "message " + i).toList();
        List<String> outside = new CopyOnWriteArrayList<>();
        List<String> member = new CopyOnWriteArrayList<>();
        try (Messenger publisher = Messenger.connect(broker.url() + "?groups=" + groups);
                Messenger behind = Messenger.connect(broker.proxiedUrl() + "?groups=" + groups)) {
            behind.subscribe(subject, delivery -> outside.add(delivery.message().text()));
            behind.subscribe(
                    forGroup,
                    delivery -> member.add(delivery.message().text()),
                    SubscribeOptions.queueGroup("workers"));
            publish(publisher, subject, "before");
            publish(publisher, forGroup, "before");
            awaitAll(outside, List.of("before"));
            awaitAll(member, List.of("before"));

            broker.proxy().disappear();
            Awaitility.await("the loss is noticed")
                    .atMost(LIMIT)
                    .until(() -> behind.state() == ConnectionState.RECONNECTING);
            for (String body : meanwhile) {
                publish(publisher, subject, body);
                publish(publisher, forGroup, body);
            }
            broker.proxy().heal();
            publish(publisher, subject, "last");
            awaitAll(outside, List.of("last"));
            awaitAll(member, meanwhile);

            assertThat(outside.subList(1, outside.size() - 1)).isEqualTo(meanwhile);
            member.removeIf("before"::equals); // whose settlement was under way perhaps
            assertThat(member).containsExactlyInAnyOrderElementsOf(meanwhile);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"consumer", "classic"})
    void memberThatTheGroupHasGivenUp_whenItIsBack_hasEverything(String groups) throws Exception {
        List<String> received = new CopyOnWriteArrayList<>();
        List<String> meanwhile =
                IntStream.range(0, 100).mapToObj(i -> "message " + i).toList();
        try (Admin admin = Admin.create(PlainKafkaClient.properties(broker.url()));
                Messenger publisher = Messenger.connect(broker.url() + "?groups=" + groups);
                Messenger member = Messenger.connect(broker.proxiedUrl() + "?groups=" + groups)) {
            member.subscribe(
                    subject,
                    delivery -> received.add(delivery.message().text()),
                    SubscribeOptions.queueGroup("workers"));
            publish(publisher, subject, "before");
            awaitAll(received, List.of("before"));

            broker.proxy().disappear();
            Awaitility.await("the group is empty").atMost(LIMIT).until(() -> members(admin) == 0);
            for (String body : meanwhile) {
                publish(publisher, subject, body);
            }
            broker.proxy().heal();
            awaitAll(received, meanwhile);

            received.removeIf("before"::equals); // whose settlement was under way perhaps
            assertThat(received).containsExactlyInAnyOrderElementsOf(meanwhile);
        }
    }

    private int members(Admin admin) throws Exception {
        String group = "antiphon:workers:" + subject;
        return admin.describeConsumerGroups(List.of(group))
                .all()
                .get()
                .get(group)
                .members()
                .size();
    }

    @ParameterizedTest
    @ValueSource(strings = {"share", "consumer", "classic"})
    void brokerThatHasLostEverything_isGoneOnWith(String groups) {
        List<String> subjects = List.of("exact", "group.a", "all.a");
        try (KafkaServer forgetful = KafkaBrokers.open(KafkaFixture.withQuickConsumerGroups(KafkaConfig.plain()));
                Messenger responder = Messenger.connect(forgetful.url() + "?groups=" + groups);
                Messenger requester = Messenger.connect(forgetful.url() + "?groups=" + groups)) {
            responder.respond("exact", Request::message, RespondOptions.queueGroup("workers"));
            responder.respond("group.*", Request::message, RespondOptions.queueGroup("workers"));
            responder.respond("all.*", Request::message);
            subjects.forEach(asked -> ask(requester, asked));

            forgetful.kill();
            forgetful.loseEverything();
            forgetful.start();

            for (String asked : subjects) {
                Awaitility.await(asked + " is answered again")
                        .atMost(LIMIT)
                        .ignoreExceptionsInstanceOf(AntiphonException.class)
                        .until(() -> ask(requester, asked));
            }
            ask(requester, "all.b");
            ask(requester, "group.b");
        }
    }

    private static boolean ask(Messenger requester, String asked) {
        return requester.request(asked, Message.of("?")).join().text().equals("?");
    }

    @Test
    void brokerThatDoesNotAnswer_publicationsBeyondMaxPendingAreRefused() throws Exception {
        Message message = Message.of("x".repeat(1024));
        List<CompletableFuture<Void>> taken = new ArrayList<>();
        try (Messenger messenger = Messenger.connect(broker.url() + "?max-pending=65536")) {
            publish(messenger, subject, "the topic is there");
            CompletableFuture<Void> last;
            broker.pause();
            try {
                last = messenger.publish(subject, message);
                while (!last.isDone() && taken.size() < 65) {
                    taken.add(last);
                    last = messenger.publish(subject, message);
                }
            } finally {
                broker.resume();
            }

            assertThat(last).isCompletedExceptionally();
            AntiphonException refused = (AntiphonException)
                    catchThrowableOfType(CompletionException.class, last::join).getCause();
            assertThat(refused.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
            assertThat(refused.mayHaveExecuted()).isFalse();
            assertThat(taken).hasSizeBetween(32, 64);
            for (CompletableFuture<Void> published : taken) {
                published.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            }
            publish(messenger, subject, "there is room again");
        }
    }
}
