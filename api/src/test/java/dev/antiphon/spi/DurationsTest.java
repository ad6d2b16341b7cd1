package dev.antiphon.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {

    @ParameterizedTest
    @CsvSource({
        "250ms,PT0.25S",
        "2s,PT2S",
        "5m,PT5M",
        "1h,PT1H",
        "0s,PT0S",
        "000001s,PT1S",
        "PT2.5S,PT2.5S",
        "P1D,PT24H",
        "999999999999h,PT999999999999H"
    })
    void parse_duration_isRead(String text, Duration duration) {
        assertThat(Durations.parse(text)).isEqualTo(duration);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "5",
                "s",
                "5 s",
                " 5s",
                "5S",
                "5sec",
                "-5s",
                "+5s",
                "1.5s",
                "1e3s",
                "PT-1S",
                "-PT1S",
                "5d",
                "five",
                "9999999999999s",
                "\u0665s"
            })
    void parse_anythingElse_isRefusedWithAnExample(String text) {
        assertThatThrownBy(() -> Durations.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + text + "\"")
                .hasMessageContaining("250ms");
    }
}
