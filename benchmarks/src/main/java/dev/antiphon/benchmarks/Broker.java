package dev.antiphon.benchmarks;

import dev.antiphon.benchmarks.peers.Network;
import dev.antiphon.conformance.broker.BrokerControl;
import dev.antiphon.conformance.broker.KafkaBrokers;
import dev.antiphon.conformance.broker.KafkaConfig;
import dev.antiphon.conformance.broker.KafkaServer;
import dev.antiphon.conformance.broker.NatsBrokers;
import dev.antiphon.conformance.broker.NatsConfig;
import dev.antiphon.conformance.broker.NatsServer;
import dev.antiphon.conformance.broker.RabbitBrokers;
import dev.antiphon.conformance.broker.RabbitConfig;
import dev.antiphon.conformance.broker.RabbitServer;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What stands between requester and responder. */
final class Broker implements AutoCloseable {

    private final String url;
    private final String name;
    private final @Nullable BrokerControl started;

    private Broker(String url, String name, @Nullable BrokerControl started) {
        this.url = url;
        this.name = name;
        this.started = started;
    }

    /** One that somebody else runs, or none at all. */
    static Broker at(String url) {
        return new Broker(url, "", null);
    }

    /** A private one for this network, in Docker or as a process; it ends with this program, however that ends. */
    static Broker start(Network network) {
        return switch (network) {
            case INMEMORY -> at("inmemory://side-by-side");
            case NATS -> of("nats-server", NatsBrokers.open(NatsConfig.plain()));
            case RABBITMQ -> of("RabbitMQ", RabbitBrokers.open(RabbitConfig.plain()));
            case KAFKA -> of("Kafka", KafkaBrokers.open(KafkaConfig.plain().forLoad()));
        };
    }

    private static Broker of(String name, BrokerControl started) {
        return new Broker(started.url(), name, started);
    }

    /** The address both sides connect to. */
    String url() {
        return url;
    }

    /** What it is, for the report; empty if this program did not start it. */
    Optional<String> description() {
        return Optional.ofNullable(started).map(server -> name + " " + server.version() + " (" + server.origin() + ")");
    }

    /** Processor time used so far, or zero where that cannot be seen. */
    Duration cpu() {
        return pid().flatMap(ProcessHandle::of)
                .flatMap(process -> process.info().totalCpuDuration())
                .orElse(Duration.ZERO);
    }

    private Optional<Long> pid() {
        if (started instanceof NatsServer nats) {
            return nats.pid();
        }
        if (started instanceof KafkaServer kafka) {
            return kafka.pid();
        }
        return started instanceof RabbitServer rabbit ? rabbit.pid() : Optional.empty();
    }

    @Override
    public void close() {
        if (started != null) {
            started.close();
        }
    }
}
