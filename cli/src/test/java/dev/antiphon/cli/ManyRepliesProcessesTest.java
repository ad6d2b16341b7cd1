package dev.antiphon.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Named.named;

import com.fasterxml.jackson.databind.JsonNode;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.conformance.broker.KafkaBrokers;
import dev.antiphon.conformance.broker.NatsBrokers;
import dev.antiphon.conformance.broker.RabbitBrokers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Many replies, progress and cancellation between processes, over each broker: what people type, and what signals do to it. */
class ManyRepliesProcessesTest {

    /** After so much silence each side takes the other for dead; it looks four times within it. */
    private static final Duration GAP = Duration.ofSeconds(2);
    /** For starting threads and ending a JVM on a busy machine. */
    private static final Duration SLACK = Duration.ofSeconds(3);

    private final String subject = "cli.many." + Long.toHexString(System.nanoTime());

    static List<Named<String>> brokers() {
        return List.of(
                named("NATS", NatsBrokers.shared().url()),
                named("RabbitMQ", RabbitBrokers.shared().url()),
                named("Kafka", KafkaBrokers.shared().url()));
    }

    private CliProcess responder(String url, String... how) {
        return CliProcess.responder(args("reply", url, how));
    }

    private CliProcess streamer(String url, String command) {
        return responder(url, "--stream", "--command", command);
    }

    private CliProcess start(String command, String url, String... how) {
        return CliProcess.start(args(command, url, how));
    }

    private String[] args(String command, String url, String... how) {
        List<String> args = new ArrayList<>(List.of(command, subject, "--url", url));
        args.addAll(List.of(how));
        return args.toArray(new String[0]);
    }

    // -- gather --

    @ParameterizedTest
    @MethodSource("brokers")
    void gather_fromThreeProcesses_printsWhatEachSays(String url) {
        try (CliProcess ada = responder(url, "--body", "ada");
                CliProcess bob = responder(url, "--body", "bob");
                CliProcess cyd = responder(url, "--command", "echo first >&2; echo no apples >&2; exit 3")) {
            try (CliProcess gather = start("gather", url, "--min", "2", "--stall", "2s", "--timeout", "30s")) {
                assertThat(gather.exitCode()).as(gather.err()).isZero();
                assertThat(gather.lines()).containsExactlyInAnyOrder("ada", "bob");
                assertThat(gather.err()).contains("EXIT_3", "no apples", "STALLED, 2 replies, 1 errors");
            }
            bob.kill();
            bob.exitCode();
            try (CliProcess gather = start("gather", url, "--min", "2", "--timeout", "2s", "--json")) {
                assertThat(gather.exitCode()).as(gather.err()).isEqualTo(Verdict.ERROR_REPLY);
                JsonNode summary = Shell.json(gather.lines().get(1));
                assertThat(summary.get("end").asText()).isEqualTo("TIMEOUT");
                assertThat(summary.get("replies").asInt()).isEqualTo(1);
            }
            assertThat(List.of(ada.err(), cyd.err()))
                    .allSatisfy(log -> assertThat(log).contains(subject + "  0 bytes -> "));
        }
    }

    // -- stream --

