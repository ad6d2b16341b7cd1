package dev.antiphon.transport.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.Call;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.RespondOptions;
import dev.antiphon.SubscribeOptions;
import dev.antiphon.conformance.broker.KafkaBroker;
import dev.antiphon.conformance.broker.KafkaBrokers;
import dev.antiphon.conformance.broker.KafkaConfig;
import dev.antiphon.spi.InboundMessage;
import dev.antiphon.spi.InboundMessage.Settlement;
import dev.antiphon.spi.SubscribeSpec;
import dev.antiphon.spi.Transport;
import dev.antiphon.spi.TransportConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Queue groups that are share groups: what is not in the suite. */
class KafkaShareGroupsTest {
    private static final String GROUP = "workers";

    /** For how long a member has a record, unless it asks again when half of that is over. */
    private static final Duration LOCK = Duration.ofSeconds(3);

    private static final KafkaBroker BROKER = KafkaBrokers.open(KafkaConfig.plain()
            .withProperty("group.share.min.record.lock.duration.ms", "1000")
            .withProperty("group.share.record.lock.duration.ms", Long.toString(LOCK.toMillis())));

    private final String prefix = "share." + UUID.randomUUID();
    private final Queue<InboundMessage> held = new ConcurrentLinkedQueue<>();

    @AfterAll
    static void close() {
        BROKER.close();
    }

    private static void publish(Messenger publisher, String subject, String body) throws Exception {
        publisher.publish(subject, Message.of(body)).get(20, TimeUnit.SECONDS);
    }

    /** A member that has one native consumer, and settles nothing by itself. */
    private Transport holder() throws Exception {
        TransportConfig.Address address = new TransportConfig.Address(
                BROKER.address().getHostString(), BROKER.address().getPort());
        Transport holder = new KafkaTransportProvider()
                .create(new TransportConfig("kafka", List.of(address), "", null, null, "holder", Map.of()));
        holder.start(new Silent()).toCompletableFuture().get(20, TimeUnit.SECONDS);
        holder.subscribe(new SubscribeSpec(prefix + ".*", GROUP, 1, false), held::add)
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
        return holder;
    }

    private long holds(String body) {
        return held.stream()
                .filter(message -> message.message().text().equals(body))
                .count();
    }

    private void await(String body) {
        Awaitility.await(body + " is there").atMost(Duration.ofSeconds(20)).until(() -> holds(body) > 0);
    }

    private static void pass(Duration time) {
        Awaitility.await("time passes")
                .pollDelay(time)
                .atMost(time.plusSeconds(5))
                .until(() -> true);
    }

    @Test
    void subscribe_membersThatHaveATopicEach_areReadySoon() throws Exception {
        try (Messenger first = Messenger.connect(BROKER.url());
                Messenger second = Messenger.connect(BROKER.url())) {
            publish(first, prefix + ".a", "1");
            publish(first, prefix + ".b", "2");
            first.subscribe(prefix + ".*", delivery -> {}, SubscribeOptions.queueGroup(GROUP));

            long begin = System.nanoTime();
            second.subscribe(prefix + ".*", delivery -> {}, SubscribeOptions.queueGroup(GROUP));

            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(6));
        }
    }

    /** Members of share groups hear of topics every 5 seconds. */
    @Test
    void topicsThatAppear_areReadSoonerThanByTheNextHeartbeat() {
        try (Messenger responder = Messenger.connect(BROKER.url());
                Messenger requester = Messenger.connect(BROKER.url())) {
            responder.respond(prefix + ".*", request -> Message.of("here"), RespondOptions.queueGroup(GROUP));
            for (int i = 0; i < 8; i++) {
                Call call = requester.request(prefix + "." + i, Message.of("?"));

                assertThat(call.toCompletableFuture())
                        .as("request to the new topic %s", i)
                        .succeedsWithin(Duration.ofSeconds(4));
            }
        }
    }

    @Test
    void topicThatAppears_whileAMessageIsKeptLong_doesNotHaveItHandledTwice() throws Exception {
        Transport holder = holder();
        try (Messenger publisher = Messenger.connect(BROKER.url())) {
            publish(publisher, prefix + ".a", "long");
            await("long");
            publish(publisher, prefix + ".b", "next");

            pass(LOCK.multipliedBy(2).dividedBy(3)); // it was renewed once
            held.forEach(message -> message.settle(Settlement.ACCEPT));
            await("next");
            pass(LOCK.plusSeconds(1));

            assertThat(holds("long")).isEqualTo(1);
        } finally {
            holder.close(Duration.ofSeconds(2));
        }
    }

    @Test
    void renewalThatFails_doesNotEndTheReading() throws Exception {
        Transport holder = holder();
        try (Messenger publisher = Messenger.connect(BROKER.url());
                Admin admin = Admin.create(PlainKafkaClient.properties(BROKER.url()))) {
            publish(publisher, prefix + ".b", "before");
            await("before");
            held.forEach(message -> message.settle(Settlement.ACCEPT));
            publish(publisher, prefix + ".a", "long");
            await("long");
            admin.deleteTopics(List.of(prefix + ".a")).all().get();
            publish(publisher, prefix + ".b", "meanwhile");

            await("meanwhile");
            held.forEach(message -> message.settle(Settlement.ACCEPT));
            publish(publisher, prefix + ".b", "after");
            await("after");

            assertThat(holds("meanwhile")).isEqualTo(1);
        } finally {
            holder.close(Duration.ofSeconds(2));
        }
    }
}
