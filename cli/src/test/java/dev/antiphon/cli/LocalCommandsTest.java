package dev.antiphon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;

/** The commands that need no broker. */
class LocalCommandsTest {

    @Test
    void demo_inMemory_showsEveryStepAndSucceeds() {
        Shell shell = Shell.run("demo", "--url", "inmemory://demo-test");
        assertThat(shell.exitCode()).as(shell.out()).isZero();
        DemoOutput.assertComplete(shell.out());
        assertThat(shell.err()).isEmpty();
    }

    @Test
    void demo_asJson_printsOneCheckPerLine() {
        Shell shell = Shell.run("demo", "--url", "inmemory://demo-json", "--json");
        assertThat(shell.exitCode()).isZero();
        assertThat(shell.lines()).hasSizeGreaterThan(8).allSatisfy(line -> {
            assertThat(Shell.json(line).get("type").asText()).isEqualTo("check");
            assertThat(Shell.json(line).get("ok").asBoolean()).isTrue();
        });
    }

    @Test
    void bench_inMemory_printsThroughputPercentilesErrorsAndChart() {
        Shell shell = Shell.run("bench", "--url", "inmemory://bench-test", "--duration", "300ms", "--warmup", "50ms");
        assertThat(shell.exitCode()).isZero();
        assertThat(shell.out())
                .contains("requests  ", "answered, 0 failed", "p50 ", "p90 ", "p99 ", "p99.9 ", "errors    none")
                .containsPattern("(?m)^  < .*\\|#");
    }

    @Test
    void bench_asJson_isOneObjectThatAddsUp() {
        Shell shell = Shell.run(
                "bench",
                "--url",
                "inmemory://bench-json",
                "--duration",
                "300ms",
                "--warmup",
                "50ms",
                "--in-flight",
                "8",
                "--size",
                "10",
                "--responders",
                "2",
                "--json");
        assertThat(shell.exitCode()).isZero();
        JsonNode result = shell.json();
        assertThat(result.get("answered").asLong()).isPositive();
        assertThat(result.get("failed").asLong()).isZero();
        assertThat(result.get("inFlight").asInt()).isEqualTo(8);
        assertThat(result.get("seconds").asDouble()).isGreaterThanOrEqualTo(0.3);
        assertThat(result.at("/latencyMicros/p99").asDouble())
                .isGreaterThanOrEqualTo(result.at("/latencyMicros/p50").asDouble());
    }

    @Test
    void bench_onATerminal_drawsABarAndRemovesIt() {
        Shell shell =
                Shell.runOnTerminal("bench", "--url", "inmemory://bench-bar", "--duration", "400ms", "--warmup", "0s");
        assertThat(shell.err()).contains("\r[").contains("measuring").endsWith("\r\033[K");
    }

    @Test
    void transports_listsCapabilitiesAndOptions() {
        Shell shell = Shell.run("transports");
        assertThat(shell.exitCode()).isZero();
        assertThat(shell.out()).contains("inmemory", "nats", "nats+tls", "queue group", "options of nats");
    }

    @Test
    void transports_asJson_isOneObjectPerTransport() {
        Shell shell = Shell.run("transports", "--json");
        assertThat(shell.lines())
                .map(line -> Shell.json(line).get("name").asText())
                .containsExactly("amqp", "inmemory", "kafka", "nats");
        assertThat(shell.lines())
                .allSatisfy(line -> assertThat(
                                Shell.json(line).at("/capabilities/QUEUE_GROUP").asText())
                        .isEqualTo("NATIVE"));
    }
}