    @ParameterizedTest
    @MethodSource("brokers")
    void stream_ofACommand_printsItsLinesInOrder(String url) {
        try (CliProcess responder = streamer(url, "seq $(cat)");
                CliProcess stream = start("stream", url, "20000")) {
            assertThat(stream.exitCode()).as(stream.err()).isZero();
            assertThat(stream.lines())
                    .containsExactlyElementsOf(IntStream.rangeClosed(1, 20_000)
                            .mapToObj(Integer::toString)
                            .toList());
            assertThat(responder.descendants()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("brokers")
    void stream_whoseCommandFails_endsWithItsLastWords(String url) {
        try (CliProcess responder = streamer(url, "seq 5; echo out of paper >&2; exit 7");
                CliProcess stream = start("stream", url, "--json")) {
            assertThat(stream.exitCode()).as(stream.err()).isEqualTo(Verdict.ERROR_REPLY);
            assertThat(stream.err()).contains("EXIT_7", "out of paper");
            assertThat(stream.lines()).hasSize(6);
            assertThat(Shell.json(stream.lines().get(5)).get("remoteCode").asText())
                    .isEqualTo("EXIT_7");
            assertThat(responder.descendants()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("brokers")
    void stream_whoseResponderIsKilled_failsWithinTheGap(String url) {
        try (CliProcess responder = streamer(url, "seq 3; sleep 600");
                CliProcess stream = start("stream", url, "--gap", GAP.toSeconds() + "s")) {
            stream.awaitLines(3);
            long killed = System.nanoTime();
            responder.kill();

            // TIMEOUT after the gap, or sooner UNAVAILABLE where the broker can tell that nobody is there.
            assertThat(stream.exitCode()).as(stream.err()).isIn(Verdict.TIMEOUT, Verdict.ERROR_REPLY);
            assertThat(stream.err()).containsAnyOf("TIMEOUT", "UNAVAILABLE").hasLineCount(1);
            assertThat(Duration.ofNanos(System.nanoTime() - killed)).isLessThan(GAP.plus(SLACK));
            assertThat(stream.lines()).containsExactly("1", "2", "3");
        }
    }

    @ParameterizedTest
    @MethodSource("brokers")
    void stream_killed_stopsTheCommandWithinTheGap(String url) {
        try (CliProcess responder = streamer(url, "yes")) {
            try (CliProcess stream = start("stream", url, "--gap", GAP.toSeconds() + "s")) {
                stream.awaitLines(1000);
                assertThat(responder.descendants()).isPositive();
                stream.kill();
                // Each side looks four times within the gap.
                awaitNoCommand(responder, GAP.plus(GAP.dividedBy(4)).plus(SLACK));
            }
            try (CliProcess next = start("stream", url, "--count", "5", "--gap", "60s")) {
                assertThat(next.exitCode()).as(next.err()).isZero();
                assertThat(next.lines()).hasSize(5).containsOnly("y");
            }
            awaitNoCommand(responder, SLACK);
        }
    }

    /** The gap is a minute, so it is the cancellation that stops the command. */
    @ParameterizedTest
    @MethodSource("brokers")
    void stream_interrupted_stopsTheCommandAtOnce(String url) {
        try (CliProcess responder = streamer(url, "yes");
                CliProcess stream = CliProcess.startInterruptible(args("stream", url, "--gap", "60s"))) {
            stream.awaitLines(1000);
            assertThat(responder.descendants()).isPositive();
            stream.interrupt();

            assertThat(stream.exitCode()).as(stream.err()).isEqualTo(130);
            awaitNoCommand(responder, SLACK);
            assertThat(stream.err()).isEmpty();
        }
    }

    private static void awaitNoCommand(CliProcess responder, Duration limit) {
        Awaitility.await("the command ends").atMost(limit).until(() -> responder.descendants() == 0);
    }

    // -- progress --

    @ParameterizedTest
    @MethodSource("brokers")
    void request_withProgress_printsItAndTheReply(String url) {
        CountDownLatch printed = new CountDownLatch(1);
        try (Messenger responder = Messenger.connect(url)) {
            responder.respond(subject, request -> {
                request.progress(Message.of("10 %"));
                request.progress(Message.of("90 %"));
                await(printed);
                return Message.of("converted");
            });
            try (CliProcess request = start("request", url, "--progress", "--timeout", "60s")) {
                request.awaitErr("progress: 90 %");
                printed.countDown();
                assertThat(request.exitCode()).as(request.err()).isZero();
                assertThat(request.out()).isEqualTo("converted\n");
                assertThat(request.err()).isEqualTo("progress: 10 %\nprogress: 90 %\n");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("brokers")
    void request_withProgressInterrupted_cancelsTheHandler(String url) {
        CompletableFuture<Void> cancelled = new CompletableFuture<>();
        CountDownLatch over = new CountDownLatch(1);
        try (Messenger responder = Messenger.connect(url)) {
            responder.respond(subject, request -> {
                request.onCancel(() -> cancelled.complete(null));
                request.progress(Message.of("begun"));
                await(over);
                return Message.empty();
            });
            try (CliProcess request =
                    CliProcess.startInterruptible(args("request", url, "--progress", "--timeout", "10m"))) {
                request.awaitErr("progress: begun");
                request.interrupt();
                assertThat(request.exitCode()).isEqualTo(130);
                Awaitility.await("the handler is told").atMost(SLACK).until(cancelled::isDone);
            } finally {
                over.countDown();
            }
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(Shell.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("nobody opened the latch");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
