package dev.antiphon.transport.inmemory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SubjectPatternTest {

    @ParameterizedTest
    @CsvSource({
        "a.b, a.b",
        "a.*, a.b",
        "*.b, a.b",
        "*, a",
        "a.*.c, a.b.c",
        ">, a",
        ">, a.b.c",
        "a.>, a.b",
        "a.>, a.b.c",
        "*.>, a.b",
        "a.*.>, a.b.c.d",
        "a*.b, a*.b",
        "a.>b, a.>b",
        "price.*, price.*"
    })
    void matches_whenTokensFit(String pattern, String subject) {
        assertThat(SubjectPattern.matches(pattern, subject)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "a.b, a",
        "a.b, a.b.c",
        "a.b, a.bc",
        "a.bc, a.b",
        "a.*, a",
        "a.*, a.b.c",
        "*, a.b",
        "a.>, a",
        "*.>, a",
        "a.*.>, a.b",
        "a*.b, ab.b",
        "a.>b, a.b",
        "a.b.*, a.b"
    })
    void matches_whenTokensDiffer_isFalse(String pattern, String subject) {
        assertThat(SubjectPattern.matches(pattern, subject)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", ">", "a.*", "*.a", "a.*.b", "a.>"})
    void isPattern_whenATokenIsAWildcard(String subject) {
        assertThat(SubjectPattern.isPattern(subject)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "a.b", "a*", "*a.b", "a>", "a.b>"})
    void isPattern_whenNoTokenIsAWildcard_isFalse(String subject) {
        assertThat(SubjectPattern.isPattern(subject)).isFalse();
    }
}
