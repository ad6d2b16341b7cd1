package dev.antiphon.transport.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SubjectPatternTest {

    @ParameterizedTest
    @CsvSource({
        "a.b, a.b, true",
        "a.b, a.bc, false",
        "a.b, a, false",
        "a.*, a.b, true",
        "a.*, a, false",
        "a.*, a.b.c, false",
        "a.*, ab.c, false",
        "*.b, a.b, true",
        "*.b, a.c, false",
        "*, a, true",
        "*, a.b, false",
        "a.>, a.b, true",
        "a.>, a.b.c, true",
        "a.>, a, false",
        "a.>, ab, false",
        ">, a, true",
        ">, a.b, true",
        "*.>, a.b, true",
        "*.>, a, false"
    })
    void matches(String pattern, String subject, boolean expected) {
        assertThat(SubjectPattern.of(pattern).matches(subject)).isEqualTo(expected);
    }
}
