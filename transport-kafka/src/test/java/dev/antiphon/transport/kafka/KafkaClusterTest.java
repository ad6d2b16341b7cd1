package dev.antiphon.transport.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.Messenger;
import dev.antiphon.Request;
import dev.antiphon.RespondOptions;
import dev.antiphon.conformance.broker.KafkaBrokers;
import dev.antiphon.conformance.broker.KafkaCluster;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.TopicPartitionInfo;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Three brokers, each of which leads some partitions, and what becomes of requests when one of them is lost. */
class KafkaClusterTest {

    private static final int BROKERS = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Test
    void brokers_killedOneByOneUnderLoad_allRequestsAreAnswered() throws Exception {
        try (KafkaCluster cluster = KafkaBrokers.cluster(BROKERS);
                Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrap()));
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
