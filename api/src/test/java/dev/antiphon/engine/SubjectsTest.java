package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SubjectsTest {

    private final Subjects subjects = new Subjects(40);

    @ParameterizedTest
    @ValueSource(
            strings = {"a", "orders.eu.created", "A-b_c.1", "$SYS.x", "gr\u00fc\u00dfe.\u20ac", "a/b:c", "{x}", "a'\"\\"
            })
    void concrete_good_isTaken(String subject) {
        assertThat(subjects.checkConcrete(subject)).isSameAs(subject);
        assertThat(subjects.checkPattern(subject)).isSameAs(subject);
        assertThatCode(() -> subjects.checkGroup(subject)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", ">", "a.*", "a.>", "*.b.*", "*.>", "a.*.c"})
    void pattern_good_isTakenForSubscriptionsOnly(String subject) {
        assertThat(subjects.checkPattern(subject)).isSameAs(subject);
        isInvalid(() -> subjects.checkConcrete(subject));
        isInvalid(() -> subjects.checkGroup(subject));
        assertThat(Subjects.isPattern(subject)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "a.",
                ".a",
                "a..b",
                "a b",
                " a",
                "a ",
                "a\tb",
                "a\nb",
                "a\r\nb",
                "a\u0000",
                "a\u007f",
                "a\u0085b",
                "a\u00a0b",
                "a\u2028b",
                "a\u3000b",
                "\ud800",
                "a\udc00",
                "a*",
                "*a",
                "a.b*",
                "a>",
                ">a",
                "a.>.b",
                ">.a",
                "**",
                ">>",
                "a.**"
            })
    void subject_bad_isRefusedEverywhere(String subject) {
        isInvalid(() -> subjects.checkConcrete(subject));
        isInvalid(() -> subjects.checkPattern(subject));
        isInvalid(() -> subjects.checkGroup(subject));
    }

    @Test
    void subject_length_isCountedInBytes() {
        assertThat(subjects.checkConcrete("x".repeat(40))).hasSize(40);
        isInvalid(() -> subjects.checkConcrete("x".repeat(41)));
        assertThat(subjects.checkConcrete("\u20ac".repeat(13))).hasSize(13);
        isInvalid(() -> subjects.checkConcrete("\u20ac".repeat(14)));
    }

    @Test
    void concrete_theSameAgain_isTakenWithoutALook() {
        String subject = "orders.created";
        subjects.checkConcrete(subject);

        assertThat(subjects.checkConcrete(subject)).isSameAs(subject);
        isInvalid(() -> subjects.checkConcrete("orders.*"));
        isInvalid(() -> subjects.checkConcrete("orders.*"));
    }

    @Test
    void message_badSubject_isShownShortAndWithoutControlCharacters() {
        assertThatThrownBy(() -> subjects.checkConcrete("a\u0007b\n".repeat(100)))
                .hasMessageContaining("a?b?")
                .hasMessageContaining("index 1")
                .satisfies(failure ->
                        assertThat(failure.getMessage()).hasSizeLessThan(250).doesNotContain("\n", "\u0007"));
    }

    private static void isInvalid(ThrowingCallable check) {
        assertThatThrownBy(check)
                .isInstanceOfSatisfying(
                        AntiphonException.class,
                        failure -> assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT));
    }
}
