package dev.antiphon.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.benchmarks.load.Cell;
import dev.antiphon.benchmarks.peers.Network;
import dev.antiphon.benchmarks.peers.Peer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Short runs in real JVMs; the figures mean nothing. */
class SideBySideTest {

    private final ByteArrayOutputStream progress = new ByteArrayOutputStream();

    @Test
    void run_inMemory_measuresEveryPeerInEveryCell() throws Exception {
        String report = run(Network.INMEMORY, Broker.at("inmemory://side-by-side-test"));
        assertThat(report)
                .contains("| 1 x 128 B, blocking | Antiphon |", "| 16 x 128 B | Antiphon |")
                .contains("| 1 x 128 B, blocking | Vert.x event bus |", "| 16 x 128 B | Vert.x event bus |")
                .contains("| Vert.x event bus, requests/s | ")
                .doesNotContain("Failed");
    }

    @Test
    void run_nats_measuresEveryPeerInEveryCell() throws Exception {
        try (Broker broker = Broker.start(Network.NATS)) {
            assertThat(run(Network.NATS, broker))
                    .contains("| 16 x 128 B | Antiphon |")
                    .contains("| 16 x 128 B | jnats as it comes |")
                    .contains("| jnats, flush off, requests/s | ")
                    .doesNotContain("Failed");
        }
    }

    @Test
    void run_rabbitmq_measuresEveryPeerInEveryCell() throws Exception {
        try (Broker broker = Broker.start(Network.RABBITMQ)) {
            assertThat(run(Network.RABBITMQ, broker))
                    .contains("| 16 x 128 B | Antiphon |")
                    .contains("| 16 x 128 B | amqp-client RpcClient |")
                    .contains("| Spring AsyncRabbitTemplate, container, requests/s | ")
                    .doesNotContain("Failed");
        }
    }

    @Test
    void run_kafka_measuresEveryPeerInEveryCell() throws Exception {
        try (Broker broker = Broker.start(Network.KAFKA)) {
            assertThat(run(Network.KAFKA, broker))
                    .contains("| 16 x 128 B | Antiphon |")
                    .contains("| 16 x 128 B | kafka-clients by hand |")
                    .contains("| Spring ReplyingKafkaTemplate, requests/s | ")
                    .doesNotContain("Failed");
        }
    }

    @Test
    void run_nobodyAtTheAddress_isAFailureInTheReport() throws Exception {
        Plan plan = plan(List.of(Peer.JNATS));
        Results results =
                new Rounds(plan, Broker.at("nats://127.0.0.1:1"), new PrintStream(progress, true, UTF_8)).run();
        assertThat(results.failures()).singleElement().asString().contains("responder of jnats as it comes");
        assertThat(new Report(plan, results).markdown("here")).contains("Failed: round 1 of 1, jnats as it comes");
    }

    private String run(Network network, Broker broker) throws Exception {
        Plan plan = plan(Choices.peers(network, List.of()));
        Results results = new Rounds(plan, broker, new PrintStream(progress, true, UTF_8)).run();
        return new Report(plan, results).markdown(Machine.describe(plan, broker));
    }

    private static Plan plan(List<Peer> peers) {
        return Plan.of(peers, List.of(new Cell(1, 128, true), new Cell(16, 128, false)), 1, 0.4, 0.6, "64m");
    }
}
