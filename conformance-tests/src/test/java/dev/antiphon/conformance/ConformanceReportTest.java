package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.antiphon.spi.Capabilities;
import dev.antiphon.spi.Transport;
import dev.antiphon.spi.TransportConfig;
import dev.antiphon.spi.TransportOption;
import dev.antiphon.spi.TransportProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConformanceReportTest {
    private static final Map<String, Verdict> VERDICTS = Map.of(
            "PUB-01", Verdict.of(Outcome.PASS_NATIVE),
            "PUB-02", Verdict.of(Outcome.PASS_ABSENT),
            "PUB-03", new Verdict(Outcome.FAIL, 12, "messages lost"),
            "PUB-04", Verdict.of(Outcome.WAIVED));

    private final ConformanceReport report = new ConformanceReport(new NoFixture(), VERDICTS);

    @Test
    void differences_areReportedInBothDirections() {
        assertThat(report.differences(getClass()))
                .containsExactlyInAnyOrder(
                        "PUB-02: expected PASS native, is PASS absent",
                        "PUB-04: expected not in the file, is WAIVED",
                        "OLD-01: expected, but there is no such rule");
    }

    @Test
    void write_tellsHowEachRuleEnded(@TempDir Path directory) throws IOException {
        report.write(directory);

        JsonNode written = new ObjectMapper()
                .readTree(
                        directory.resolve("conformance-report-report-test.json").toFile());
        assertThat(written.path("broker").asText()).isEqualTo("within the JVM");
        assertThat(written.path("rules").size()).isEqualTo(4);
        assertThat(written.path("rules").path("PUB-03").toString())
                .isEqualTo("{\"outcome\":\"FAIL\",\"millis\":12,\"reason\":\"messages lost\"}");
    }

    @Test
    void updateExpectation_takesOverWhatDidNotFail(@TempDir Path directory) throws IOException {
        report.updateExpectation(directory);

        JsonNode written = new ObjectMapper()
                .readTree(directory
                        .resolve("conformance/report-test.expected.json")
                        .toFile());
        assertThat(written.toString())
                .isEqualTo("{\"PUB-01\":\"PASS native\",\"PUB-02\":\"PASS absent\",\"PUB-04\":\"WAIVED\"}");
    }

    private static final class NoFixture implements TransportFixture {
        @Override
        public String mode() {
            return "report-test";
        }

        @Override
        public TransportProvider provider() {
            return new NoProvider();
        }

        @Override
        public String url() {
            throw new UnsupportedOperationException();
        }
    }

    private static final class NoProvider implements TransportProvider {
        @Override
        public String name() {
            return "none";
        }

        @Override
        public Set<String> schemes() {
            return Set.of();
        }

        @Override
        public List<TransportOption> options() {
            return List.of();
        }

        @Override
        public Capabilities capabilities() {
            return Capabilities.of(new Capabilities.Limits(0, 0));
        }

        @Override
        public Transport create(TransportConfig config) {
            throw new UnsupportedOperationException();
        }
    }
}
