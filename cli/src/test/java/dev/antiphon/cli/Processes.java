package dev.antiphon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** Requester and responders in processes of their own, over a broker: the main job, and what signals do to it. */
abstract class Processes {

    private static final int REQUESTS = 60_000;

    private final String url;
    private final String subject;

    Processes(String url, TestInfo test) {
        this.url = url;
        subject = "cli." + test.getTestMethod().orElseThrow().getName() + "." + Long.toHexString(System.nanoTime());
    }

    private CliProcess member(String... how) {
        String[] args = new String[how.length + 6];
        System.arraycopy(new String[] {"reply", subject, "--queue", "g", "--url", url}, 0, args, 0, 6);
        System.arraycopy(how, 0, args, 6, how.length);
        return CliProcess.responder(args);
    }

    private Shell load() {
        return Shell.start(
                "request",
                subject,
                "x",
                "--url",
                url,
                "--count",
                Integer.toString(REQUESTS),
                "--in-flight",
                "100",
                "--timeout",
                "1s",
                "--quiet",
                "--json");
    }

    @Test
    void request_toAGroupOfTwoCommands_isAnsweredByBoth() {
        try (CliProcess ada = member("--command", "echo ada says hello to $(cat)");
                CliProcess bob = member("--command", "echo bob says hello to $(cat)")) {
            Shell requests = Shell.run("request", subject, "you", "--url", url, "--count", "40", "--in-flight", "4");
            assertThat(requests.exitCode()).isZero();
            assertThat(requests.lines())
                    .hasSize(40)
                    .contains("ada says hello to you", "bob says hello to you")
                    .containsOnly("ada says hello to you", "bob says hello to you");
            assertThat(ada.err()).contains(subject + "  3 bytes -> ");
            assertThat(bob.err()).contains(subject + "  3 bytes -> ");
        }
    }

    @Test
    void kill_ofOneMemberUnderLoad_noRequestFailsForLongerThanItsTimeout() {
        try (CliProcess victim = member("--echo");
                CliProcess survivor = member("--echo", "--quiet")) {
            Shell load = load();
            victim.awaitErr(subject + "  1 bytes");
            assertThat(load.running()).isTrue();
            victim.kill();
            victim.exitCode();
            assertThat(load.running()).isTrue();
            assertThat(load.exitCode()).isIn(Verdict.ANSWERED, Verdict.TIMEOUT);
            JsonNode summary = load.json();
            assertThat(summary.get("answered").asInt() + summary.get("failed").asInt())
                    .isEqualTo(REQUESTS);
            assertThat(summary.get("failed").asInt()).as(load.err()).isLessThanOrEqualTo(100);
            assertThat(summary.get("slowestFailureMicros").asDouble()).isLessThan(1_500_000);
            assertThat(summary.at("/latencyMicros/max").asDouble()).isLessThan(1_500_000);
            assertThat(Shell.run("request", subject, "x", "--url", url).exitCode())
                    .isZero();
            assertThat(survivor.out()).isEmpty();
        }
    }

    @Test
    void terminate_ofOneMemberUnderLoad_noRequestFails() {
        try (CliProcess leaving = member("--echo");
                CliProcess staying = member("--echo", "--quiet")) {
            Shell load = load();
            leaving.awaitErr(subject + "  1 bytes");
            assertThat(load.running()).isTrue();
            leaving.terminate();
            assertThat(leaving.exitCode()).as(leaving.err()).isZero();
            assertThat(leaving.err()).containsPattern("antiphon: drained in .*, 0 abandoned");
            assertThat(load.running()).isTrue();
            assertThat(load.exitCode()).as(load.err()).isZero();
            assertThat(load.json().get("answered").asInt()).isEqualTo(REQUESTS);
            assertThat(load.json().get("failed").asInt()).isZero();
            assertThat(staying.out()).isEmpty();
        }
    }

    @Test
    void terminate_whileACommandRuns_waitsForItsReply() {
        try (CliProcess member = member("--command", "read line; echo $line; echo begun >&2; sleep 1", "--json")) {
            Shell request = Shell.start("request", subject, "hello", "--url", url, "--timeout", "30s");
            member.terminateWhen(() -> member.descendants() > 0);
            assertThat(request.exitCode()).as(request.err()).isZero();
            assertThat(request.out()).isEqualTo("hello\n");
            assertThat(member.exitCode()).isZero();
            assertThat(member.out()).contains("\"type\":\"drain\"");
        }
    }

    @Test
    void request_withoutResponder_endsWithin200MillisecondsOfTheCall() {
        try (CliProcess request = CliProcess.start("request", subject, "x", "--json", "--url", url)) {
            assertThat(request.exitCode()).as(request.err()).isEqualTo(4);
            JsonNode error = Shell.json(request.out());
            assertThat(error.get("code").asText()).isEqualTo("NO_RESPONDERS");
            assertThat(error.get("latencyMicros").asDouble()).isLessThan(200_000);
        }
    }

    @Test
    void subscribe_terminated_exits0() {
        try (CliProcess subscriber =
                CliProcess.start("subscribe", subject, "--url", url).awaitErr("subscribed to")) {
            subscriber.terminate();
            assertThat(subscriber.exitCode()).isZero();
        }
    }
}
