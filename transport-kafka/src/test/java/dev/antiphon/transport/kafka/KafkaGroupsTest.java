package dev.antiphon.transport.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.antiphon.AntiphonException;
import dev.antiphon.ConnectionState;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.MessengerListener;
import dev.antiphon.SubscribeOptions;
import dev.antiphon.Subscription;
import dev.antiphon.conformance.broker.Cut;
import dev.antiphon.conformance.broker.KafkaBroker;
import dev.antiphon.conformance.broker.KafkaBrokers;
import dev.antiphon.conformance.broker.KafkaConfig;
import dev.antiphon.spi.InboundMessage.Settlement;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.SendCallback;
import dev.antiphon.spi.SubscribeSpec;
import dev.antiphon.spi.TransportConfig;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Queue groups of each kind: what is not in the suite. */
class KafkaGroupsTest {
    private static final KafkaBroker BROKER =
            KafkaBrokers.open(KafkaFixture.withQuickConsumerGroups(KafkaConfig.plain())
                    .withProperty("group.share.min.record.lock.duration.ms", "1000"));
    private static final String GROUP = "workers";

    private final String subject = "groups." + UUID.randomUUID();

    @AfterAll
    static void close() {
        BROKER.close();
    }

    private static String url(String groups) {
        return BROKER.url() + "?groups=" + groups;
    }

