package dev.antiphon.transport.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.Request;
import dev.antiphon.RequestOptions;
import dev.antiphon.RespondOptions;
import dev.antiphon.conformance.broker.KafkaBrokers;
import dev.antiphon.conformance.broker.KafkaCluster;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.TopicPartitionInfo;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Three brokers, each of which leads some partitions, and what becomes of requests when one of them is lost. */
class KafkaClusterTest {

    private static final int BROKERS = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration BRIEF = Duration.ofMillis(200);

    /** So long after a broker is gone, nothing is given to the native producer for it. */
    private static final Duration NOTICED = Duration.ofSeconds(1);

    private static KafkaCluster cluster;

    @BeforeAll
    static void open() {
        cluster = KafkaBrokers.cluster(BROKERS);
    }

    @AfterAll
    static void close() {
        cluster.close();
    }

    @Test
    void requests_whosePartitionHadNoLeaderUntilTheirTimeWasUp_areNotHandledLater() throws Exception {
        String subject = "cluster.alone";
        Queue<String> handled = new ConcurrentLinkedQueue<>();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrap()));
                Messenger responder = Messenger.connect(cluster.url());
                Messenger requester = Messenger.connect(cluster.url())) {
            awaitCopies(admin, BROKERS);
            NewTopic onOneBroker = new NewTopic(subject, Map.of(0, List.of(BROKERS)));
            admin.createTopics(List.of(onOneBroker)).all().get();
            responder.respond(subject, request -> {
                handled.add(request.message().text());
                return request.message();
            });
            ask(requester, subject, "before", PATIENCE);

            cluster.broker(BROKERS).kill();
            asksInVain(requester, subject, "taken", NOTICED);
            asksInVain(requester, subject, "late", NOTICED.multipliedBy(3));
            cluster.broker(BROKERS).start();
            Awaitility.await("it is answered again")
                    .atMost(PATIENCE)
                    .ignoreExceptions()
                    .until(() -> {
                        ask(requester, subject, "after", BRIEF);
                        return true;
                    });
            // What the native producer had is before this one.
            assertThat(handled).contains("before", "after").doesNotContain("late");
            admin.deleteTopics(List.of(subject)).all().get();
        }
    }

    private static void ask(Messenger requester, String subject, String question, Duration timeout) {
        requester
                .request(subject, Message.of(question), RequestOptions.timeout(timeout))
                .join();
    }

    /** Asks again and again; nobody answers. */
    private static void asksInVain(Messenger requester, String subject, String question, Duration time) {
        long end = System.nanoTime() + time.toNanos();
        int asked = 0;
        while (System.nanoTime() - end < 0) {
            AntiphonException failure =
                    catchThrowableOfType(AntiphonException.class, () -> ask(requester, subject, question, BRIEF));
            assertThat(failure.code()).isEqualTo(ErrorCode.TIMEOUT);
            asked++;
        }
        assertThat(asked).isPositive();
    }

    @Test
    void brokers_killedOneByOneUnderLoad_allRequestsAreAnswered() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrap()));
                Messenger responder = Messenger.connect(cluster.url() + "?partitions=" + BROKERS);
                Messenger requester = Messenger.connect(cluster.url() + "?partitions=" + BROKERS);
                RequestLoad everybody = new RequestLoad(requester, "cluster.everybody");
                RequestLoad group = new RequestLoad(requester, "cluster.group")) {
            responder.respond("cluster.everybody", Request::message);
            responder.respond("cluster.group", Request::message, RespondOptions.queueGroup("workers"));
            List<RequestLoad> loads = List.of(everybody, group);
            loads.forEach(RequestLoad::start);
            goesOn(loads);

            for (int id = BROKERS; id > 1; id--) {
                awaitCopies(admin, BROKERS);
                assertThat(leads(admin, id))
                        .as("partitions that broker %s leads", id)
                        .isPositive();
                cluster.broker(id).kill();
                awaitCopies(admin, BROKERS - 1);
                assertThat(leads(admin, id)).isZero();
                goesOn(loads);
                cluster.broker(id).start();
            }

            for (RequestLoad load : loads) {
                load.finish();
                System.out.printf(
                        "%d requests while two of three brokers were killed: all answered, the slowest after %d ms%n",
                        load.answered(), load.longest().toMillis());
            }
        }
    }

    private static void goesOn(List<RequestLoad> loads) {
        loads.forEach(load -> load.pass(500));
    }

    /** Waits until each partition has so many copies that are complete. */
    private static void awaitCopies(Admin admin, int count) {
        Awaitility.await(count + " copies of everything")
                .atMost(PATIENCE)
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(partitions(admin))
                        .allSatisfy(partition -> assertThat(partition.isr()).hasSize(count)));
    }

    private static long leads(Admin admin, int id) throws Exception {
        return partitions(admin).stream()
                .filter(partition ->
                        partition.leader() != null && partition.leader().id() == id)
                .count();
    }

    private static List<TopicPartitionInfo> partitions(Admin admin) throws Exception {
        return admin.describeTopics(admin.listTopics().names().get()).allTopicNames().get().values().stream()
                .flatMap(topic -> topic.partitions().stream())
                .toList();
    }
}
