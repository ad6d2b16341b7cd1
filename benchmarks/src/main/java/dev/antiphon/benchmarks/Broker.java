package dev.antiphon.benchmarks;

import dev.antiphon.conformance.broker.NatsBroker;
import dev.antiphon.conformance.broker.NatsBrokers;
import dev.antiphon.conformance.broker.NatsConfig;
import dev.antiphon.conformance.broker.NatsServer;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What stands between requester and responder. */
final class Broker implements AutoCloseable {

    private final String url;
    private final @Nullable NatsBroker nats;

    private Broker(String url, @Nullable NatsBroker nats) {
        this.url = url;
        this.nats = nats;
    }

    /** One that somebody else runs, or none at all. */
    static Broker at(String url) {
        return new Broker(url, null);
    }

    /** A private nats-server, in Docker or as a process; it ends with this program, however that ends. */
    static Broker startNats() {
        NatsBroker nats = NatsBrokers.open(NatsConfig.plain());
        return new Broker(nats.url(), nats);
    }

    /** The address both sides connect to. */
    String url() {
        return url;
    }

    /** What it is, for the report; empty if this program did not start it. */
    Optional<String> description() {
        return Optional.ofNullable(nats)
                .map(server -> "nats-server " + server.version() + " (" + server.origin() + ")");
    }

    /** Processor time used so far, or zero where that cannot be seen. */
    Duration cpu() {
        return Optional.ofNullable(nats instanceof NatsServer server ? server : null)
                .flatMap(NatsServer::pid)
                .flatMap(ProcessHandle::of)
                .flatMap(process -> process.info().totalCpuDuration())
                .orElse(Duration.ZERO);
    }

    @Override
    public void close() {
        if (nats != null) {
            nats.close();
        }
    }
}
