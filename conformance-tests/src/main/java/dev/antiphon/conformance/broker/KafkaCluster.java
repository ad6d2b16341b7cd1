package dev.antiphon.conformance.broker;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Several Kafka brokers, of which the first is the controller, too: it must run, the others may come and go. Any thread. */
public final class KafkaCluster implements AutoCloseable {

    private final List<KafkaServer> brokers = new ArrayList<>();

    private KafkaCluster() {}

    /** Starts a cluster that keeps a copy of everything at each broker, and goes on with those that are there. */
    static KafkaCluster open(KafkaClassPath classPath, int count) {
        String copies = Integer.toString(count);
        KafkaConfig config = KafkaConfig.plain()
                .withProperty("default.replication.factor", copies)
                .withProperty("min.insync.replicas", "1")
                .withProperty("offsets.topic.replication.factor", copies)
                .withProperty("share.coordinator.state.topic.replication.factor", copies);
        KafkaCluster cluster = new KafkaCluster();
        try {
            KafkaServer controller = KafkaServer.open(classPath, config);
            cluster.brokers.add(controller);
            for (int id = 2; id <= count; id++) {
                cluster.brokers.add(KafkaServer.open(controller, id));
            }
            return cluster;
        } catch (RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    /** The one with that id; ids begin with 1, which is the controller. */
    public KafkaServer broker(int id) {
        return brokers.get(id - 1);
    }

    /** Host and port of each, as the native clients write it in {@code bootstrap.servers}. */
    public String bootstrap() {
        return brokers.stream().map(KafkaBroker::bootstrap).collect(Collectors.joining(","));
    }

    /** An address with all of them. */
    public String url() {
        return "kafka://" + bootstrap();
    }

    /** Those that only join in go first: without its controller a broker waits before it ends. */
    @Override
    public void close() {
        for (int i = brokers.size() - 1; i >= 0; i--) {
            brokers.get(i).close();
        }
    }
}