    private static Duration since(long begin) {
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    /** The limits are seconds; a member that was killed is missed at once, or when its session has ended. */
    @ParameterizedTest
    @CsvSource({"share,2,2,2,500", "consumer,8,5,12,2500", "classic,8,5,12,2500"})
    void members_thatComeLeaveAndAreKilled_loseNothingAndDelayLittle(
            String groups, int joinLimit, int leaveLimit, int killLimit, int whileOneIsMissed) throws Exception {
        try (Messenger publisher = Messenger.connect(url(groups));
                Messenger stays = Messenger.connect(url(groups));
                Messenger leaves = Messenger.connect(url(groups));
                GroupLoad load = new GroupLoad()) {
            stays.subscribe(
                    subject, delivery -> load.handled(delivery.message().text()), SubscribeOptions.queueGroup(GROUP));
            load.start(publisher, subject);
            int alone = load.pass(250);
            long begin = System.nanoTime();
            Subscription second = leaves.subscribe(
                    subject, delivery -> load.handled(delivery.message().text()), SubscribeOptions.queueGroup(GROUP));
            Duration joining = since(begin);
            PeerProcess third =
                    PeerProcess.start(PeerProcess.Role.SUBSCRIBER, url(groups), subject, GROUP, load::handled);
            int three = load.pass(250);
            assertThat(second.drain(Duration.ofSeconds(10))
                            .get(20, TimeUnit.SECONDS)
                            .complete())
                    .isTrue();
            // What is under way when the next one is killed is its business.
            int left = load.pass(Math.min(1000, whileOneIsMissed)) - 100;
            third.kill();
            int killed = load.pass(whileOneIsMissed);
            load.finish();

            Duration whenJoining = load.longest(alone, three);
            Duration whenLeaving = load.longest(three, left);
            Duration whenKilled = load.longest(left, killed);
            System.out.printf(
                    "%s groups: subscribing takes %d ms; longest delays when members join %d, leave %d, are killed %d ms;"
                            + " %d handled twice of %d%n",
                    groups,
                    joining.toMillis(),
                    whenJoining.toMillis(),
                    whenLeaving.toMillis(),
                    whenKilled.toMillis(),
                    load.duplicates(),
                    load.sent());
            assertThat(joining).isLessThan(Duration.ofSeconds(joinLimit));
            assertThat(whenJoining).isLessThan(Duration.ofSeconds(joinLimit));
            assertThat(whenLeaving).isLessThan(Duration.ofSeconds(leaveLimit));
            assertThat(whenKilled).isLessThan(Duration.ofSeconds(killLimit));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"share", "consumer", "classic"})
    void close_withAMessageInItsHandler_leavesAtOnce(String groups) throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        Set<String> taken = ConcurrentHashMap.newKeySet();
        AtomicInteger stuck = new AtomicInteger();
        try (Messenger stays = Messenger.connect(url(groups))) {
            Messenger closes = Messenger.connect(url(groups));
            closes.subscribe(
                    subject,
                    delivery -> {
                        stuck.incrementAndGet();
                        over.await();
                    },
                    SubscribeOptions.queueGroup(GROUP));
            stays.subscribe(
                    subject, delivery -> taken.add(delivery.message().text()), SubscribeOptions.queueGroup(GROUP));
            for (int i = 0; i < 40; i++) {
                stays.publish(subject, Message.of("job " + i)).get(10, TimeUnit.SECONDS);
            }
            Awaitility.await("one is stuck").until(() -> stuck.get() > 0);

            closes.close();
            long begin = System.nanoTime();
            Awaitility.await("the other has it all")
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> taken.size() == 40);

            System.out.printf(
                    "%s groups: %d ms from a close to the other%n",
                    groups, since(begin).toMillis());
            assertThat(since(begin)).isLessThan(Duration.ofSeconds(4)); // not after the session of 6 or the lock of 30
        } finally {
            over.countDown();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"share", "consumer", "classic"})
    void subscriptionsAndMessengers_thatAreClosed_areMembersNoMore(String groups) throws Exception {
        try (Admin admin = Admin.create(PlainKafkaClient.properties(BROKER.url()))) {
            try (Messenger stays = Messenger.connect(url(groups))) {
                Subscription first = member(stays);
                Subscription second = member(stays);
                try (Messenger closes = Messenger.connect(url(groups))) {
                    member(closes);
                    awaitMembers(admin, groups, 3);
                    first.close();
                    awaitMembers(admin, groups, 2);
                }
                awaitMembers(admin, groups, 1);
                second.drain(Duration.ofSeconds(2)).get(20, TimeUnit.SECONDS);
                awaitMembers(admin, groups, 0);
                member(stays);
                awaitMembers(admin, groups, 1);
            }
            awaitMembers(admin, groups, 0);
        }
    }

    /** A share group keeps members that could not say goodbye; the others are the same as before. */
    @ParameterizedTest
    @ValueSource(strings = {"consumer", "classic"})
    void member_whoseConnectionWasLostAgainAndAgain_isOneMember(String groups) throws Exception {
        AtomicInteger connected = new AtomicInteger();
        MessengerListener listener = new MessengerListener() {
            @Override
            public void onConnectionState(ConnectionState state, AntiphonException cause) {
                if (state == ConnectionState.CONNECTED) {
                    connected.incrementAndGet();
                }
            }
        };
        try (Admin admin = Admin.create(PlainKafkaClient.properties(BROKER.url()));
                Messenger messenger = Messenger.builder()
                        .url(BROKER.proxiedUrl() + "?groups=" + groups)
                        .listener(listener)
                        .connect()) {
            member(messenger);
            for (int i = 0; i < 5; i++) {
                int before = connected.get();
                BROKER.proxy().cut(Cut.RESET);
                Awaitility.await("connected again")
                        .atMost(Duration.ofSeconds(20))
                        .until(() -> connected.get() > before && messenger.state() == ConnectionState.CONNECTED);
            }

            awaitMembers(admin, groups, 1);
        }
    }

    private Subscription member(Messenger messenger) {
        return messenger.subscribe(subject, delivery -> {}, SubscribeOptions.queueGroup(GROUP));
    }

    /** Soon, and not when the session of a member that is gone ends. */
    private void awaitMembers(Admin admin, String groups, int count) {
        String group = "antiphon:" + GROUP + ":" + subject;
        Awaitility.await("members of " + group)
                .atMost(Duration.ofSeconds(4))
                .untilAsserted(() -> assertThat(
                                groups.equals("share")
                                        ? admin.describeShareGroups(List.of(group))
                                                .describedGroups()
                                                .get(group)
                                                .get()
                                                .members()
                                        : admin.describeConsumerGroups(List.of(group))
                                                .describedGroups()
                                                .get(group)
                                                .get()
                                                .members())
                        .hasSize(count));
    }

    @ParameterizedTest
    @ValueSource(strings = {"consumer", "classic"})
    void handler_thatTakesLongerThanTheGroupWaitsForPolls_keepsItsMessage(String groups) throws Exception {
        slowHandler_keepsItsMessageFor(Duration.ofSeconds(9), url(groups) + "&properties=max.poll.interval.ms%3D6000");
    }

    @Test
    void handler_thatTakesLongerThanTheLockOfItsRecord_keepsItsMessage() throws Exception {
        ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, "antiphon:" + GROUP + ":" + subject);
        ConfigEntry lock = new ConfigEntry("share.record.lock.duration.ms", "1500");
        try (Admin admin = Admin.create(PlainKafkaClient.properties(BROKER.url()))) {
            admin.incrementalAlterConfigs(Map.of(group, List.of(new AlterConfigOp(lock, AlterConfigOp.OpType.SET))))
                    .all()
                    .get();
        }
        slowHandler_keepsItsMessageFor(Duration.ofSeconds(5), url("share"));
    }

    private void slowHandler_keepsItsMessageFor(Duration time, String url) throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        AtomicInteger slow = new AtomicInteger();
        AtomicInteger quick = new AtomicInteger();
        AtomicInteger published = new AtomicInteger();
        try (Messenger messenger = Messenger.connect(url);
                Messenger other = Messenger.connect(url)) {
            for (Messenger member : List.of(messenger, other)) {
                member.subscribe(
                        subject,
                        delivery -> {
                            if (delivery.message().text().equals("slow")) {
                                slow.incrementAndGet();
                                over.await();
                            } else {
                                quick.incrementAndGet();
                            }
                        },
                        SubscribeOptions.queueGroup(GROUP));
            }
            messenger.publish(subject, Message.of("slow")).get(10, TimeUnit.SECONDS);
            long begin = System.nanoTime();
            Awaitility.await("the group would have lost it")
                    .atMost(time.plusSeconds(3))
                    .until(() -> {
                        messenger.publish(subject, Message.of("quick"));
                        published.incrementAndGet();
                        return since(begin).compareTo(time) > 0;
                    });

            assertThat(slow).hasValue(1);
            assertThat(quick).hasPositiveValue();
            over.countDown();
            Awaitility.await("the others are handled").until(() -> quick.get() >= published.get());
            assertThat(slow).hasValue(1);
        } finally {
            over.countDown();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"consumer", "classic"})
    void nativeConsumer_inTheSameGroup_getsItsShare(String groups) throws Exception {
        Set<String> ours = ConcurrentHashMap.newKeySet();
        ConcurrentLinkedQueue<String> theirs = new ConcurrentLinkedQueue<>();
        try (Messenger messenger = Messenger.connect(url(groups))) {
            messenger.subscribe(
                    subject, delivery -> ours.add(delivery.message().text()), SubscribeOptions.queueGroup(GROUP));
            Map<String, Object> config = new HashMap<>(PlainKafkaClient.properties(BROKER.url()));
            config.put("group.id", "antiphon:" + GROUP + ":" + subject);
            config.put("group.protocol", groups);
            AtomicBoolean ready = new AtomicBoolean();
            AtomicBoolean enough = new AtomicBoolean();
            Thread other = new Thread(() -> {
                try (KafkaConsumer<byte[], byte[]> consumer =
                        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                    consumer.subscribe(List.of(subject));
                    while (!enough.get()) {
                        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(20))) {
                            theirs.add(new String(record.value(), UTF_8));
                        }
                        ready.set(consumer.assignment().size() == 4);
                    }
                }
            });
            other.start();
            Awaitility.await("it has its half").atMost(Duration.ofSeconds(30)).until(ready::get);

            List<String> sent = IntStream.range(0, 80).mapToObj(i -> "job " + i).toList();
            for (String body : sent) {
                messenger.publish(subject, Message.of(body)).get(10, TimeUnit.SECONDS);
            }
            Awaitility.await("all are handled").until(() -> ours.size() + theirs.size() >= 80);
            enough.set(true);
            other.join(10_000);

            Set<String> all = new HashSet<>(ours);
            all.addAll(theirs);
            assertThat(all).containsExactlyInAnyOrderElementsOf(sent);
            assertThat(theirs).hasSize(40);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"share", "consumer", "classic"})
    void message_thatIsGivenBack_comesFiveTimes(String groups) throws Exception {
        TransportConfig.Address address = new TransportConfig.Address(
                BROKER.address().getHostString(), BROKER.address().getPort());
        var config =
                new TransportConfig("kafka", List.of(address), "", null, null, "given-back", Map.of("groups", groups));
        var transport = new KafkaTransportProvider().create(config);
        List<String> bodies = new CopyOnWriteArrayList<>();
        try {
            transport.start(new Silent()).toCompletableFuture().get(20, TimeUnit.SECONDS);
            transport
                    .subscribe(new SubscribeSpec(subject, GROUP, 10, false), message -> {
                        bodies.add(message.message().text());
                        message.settle(message.message().text().equals("bad") ? Settlement.REQUEUE : Settlement.ACCEPT);
                    })
                    .toCompletableFuture()
                    .get(20, TimeUnit.SECONDS);
            transport.publish(new OutboundMessage(subject, Message.of("bad"), 0), new Unheard());
            Awaitility.await("it comes").until(() -> bodies.size() >= 5);
            for (int i = 0; i < 8; i++) { // each partition has one more, after it
                transport.publish(new OutboundMessage(subject, Message.of("good"), 0), new Unheard());
            }
            Awaitility.await("what comes after it")
                    .until(() -> bodies.stream().filter("good"::equals).count() == 8);

            assertThat(bodies.stream().filter("bad"::equals)).hasSize(5);
        } finally {
            transport.close(Duration.ofSeconds(2));
        }
    }

    @Test
    void publications_stayInOnePartitionUnlessAGroupIsThere() throws Exception {
        try (Messenger messenger = Messenger.connect(url("classic"));
                Messenger other = Messenger.connect(url("classic"))) {
            for (int i = 0; i < 24; i++) {
                (i % 2 == 0 ? messenger : other)
                        .publish(subject, Message.of("before"))
                        .get(10, TimeUnit.SECONDS);
            }
            assertThat(sizes().filter(size -> size > 0)).containsExactly(24L);

            messenger.subscribe(subject, delivery -> {}, SubscribeOptions.queueGroup(GROUP));
            for (int i = 0; i < 24; i++) {
                messenger.publish(subject, Message.of("with a group")).get(10, TimeUnit.SECONDS);
            }
            assertThat(sizes()).hasSize(8).allMatch(size -> size >= 2); // three each, but for the first ones perhaps
        }
    }

    private Stream<Long> sizes() {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                PlainKafkaClient.properties(BROKER.url()), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(subject).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            return consumer.endOffsets(partitions).values().stream();
        }
    }

    @ParameterizedTest
    @CsvSource({"share,consumer", "consumer,share", "share,classic", "classic,share"})
    void groups_ofTwoKinds_areRefusedUnlessTheFirstIsEmpty(String kind, String otherKind) throws Exception {
        try (Messenger first = Messenger.connect(url(kind));
                Messenger second = Messenger.connect(url(otherKind))) {
            List<String> taken = new CopyOnWriteArrayList<>();
            Subscription subscription = first.subscribe(subject, delivery -> {}, SubscribeOptions.queueGroup(GROUP));

            AntiphonException refused = catchThrowableOfType(
                    AntiphonException.class,
                    () -> second.subscribe(subject, delivery -> {}, SubscribeOptions.queueGroup(GROUP)));

            assertThat(refused.code()).isEqualTo(ErrorCode.UNSUPPORTED);
            assertThat(refused)
                    .hasMessageContaining("antiphon:workers:" + subject)
                    .hasMessageContaining("groups");
            subscription.close();
            Awaitility.await("the first kind is given up")
                    .atMost(Duration.ofSeconds(10))
                    .ignoreExceptions()
                    .until(() -> {
                        second.subscribe(
                                subject,
                                delivery -> taken.add(delivery.message().text()),
                                SubscribeOptions.queueGroup(GROUP));
                        return true;
                    });
            second.publish(subject, Message.of("job"));
            Awaitility.await("the second works").until(() -> taken.equals(List.of("job")));
        }
    }

    /** Brokers let one take the place of the other: they turn the group into one of the new protocol that serves both. */
    @ParameterizedTest
    @CsvSource({"consumer,classic", "classic,consumer"})
    void groups_consumerAndClassic_areOne(String kind, String otherKind) throws Exception {
        List<String> all = new CopyOnWriteArrayList<>();
        List<String> others = new CopyOnWriteArrayList<>();
        List<String> sent = IntStream.range(0, 80).mapToObj(i -> "job " + i).toList();
        try (Messenger first = Messenger.connect(url(kind));
                Messenger second = Messenger.connect(url(otherKind))) {
            first.subscribe(
                    subject, delivery -> all.add(delivery.message().text()), SubscribeOptions.queueGroup(GROUP));
            Subscription subscription = second.subscribe(
                    subject,
                    delivery -> {
                        all.add(delivery.message().text());
                        others.add(delivery.message().text());
                    },
                    SubscribeOptions.queueGroup(GROUP));
            for (String body : sent.subList(0, 40)) {
                first.publish(subject, Message.of(body)).get(10, TimeUnit.SECONDS);
            }
            Awaitility.await("both have their share").until(() -> all.size() >= 40);
            assertThat(others).hasSizeBetween(10, 30);

            assertThat(subscription
                            .drain(Duration.ofSeconds(10))
                            .get(20, TimeUnit.SECONDS)
                            .complete())
                    .isTrue();
            for (String body : sent.subList(40, 80)) {
                first.publish(subject, Message.of(body)).get(10, TimeUnit.SECONDS);
            }
            Awaitility.await("the first goes on alone").until(() -> all.size() >= 80);
            assertThat(all).containsExactlyInAnyOrderElementsOf(sent);
        }
    }

    private static final class Unheard implements SendCallback {
        @Override
        public void onSent() {}

        @Override
        public void onFailed(AntiphonException failure) {}
    }
}
