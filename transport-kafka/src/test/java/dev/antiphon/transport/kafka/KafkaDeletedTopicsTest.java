package dev.antiphon.transport.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.MessageHandler;
import dev.antiphon.Messenger;
import dev.antiphon.RequestOptions;
import dev.antiphon.RespondOptions;
import dev.antiphon.SubscribeOptions;
import dev.antiphon.conformance.broker.KafkaBroker;
import dev.antiphon.conformance.broker.KafkaBrokers;
import dev.antiphon.conformance.broker.KafkaConfig;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.ObjectName;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Somebody deletes topics under the messengers that use them; other brokers than those of the suite make none by themselves. */
class KafkaDeletedTopicsTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String REPLIES = "antiphon.replies";
    private static final String PRESENCE = "antiphon.presence";
    /** So many that most of them do not have their replies in the first partition. */
    private static final int REQUESTERS = 3;

    private final String subject = "deleted." + UUID.randomUUID();
    private final ReportedErrors reported = new ReportedErrors();
    private KafkaBroker broker;
    private Admin admin;
    private Messenger responder;
    private List<Messenger> requesters;

    private void open(boolean brokerMakesTopics, String options) {
        broker = KafkaBrokers.open(KafkaFixture.withQuickConsumerGroups(KafkaConfig.plain())
                .withProperty("auto.create.topics.enable", Boolean.toString(brokerMakesTopics)));
        admin = Admin.create(PlainKafkaClient.properties(broker.url()));
        Messenger.connect(broker.url()).close(); // has them made
        responder = connect(options);
        requesters = Stream.generate(() -> connect(options)).limit(REQUESTERS).toList();
    }

    private Messenger connect(String options) {
        return Messenger.builder()
                .url(broker.url() + options)
                .listener(reported)
                .connect();
    }

    @AfterEach
    void close() {
        requesters.forEach(Messenger::close);
        responder.close();
        admin.close();
        broker.close();
    }

    private void delete(String... topics) throws Exception {
        admin.deleteTopics(List.of(topics)).all().get();
    }

    private String ask(Messenger requester) {
        return requester
                .request(subject, Message.of("?"), RequestOptions.DEFAULTS.withTimeout(LIMIT))
                .join()
                .text();
    }

    private void awaitAnswers() {
        requesters.forEach(requester -> Awaitility.await("it is answered again")
                .atMost(LIMIT)
                .ignoreExceptionsInstanceOf(AntiphonException.class)
                .until(() -> requester
                        .request(subject, Message.of("?"))
                        .join()
                        .text()
                        .equals("here")));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void topicsOfTheTransport_thatAreDeleted_areMadeAgain(boolean brokerMakesTopics) throws Exception {
        open(brokerMakesTopics, "");
        responder.respond(subject, request -> Message.of("here"));
        awaitAnswers();

        delete(REPLIES, PRESENCE);
        Awaitility.await("they are there again")
                .atMost(LIMIT)
                .until(() -> admin.listTopics().names().get().containsAll(List.of(REPLIES, PRESENCE)));
        awaitAnswers();

        requesters.forEach(requester -> assertThat(ask(requester)).isEqualTo("here"));
        AntiphonException refused = catchThrowableOfType(
                AntiphonException.class,
                () -> requesters
                        .get(0)
                        .request(subject + ".nobody", Message.of("?"))
                        .join());
        assertThat(refused.code()).isEqualTo(ErrorCode.NO_RESPONDERS);
        try (Messenger late = connect("")) {
            assertThat(ask(late)).isEqualTo("here");
        }
        if (!brokerMakesTopics) {
            assertThat(partitions(REPLIES)).isEqualTo(16);
            assertThat(config(REPLIES, "retention.ms")).isEqualTo("600000");
            assertThat(config(PRESENCE, "message.timestamp.type")).isEqualTo("LogAppendTime");
        }
    }

    private int partitions(String topic) throws Exception {
        return admin.describeTopics(List.of(topic))
                .allTopicNames()
                .get()
                .get(topic)
                .partitions()
                .size();
    }

    private String config(String topic, String name) throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        return admin.describeConfigs(List.of(resource))
                .all()
                .get()
                .get(resource)
                .get(name)
                .value();
    }

    /** The native producer believes for a while that it is still there. */
    @ParameterizedTest
    @ValueSource(strings = {"", "share", "consumer", "classic"})
    void topicOfASubject_thatIsDeleted_isMadeAgainForTheNextRequest(String groups) throws Exception {
        open(false, groups.isEmpty() ? "" : "?groups=" + groups);
        responder.respond(
                subject,
                request -> Message.of("here"),
                groups.isEmpty() ? RespondOptions.DEFAULTS : RespondOptions.queueGroup("workers"));
        awaitAnswers();

        delete(subject);
        Awaitility.await("it is gone")
                .atMost(LIMIT)
                .until(() -> !admin.listTopics().names().get().contains(subject));

        requesters.forEach(requester -> assertThat(ask(requester)).isEqualTo("here"));
    }

    /** Else the native consumer would ask for it, and log the answer, for ever. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void topicThatIsDeleted_isNotAskedForAnyMore(boolean byPattern) throws Exception {
        open(false, "?properties=metric.reporters=org.apache.kafka.common.metrics.JmxReporter");
        responder.subscribe(byPattern ? "deleted.*" : subject, delivery -> {});
        publish(List.of("makes it"));
        Awaitility.await("it is read").atMost(LIMIT).until(this::isAskedFor);

        delete(subject);

        Awaitility.await("it is not asked for").atMost(LIMIT).until(() -> !isAskedFor());
    }

    /** Native consumers have figures of the partitions that they ask for. */
    private boolean isAskedFor() throws JMException {
        ObjectName ofPartitions =
                new ObjectName("kafka.consumer:type=consumer-fetch-manager-metrics,client-id=*,topic=*,partition=*");
        String name = subject.substring(subject.indexOf('.') + 1);
        return ManagementFactory.getPlatformMBeanServer().queryNames(ofPartitions, null).stream()
                .anyMatch(figures -> figures.getKeyProperty("topic").contains(name));
    }

    /** There is more in the new one soon than there was in the old one, which nobody has looked for since it is read. */
    @Test
    void messages_publishedToATopicThatWasDeleted_arriveInOrderAndOnce() throws Exception {
        open(false, "");
        List<String> received = new CopyOnWriteArrayList<>();
        responder.subscribe(subject, delivery -> received.add(delivery.message().text()));
        List<String> before = List.of("1", "2", "3");
        publish(before);
        Awaitility.await("they are there").atMost(LIMIT).until(() -> received.equals(before));

        delete(subject);
        Awaitility.await("it is gone")
                .atMost(LIMIT)
                .until(() -> !admin.listTopics().names().get().contains(subject));
        List<String> after = bodies("new", 20);
        publish(after);
        Awaitility.await("the last is there").atMost(LIMIT).until(() -> received.contains("new 19"));

        assertThat(received.subList(before.size(), received.size())).isEqualTo(after);
        assertThat(reported.all())
                .filteredOn(error -> error.code() == ErrorCode.DATA_LOSS)
                .as("nobody has read the new one at a place in the old one")
                .extracting(AntiphonException::getMessage)
                .singleElement()
                .asString()
                .contains("topics were deleted", subject);
    }

    /** Its handlers have all that they may have, so that the native consumer asks for no more and is not told. */
    @ParameterizedTest
    @ValueSource(strings = {"consumer", "classic"})
    void groupThatIsBusyWithADeletedTopic_readsTheNewOneFromItsBeginning(String groups) throws Exception {
        open(false, "?partitions=1&groups=" + groups);
        List<String> received = new CopyOnWriteArrayList<>();
        CountDownLatch release = new CountDownLatch(1);
        MessageHandler held = delivery -> {
            received.add(delivery.message().text());
            release.await();
        };
        responder.subscribe(subject, held, SubscribeOptions.queueGroup("workers"));
        publish(bodies("old", 64));
        Awaitility.await("the first is with its handler").atMost(LIMIT).until(() -> !received.isEmpty());

        delete(subject);
        Awaitility.await("it is made anew")
                .atMost(LIMIT)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> isMade(new NewTopic(subject, 1, (short) 1)));
        List<String> after = bodies("new", 70);
        publish(after);
        release.countDown();

        Awaitility.await("all of the new one are there").atMost(LIMIT).until(() -> received.containsAll(after));
    }

    private static List<String> bodies(String name, int count) {
        return IntStream.range(0, count).mapToObj(i -> name + " " + i).toList();
    }

    private void publish(List<String> bodies) {
        List<CompletableFuture<Void>> sent = bodies.stream()
                .map(body -> requesters.get(0).publish(subject, Message.of(body)))
                .toList();
        assertThat(sent).allSatisfy(one -> assertThat(one).succeedsWithin(LIMIT));
    }

    @Test
    void topicsOfTheTransport_thatMayNotBeMade_areMissedUntilTheyAreThere() throws Exception {
        open(false, "?create-topics=false");
        admin.createTopics(List.of(new NewTopic(subject, 1, (short) 1))).all().get();
        responder.respond(subject, request -> Message.of("here"));
        awaitAnswers();

        delete(REPLIES);
        Awaitility.await("it is reported by each messenger")
                .atMost(LIMIT)
                .until(() -> reported.all().stream()
                                .filter(error -> error.code() == ErrorCode.NOT_FOUND
                                        && error.getMessage().contains(REPLIES))
                                .count()
                        > REQUESTERS);
        Awaitility.await("it is made with fewer partitions")
                .atMost(LIMIT)
                .until(() -> isMade(new NewTopic(REPLIES, 1, (short) 1)));
        awaitAnswers();
    }

    private boolean isMade(NewTopic topic) throws InterruptedException {
        KafkaFuture<Void> made = admin.createTopics(List.of(topic)).all();
        try {
            made.get();
            return true;
        } catch (ExecutionException notYetGone) {
            return false;
        }
    }
}
