package dev.antiphon.transport.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.SubscribeOptions;
import dev.antiphon.Subscription;
import dev.antiphon.conformance.broker.KafkaBroker;
import dev.antiphon.conformance.broker.KafkaBrokers;
import dev.antiphon.conformance.broker.KafkaConfig;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens to topics, and to the right to read them, while they are read. */
class KafkaReadingTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private static KafkaBroker broker;
    private static Admin admin;

    private final String subject = "reading." + UUID.randomUUID();
    private final List<String> received = new CopyOnWriteArrayList<>();
    private final ReportedErrors reported = new ReportedErrors();

    @BeforeAll
    static void start() {
        broker = KafkaBrokers.open(KafkaFixture.withQuickConsumerGroups(KafkaConfig.plain())
                .withUser("admin", "admin")
                .withUser("alice", "alice")
                .withProperty("group.share.max.size", "2")
                .withProperty("group.consumer.max.size", "2")
                .withProperty("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
                .withProperty("allow.everyone.if.no.acl.found", "true")
                .withProperty("super.users", "User:admin;User:ANONYMOUS"));
        admin = Admin.create(PlainKafkaClient.properties(url("admin")));
    }

    @AfterAll
    static void stop() {
        admin.close();
        broker.close();
    }

    private static String url(String user) {
        return broker.url().replace("://", "://" + user + ":" + user + "@");
    }

    private Messenger connect(String user, String options) {
        return Messenger.builder().url(url(user) + options).listener(reported).connect();
    }

    private Subscription subscribe(Messenger messenger, SubscribeOptions options) {
        return messenger.subscribe(
                subject, delivery -> received.add(delivery.message().text()), options);
    }

    private static AclBinding denied(ResourceType type, String name) {
        return new AclBinding(
                new ResourcePattern(type, name, PatternType.LITERAL),
                new AccessControlEntry("User:alice", "*", AclOperation.READ, AclPermissionType.DENY));
    }

    private void publish(Messenger publisher, String body) throws Exception {
        publisher.publish(subject, Message.of(body)).get(20, TimeUnit.SECONDS);
    }

    private void await(String... bodies) {
        Awaitility.await("what was sent is there")
                .atMost(LIMIT)
                .untilAsserted(() -> assertThat(received).containsExactly(bodies));
    }

    private void awaitRefusal() {
        Awaitility.await("it is reported")
                .atMost(LIMIT)
                .until(() -> reported.codes().contains(ErrorCode.PERMISSION_DENIED));
    }

    @Test
    void topic_thatMayNotBeReadForAWhile_isReadAgain() throws Exception {
        try (Messenger alice = connect("alice", "");
                Messenger publisher = connect("admin", "")) {
            subscribe(alice, SubscribeOptions.DEFAULTS);
            publish(publisher, "before");
            await("before");
            AclBinding denied = denied(ResourceType.TOPIC, subject);
            admin.createAcls(List.of(denied)).all().get();
            awaitRefusal();
            publish(publisher, "meanwhile");
            admin.deleteAcls(List.of(denied.toFilter())).all().get();
            publish(publisher, "after");

            await("before", "meanwhile", "after");
            assertThat(reported.codes()).containsOnlyOnce(ErrorCode.PERMISSION_DENIED);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"share", "consumer"})
    void group_thatMayNotBeReadForAWhile_isReadAgain(String groups) throws Exception {
        try (Messenger alice = connect("alice", "?groups=" + groups);
                Messenger publisher = connect("admin", "?groups=" + groups)) {
            subscribe(alice, SubscribeOptions.queueGroup("workers"));
            publish(publisher, "before");
            await("before");
            AclBinding denied = denied(ResourceType.GROUP, "antiphon:workers:" + subject);
            admin.createAcls(List.of(denied)).all().get();
            awaitRefusal();
            admin.deleteAcls(List.of(denied.toFilter())).all().get();
            publish(publisher, "after");

            Awaitility.await("it is read again").atMost(LIMIT).until(() -> received.contains("after"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"share", "consumer"})
    void subscribe_groupThatIsFull_isRefused(String groups) {
        try (Messenger first = connect("admin", "?groups=" + groups);
                Messenger second = connect("admin", "?groups=" + groups);
                Messenger third = connect("admin", "?groups=" + groups)) {
            subscribe(first, SubscribeOptions.queueGroup("workers"));
            subscribe(second, SubscribeOptions.queueGroup("workers"));

            AntiphonException refused = catchThrowableOfType(
                    AntiphonException.class, () -> subscribe(third, SubscribeOptions.queueGroup("workers")));

            assertThat(refused.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
            assertThat(refused).hasMessageContaining("group");
        }
    }

    @Test
    void drain_whereATransactionsMarkerIsLast_ends() throws Exception {
        Map<String, Object> config = new HashMap<>(PlainKafkaClient.properties(url("admin")));
        config.put("transactional.id", subject);
        try (Messenger messenger = connect("admin", "");
                KafkaProducer<byte[], byte[]> producer =
                        new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            publish(messenger, "makes the topic");
            Subscription subscription = subscribe(messenger, SubscribeOptions.DEFAULTS);
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(subject, "in it".getBytes(UTF_8)));
            producer.flush();
            await("in it");
            producer.commitTransaction();

            assertThat(subscription
                            .drain(Duration.ofSeconds(15))
                            .get(10, TimeUnit.SECONDS)
                            .complete())
                    .isTrue();
        }
    }

    @Test
    void topic_thatIsDeletedAndMadeAnew_isReadFromItsBeginning() throws Exception {
        try (Messenger messenger = connect("admin", "");
                KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                        PlainKafkaClient.properties(url("admin")),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            subscribe(messenger, SubscribeOptions.DEFAULTS);
            for (String body : List.of("1", "2", "3")) {
                publish(messenger, body);
            }
            await("1", "2", "3");

            admin.deleteTopics(List.of(subject)).all().get();
            Awaitility.await("it is made anew").atMost(LIMIT).until(this::isMade);
            producer.send(new ProducerRecord<>(subject, "new".getBytes(UTF_8))).get();

            await("1", "2", "3", "new");
        }
    }

    private boolean isMade() throws InterruptedException {
        try {
            admin.createTopics(List.of(new NewTopic(subject, 1, (short) 1)))
                    .all()
                    .get();
            return true;
        } catch (ExecutionException notYetGone) {
            return false;
        }
    }
}
