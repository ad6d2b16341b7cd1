package dev.antiphon.transport.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.Request;
import dev.antiphon.SubscribeOptions;
import dev.antiphon.conformance.broker.KafkaBroker;
import dev.antiphon.conformance.broker.KafkaBrokers;
import dev.antiphon.spi.InboundHandler;
import dev.antiphon.spi.SubscribeSpec;
import dev.antiphon.spi.TransportConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Options that have no tests of their own elsewhere. */
class KafkaOptionsTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private static final KafkaBroker BROKER = KafkaBrokers.shared();
    private static Admin admin;

    private final String subject = "options." + UUID.randomUUID();

    @BeforeAll
    static void open() {
        admin = Admin.create(PlainKafkaClient.properties(BROKER.url()));
    }

    @AfterAll
    static void close() {
        admin.close();
    }

    private static Messenger connect(String... options) {
        return Messenger.connect(BROKER.url() + "?" + String.join("&", options));
    }

    private static void create(String topic) throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
    }

    private static void publish(Messenger messenger, String subject, String body) throws Exception {
        messenger.publish(subject, Message.of(body)).get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static AntiphonException failure(ThrowingCallable what) {
        return catchThrowableOfType(AntiphonException.class, what);
    }

    private static AntiphonException failure(CompletableFuture<?> future) {
        CompletionException failure = catchThrowableOfType(CompletionException.class, future::join);
        return (AntiphonException) failure.getCause();
    }

    private static List<String> numbered(String what, int count) {
        return IntStream.range(0, count).mapToObj(i -> what + " " + i).toList();
    }

    // -- topic-refresh --

    @Test
    void topicRefresh_topicsAndPartitionsThatOthersMake_areNoticedAndReadFromTheirBeginning() throws Exception {
        String there = subject + ".there";
        String later = subject + ".later";
        List<String> received = new CopyOnWriteArrayList<>();
        List<String> receivedLate = new CopyOnWriteArrayList<>();
        create(there);
        try (Messenger looks = connect("topic-refresh=200ms");
                Messenger hardlyLooks = connect("topic-refresh=1h")) {
            looks.subscribe(
                    subject + ".*", delivery -> received.add(delivery.message().text()));
            hardlyLooks.subscribe(
                    subject + ".*",
                    delivery -> receivedLate.add(delivery.message().text()));

            create(later);
            admin.createPartitions(Map.of(there, NewPartitions.increaseTo(3)))
                    .all()
                    .get();
            List<String> sent = new ArrayList<>();
            try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                    PlainKafkaClient.properties(BROKER.url()), new ByteArraySerializer(), new ByteArraySerializer())) {
                for (String body : numbered("message", 10)) {
                    sent.add(send(producer, there, 1, body));
                    sent.add(send(producer, there, 2, body));
                    sent.add(send(producer, later, 0, body));
                }
            }

            Awaitility.await("all are there")
                    .atMost(LIMIT)
                    .untilAsserted(() -> assertThat(received).containsExactlyInAnyOrderElementsOf(sent));
            assertThat(receivedLate).isEmpty();
        }
    }

    private static String send(KafkaProducer<byte[], byte[]> producer, String topic, int partition, String body)
            throws Exception {
        String text = topic + " " + partition + " " + body;
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, partition, null, text.getBytes(UTF_8));
        producer.send(record).get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        return text;
    }

    // -- create-topics --

    @Test
    void createTopics_false_whatNeedsATopicThatIsMissingFailsAndNamesIt() throws Exception {
        connect().close(); // has the messengers' own topics made
        try (Messenger messenger = connect("create-topics=false", "topic-refresh=200ms")) {
            messenger.respond(subject, Request::message); // the topic may come later

            List<AntiphonException> failures = List.of(
                    failure(messenger.publish(subject, Message.of("?"))),
                    failure(messenger.request(subject, Message.of("?")).toCompletableFuture()),
                    failure(() ->
                            messenger.subscribe(subject, delivery -> {}, SubscribeOptions.queueGroup("workers"))));

            assertThat(failures).allSatisfy(failure -> {
                assertThat(failure.code()).isEqualTo(ErrorCode.NOT_FOUND);
                assertThat(failure).hasMessageContaining("there is no topic " + subject);
                assertThat(failure.subject()).isEqualTo(subject);
                assertThat(failure.mayHaveExecuted()).isFalse();
            });
            assertThat(admin.listTopics().names().get()).doesNotContain(subject);

            create(subject);
            Awaitility.await("the topic is noticed")
                    .atMost(LIMIT)
                    .ignoreExceptions()
                    .until(() -> messenger
                            .request(subject, Message.of("now"))
                            .join()
                            .text()
                            .equals("now"));
        }
    }

    @Test
    void createTopics_falseWithoutTheMessengersOwnTopics_connectingTellsWhatToDo() {
        String prefix = "missing-" + UUID.randomUUID();

        AntiphonException failure =
                failure(() -> connect("create-topics=false", "prefix=" + prefix).close());

        assertThat(failure.code()).isEqualTo(ErrorCode.NOT_FOUND);
        assertThat(failure)
                .hasMessageContaining(prefix + ".presence")
                .hasMessageContaining(prefix + ".replies")
                .hasMessageContaining("create-topics");
    }

    // -- presence-interval --

    @Test
    void presenceInterval_ofAResponderIsMuchLonger_itIsKnownAllTheSame() {
        String prefix = "prefix=seldom-" + UUID.randomUUID();
        try (Messenger responder = connect(prefix, "presence-interval=10s")) {
            responder.respond(subject, Request::message);
            long said = System.nanoTime();
            Awaitility.await("that is longer ago than the requester would remember of its like")
                    .until(() ->
                            System.nanoTime() - said > Duration.ofMillis(500).toNanos());

            try (Messenger requester = connect(prefix, "presence-interval=5ms")) {
                assertThat(requester.request(subject, Message.of("?")).join().text())
                        .isEqualTo("?");
            }
        }
    }

    // -- prefix, reply-partitions --

    @Test
    void replyPartitions_one_requestersShareItAndGetTheirOwnReplies() throws Exception {
        String prefix = "own-" + UUID.randomUUID();
        String[] options = {"prefix=" + prefix, "reply-partitions=1"};
        try (Messenger responder = connect(options);
                Messenger one = connect(options);
                Messenger other = connect(options)) {
            responder.respond(subject, Request::message);
            List<CompletableFuture<String>> replies = new ArrayList<>();
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                for (Messenger requester : List.of(one, other)) {
                    String question = (requester == one ? "one " : "other ") + i;
                    expected.add(question);
                    replies.add(requester
                            .request(subject, Message.of(question))
                            .toCompletableFuture()
                            .thenApply(Message::text));
                }
            }

            assertThat(replies.stream().map(CompletableFuture::join)).containsExactlyElementsOf(expected);
            assertThat(List.of(one.stats(), other.stats())).allSatisfy(stats -> {
                assertThat(stats.repliesReceived()).isEqualTo(100);
                assertThat(stats.lateReplies() + stats.duplicateReplies() + stats.unknownReplies())
                        .isZero();
            });
            assertThat(admin.describeTopics(List.of(prefix + ".replies"))
                            .allTopicNames()
                            .get()
                            .get(prefix + ".replies")
                            .partitions())
                    .hasSize(1);
        }
    }

    // -- max-unhandled --

    @Test
    void maxUnhandled_handlerThatBlocks_itsPartitionPausesAndOthersGoOn() throws Exception {
        String other = subject + ".other";
        String filling = "x".repeat(16 * 1024);
        List<String> received = new CopyOnWriteArrayList<>();
        List<String> receivedByOther = new CopyOnWriteArrayList<>();
        CountDownLatch over = new CountDownLatch(1);
        KafkaLink link = link(Map.of("max-unhandled", "65536"));
        try (Messenger publisher = connect()) {
            link.start(new Silent()).get(20, TimeUnit.SECONDS);
            Session session = link.connected(null);
            FanOut slow = subscribe(link, subject, message -> {
                awaitUninterruptibly(over);
                received.add(message.message().text().substring(filling.length()));
            });
            subscribe(
                    link,
                    other,
                    message -> receivedByOther.add(message.message().text()));
            for (String body : numbered("", 10)) {
                publish(publisher, subject, filling + body);
            }
            Awaitility.await("the partition pauses").atMost(LIMIT).until(() -> isPaused(session));
            Map<TopicPartition, Long> place =
                    onPollThread(session, () -> session.loop().places(slow));

            for (String body : numbered("", 60).subList(10, 60)) {
                publish(publisher, subject, filling + body);
                publish(publisher, other, body);
            }
            Awaitility.await("the other goes on").atMost(LIMIT).until(() -> receivedByOther.size() == 50);
            assertThat(onPollThread(session, () -> session.loop().places(slow))).isEqualTo(place);
            assertThat(received).isEmpty();
            over.countDown();

            Awaitility.await("all are handled").atMost(LIMIT).until(() -> received.size() >= 60 && !isPaused(session));
            assertThat(received).containsExactlyElementsOf(numbered("", 60));
        } finally {
            over.countDown();
            link.close(Duration.ofSeconds(2));
        }
    }

    private static KafkaLink link(Map<String, String> options) {
        TransportConfig.Address address = new TransportConfig.Address(
                BROKER.address().getHostString(), BROKER.address().getPort());
        return new KafkaLink(
                new Settings(new TransportConfig("kafka", List.of(address), "", null, null, "options", options)));
    }

    private static FanOut subscribe(KafkaLink link, String subject, InboundHandler handler) throws Exception {
        FanOut subscription = new FanOut(link, new SubscribeSpec(subject, null, 10, true), handler);
        subscription.subscribe().get(20, TimeUnit.SECONDS);
        return subscription;
    }

    private static boolean isPaused(Session session) throws Exception {
        return !onPollThread(session, () -> session.loop().consumer().paused()).isEmpty();
    }

    private static <T> T onPollThread(Session session, Supplier<T> question) throws Exception {
        AtomicReference<T> answer = new AtomicReference<>();
        session.loop().submit(() -> answer.set(question.get())).get(20, TimeUnit.SECONDS);
        return answer.get();
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // -- properties, properties-file --

    @Test
    void propertiesFile_nativeClientsHaveWhatIsInIt(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("native.properties");
        Files.writeString(file, "# of the producer\nmax.request.size=1000\n");
        Message message = Message.of("x".repeat(2000));
        try (Messenger messenger = connect("properties-file=" + file);
                Messenger knowsBetter = connect("properties-file=" + file, "properties=max.request.size%3D100000")) {
            publish(messenger, subject, "small");

            assertThat(failure(messenger.publish(subject, message)).code()).isEqualTo(ErrorCode.TOO_LARGE);
            knowsBetter.publish(subject, message).get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    @Test
    void propertiesFile_missing_isNamed(@TempDir Path directory) {
        Path file = directory.resolve("missing.properties");

        AntiphonException failure =
                failure(() -> connect("properties-file=" + file).close());

        assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
        assertThat(failure).hasMessageContaining("properties-file").hasMessageContaining(file.toString());
    }

    // -- Names --

    @Test
    void topicsThatDifferInDotsAndUnderscoresOnly_theSecondIsRefused() throws Exception {
        String like = subject.replace('.', '_');
        try (Messenger messenger = connect()) {
            publish(messenger, subject, "first");

            AntiphonException refused = failure(messenger.publish(like, Message.of("second")));

            assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
            assertThat(refused).hasMessageContaining(like).hasMessageContaining(subject);
        }
    }
}
