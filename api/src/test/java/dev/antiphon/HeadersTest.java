package dev.antiphon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeadersTest {

    private static final Headers SOME = Headers.of("Accept", "a", "trace", "1", "ACCEPT", "b");

    @Test
    void lookup_anySpelling_findsTheValues() {
        assertThat(SOME.first("accept")).contains("a");
        assertThat(SOME.all("aCCept")).containsExactly("a", "b");
        assertThat(SOME.contains("TRACE")).isTrue();
        assertThat(SOME.first("other")).isEmpty();
        assertThat(SOME.all("other")).isEmpty();
    }

    @Test
    void names_repeated_areToldOnceInTheirFirstSpelling() {
        assertThat(SOME.names()).containsExactly("Accept", "trace");
        assertThat(SOME.size()).isEqualTo(3);
    }

    @Test
    void forEach_always_keepsOrderAndSpelling() {
        List<String> seen = new java.util.ArrayList<>();

        SOME.forEach((name, value) -> seen.add(name + "=" + value));

        assertThat(seen).containsExactly("Accept=a", "trace=1", "ACCEPT=b");
    }

    @Test
    void with_nameThere_replacesAllItsValues() {
        assertThat(SOME.with("accept", "c")).isEqualTo(Headers.of("trace", "1", "accept", "c"));
        assertThat(SOME.all("accept")).as("immutable").hasSize(2);
    }

    @Test
    void plus_nameThere_addsAValue() {
        assertThat(SOME.plus("accept", "c").all("accept")).containsExactly("a", "b", "c");
    }

    @Test
    void without_name_removesAllItsValues() {
        assertThat(SOME.without("ACCept")).isEqualTo(Headers.of("trace", "1"));
        assertThat(SOME.without("other")).isSameAs(SOME);
        assertThat(Headers.of("a", "1").without("A").isEmpty()).isTrue();
    }

    @Test
    void of_arrayChangedLater_isNotAffected() {
        String[] pairs = {"a", "1"};
        Headers headers = Headers.of(pairs);

        pairs[1] = "2";

        assertThat(headers.first("a")).contains("1");
    }

    @Test
    void containsPrefix_anySpelling_isFound() {
        assertThat(Headers.of("Antiphon-X", "1").containsPrefix("antiphon-")).isTrue();
        assertThat(Headers.of("antiphon", "1").containsPrefix("antiphon-")).isFalse();
        assertThat(Headers.EMPTY.containsPrefix("")).isFalse();
    }

    @Test
    void equals_namesInAnotherSpelling_isEqual() {
        assertThat(Headers.of("A", "x")).isEqualTo(Headers.of("a", "x")).hasSameHashCodeAs(Headers.of("a", "x"));
        assertThat(Headers.of("a", "x")).isNotEqualTo(Headers.of("a", "X"));
        assertThat(Headers.of("a", "1", "b", "2")).isNotEqualTo(Headers.of("b", "2", "a", "1"));
        assertThat(Headers.of()).isSameAs(Headers.EMPTY);
    }

    @Test
    void toString_always_hidesValues() {
        assertThat(Headers.of("token", "s3cr3t")).hasToString("[token]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "X-Trace_id.1", "!#$%&'*+-.^_`|~", "0"})
    void name_token_isTaken(String name) {
        assertThat(Headers.of(name, "v").first(name)).contains("v");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "a:", "a\n", "\u00e4", "a(b)", "a\u0000", "{a}"})
    void name_anythingElse_isRefused(String name) {
        isInvalid(() -> Headers.of(name, "v"));
        isInvalid(() -> Headers.EMPTY.with(name, "v"));
        isInvalid(() -> Headers.EMPTY.plus(name, "v"));
        isInvalid(() -> Message.empty().withHeader(name, "v"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "v", "a b", "a:b=c;d\"e\\", "~!@#"})
    void value_printable_isTaken(String value) {
        assertThat(Headers.of("a", value).first("a")).contains(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {" ", " a", "a ", "a\r\nb: c", "a\tb", "\u00e4", "\u20ac", "a\u0000", "\u007f", "\t"})
    void value_anythingElse_isRefused(String value) {
        isInvalid(() -> Headers.of("a", value));
        isInvalid(() -> Headers.EMPTY.with("a", value));
        isInvalid(() -> Headers.EMPTY.plus("a", value));
    }

    @Test
    void value_refused_isNotShown() {
        assertThatThrownBy(() -> Headers.of("token", "s3cr3t\n"))
                .satisfies(failure -> assertThat(failure.getMessage())
                        .contains("token", "index 6")
                        .doesNotContain("s3cr3t"));
    }

    @Test
    void of_oddNumberOfStrings_isRefused() {
        isInvalid(() -> Headers.of("a"));
    }

    @Test
    void received_foreignHeaders_areTakenAsTheyAre() {
        assertThat(Headers.received("b\u00e4d name", " value\n").first("b\u00e4d name"))
                .contains(" value\n");
    }

    private static void isInvalid(Runnable use) {
        assertThatThrownBy(use::run)
                .isInstanceOfSatisfying(
                        AntiphonException.class,
                        failure -> assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT));
    }
}
