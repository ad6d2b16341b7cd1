package dev.antiphon.transport.kafka;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.TopicPartitionInfo;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Three brokers, each of which leads some partitions, and what becomes of requests when one of them is lost. */
class KafkaClusterTest {

    private static final int BROKERS = 3;
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Test
    void brokers_killedOneByOneUnderLoad_allRequestsAreAnswered() throws Exception {
        try (KafkaCluster cluster = KafkaBrokers.cluster(BROKERS);
                Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrap()));
                Messenger responder = Messenger.connect(cluster.url() + "?partitions=" + BROKERS);
                Messenger requester = Messenger.connect(cluster.url() + "?partitions=" + BROKERS);
                Load everybody = new Load(requester, "cluster.everybody");
                Load group = new Load(requester, "cluster.group")) {
            responder.respond("cluster.everybody", Request::message);
            responder.respond("cluster.group", Request::message, RespondOptions.queueGroup("workers"));
            List<Load> loads = List.of(everybody, group);
            loads.forEach(Load::start);
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

            for (Load load : loads) {
                load.stop();
                assertThat(load.failures).isEmpty();
            }
        }
    }

    private static void goesOn(List<Load> loads) {
        for (Load load : loads) {
            int goal = load.answered.get() + 500;
            Awaitility.await("requests are answered").atMost(PATIENCE).until(() -> load.answered.get() >= goal);
        }
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

    /** Some requests at a time, each of which follows the one before. */
    private static final class Load implements AutoCloseable {
        private static final int AT_A_TIME = 20;

        private final Messenger requester;
        private final String subject;
        private final ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME);
        final AtomicInteger answered = new AtomicInteger();
        final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        private volatile boolean stopped;

        Load(Messenger requester, String subject) {
            this.requester = requester;
            this.subject = subject;
        }

        void start() {
            for (int i = 0; i < AT_A_TIME; i++) {
                threads.execute(this::ask);
            }
        }

        private void ask() {
            while (!stopped) {
                String question = Long.toString(System.nanoTime());
                try {
                    String answer = requester
                            .request(subject, Message.of(question), RequestOptions.timeout(TIMEOUT))
                            .join()
                            .text();
                    assertThat(answer).isEqualTo(question);
                    answered.incrementAndGet();
                } catch (RuntimeException | AssertionError failure) {
                    failures.add(failure);
                }
            }
        }

        void stop() {
            stopped = true;
            threads.shutdown();
            Awaitility.await("the last requests end").atMost(PATIENCE).until(threads::isTerminated);
        }

        @Override
        public void close() {
            stopped = true;
            threads.shutdownNow();
        }
    }
}
