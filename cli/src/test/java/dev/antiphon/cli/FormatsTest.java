package dev.antiphon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.RemoteException;
import java.util.Arrays;
import java.util.concurrent.CompletionException;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class FormatsTest {

    @ParameterizedTest
    @CsvSource({"0,0 us", "80400,80 us", "2440000,2.4 ms", "1250000000,1.25 s"})
    void nanos_ofAnySize_haveAReadableUnit(long nanos, String expected) {
        assertThat(Format.nanos(nanos)).isEqualTo(expected);
    }

    @Test
    void oneLine_ofTextWithLineEnds_escapesThem() {
        assertThat(Format.oneLine("a\nb\r\tc\\")).isEqualTo("a\\nb\\r\\tc\\\\");
    }

    @ParameterizedTest
    @EnumSource(ErrorCode.class)
    void verdict_ofEveryCode_hasAnExitCodeAndAdvice(ErrorCode code) {
        Verdict verdict = Verdict.of(code);
        assertThat(verdict.exitCode()).isBetween(1, 5);
        assertThat(verdict.advice()).isNotBlank().doesNotContain("\n");
    }

    @ParameterizedTest
    @CsvSource({
        "REMOTE,1",
        "UNAVAILABLE,1",
        "INVALID_ARGUMENT,2",
        "TOO_LARGE,2",
        "TIMEOUT,3",
        "NO_RESPONDERS,4",
        "NOT_CONNECTED,5",
        "CONNECTION_LOST,5",
        "AUTHENTICATION,5",
        "CLOSED,5"
    })
    void verdict_ofACode_isThePublishedExitCode(ErrorCode code, int exitCode) {
        assertThat(Verdict.of(code).exitCode()).isEqualTo(exitCode);
    }

    @Test
    void failures_ofWrappedFailure_findIt() {
        RemoteException remote = new RemoteException("EXIT_3", "broken");
        assertThat(Failures.of(new CompletionException(remote))).isSameAs(remote);
        assertThat(Failures.label(remote)).isEqualTo("REMOTE EXIT_3");
        assertThat(Failures.of(new IllegalStateException("odd")).code()).isEqualTo(ErrorCode.INTERNAL);
    }

    @Test
    void jsonMessage_ofBytesThatAreNotText_isBase64() {
        assertThat(Json.message("reply", "a", Message.of("x"))).containsEntry("body", "x");
        assertThat(Json.message("reply", "a", Message.wrap(new byte[] {-1, 0})))
                .containsEntry("bodyBase64", "/wA=")
                .doesNotContainKey("body");
    }

    @Test
    void jsonMessage_withRepeatedHeader_keepsAllValues() {
        Message message = Message.empty().withHeaders(dev.antiphon.Headers.of("tag", "1", "tag", "2"));
        assertThat(Shell.json(Json.line(Json.message("m", "s", message)))
                        .at("/headers/tag")
                        .toString())
                .isEqualTo("[\"1\",\"2\"]");
    }

    @Test
    void bar_halfDone_isHalfFull() {
        assertThat(ProgressBar.bar(0.5)).isEqualTo("[###############               ]  50 %");
        assertThat(ProgressBar.bar(1)).startsWith("[##############################]");
    }

    @Test
    void chart_ofLatencies_sharesThemAmongRangesAndCountsEachOnce() {
        Histogram histogram = new Histogram(3);
        Arrays.stream(new long[] {15_000, 16_000, 17_000, 150_000}).forEach(histogram::recordValue);
        assertThat(LatencyChart.rows(histogram))
                .hasSize(4)
                .anyMatch(row -> row.contains("< ")
                        && row.contains("20 us |##############################")
                        && row.endsWith("75.0 %"))
                .anyMatch(row -> row.contains("200 us |##########  ") && row.endsWith("25.0 %"));
        assertThat(LatencyChart.rows(new Histogram(3))).isEmpty();
    }

    @Test
    void tally_ofMixedEndings_countsByCodeAndTakesTheWorst() {
        Tally tally = new Tally();
        tally.ended(Message.empty(), null, 1_000_000);
        tally.ended(null, new RemoteException("EXIT_3", "broken"), 5);
        tally.ended(null, new AntiphonException(ErrorCode.TIMEOUT, "late"), 2_000_000_000L);
        tally.ended(null, new AntiphonException(ErrorCode.TIMEOUT, "late"), 3);
        tally.finish();
        assertThat(tally.exitCode()).isEqualTo(3);
        assertThat(tally.ended()).isEqualTo(4);
        assertThat(tally.errorLine()).isEqualTo("REMOTE EXIT_3 1, TIMEOUT 2; the slowest after 2.00 s");
        assertThat(tally.latencyLine()).contains("p50 1.0 ms", "p99.9 1.0 ms", "max");
    }

    @Test
    void shown_ofUrlWithSecrets_hidesThem() {
        assertThat(CommonOptions.shown("nats://u:p@h1:1,h2:2/x?token=t")).isEqualTo("nats://h1:1,h2:2/x");
        assertThat(CommonOptions.shown("nats://u:p@w@h:1")).isEqualTo("nats://h:1");
        assertThat(CommonOptions.shown("nats://u:p?w@h:1")).isEqualTo("nats://...");
        assertThat(CommonOptions.shown("nats://h:1?token=a@b")).isEqualTo("nats://...");
    }

    @Test
    void variable_ofHeader_isAnEnvironmentName() {
        assertThat(ShellHandler.variable("x-Trace.id")).isEqualTo("ANTIPHON_HEADER_X_TRACE_ID");
    }
}
