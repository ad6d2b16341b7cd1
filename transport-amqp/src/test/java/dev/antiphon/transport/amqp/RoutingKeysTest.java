package dev.antiphon.transport.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RoutingKeysTest {

    @ParameterizedTest
    @CsvSource({
        "orders.eu, orders.eu",
        "orders.*.eu, orders.*.eu",
        "orders.>, orders.*.#",
        ">, *.#",
        "orders.*.>, orders.*.*.#",
        "orders.a>, orders.a>",
        "orders.#, orders.%23",
        "#.x, %23.x",
        "a#.#b, a#.#b",
        "a.%23, a.%2523",
        "a.%2523.b, a.%252523.b",
        "a.%41, a.%41"
    })
    void ofPattern_meansTheSameToTheBroker(String pattern, String key) {
        assertThat(RoutingKeys.ofPattern(pattern)).isEqualTo(key);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.b", "#", "a.#.b", "%23", "%2523.x", "%25", "x.%232", "a#b", "%", "größe.漢字"})
    void ofSubject_isUndoneByToSubject(String subject) {
        assertThat(RoutingKeys.toSubject(RoutingKeys.ofSubject(subject))).isEqualTo(subject);
    }
}
