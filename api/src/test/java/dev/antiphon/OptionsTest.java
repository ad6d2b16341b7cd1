package dev.antiphon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The options of requests, responders, subscribers and messengers: immutable, and checked when they are set. */
class OptionsTest {

    @Test
    void requestOptions_with_keepsTheRest() {
        RequestOptions options = RequestOptions.timeout(Duration.ofSeconds(1))
                .withOnDisconnect(DisconnectPolicy.RESEND)
                .withIdempotent(true);

        assertThat(options.timeout()).contains(Duration.ofSeconds(1));
        assertThat(options.onDisconnect()).contains(DisconnectPolicy.RESEND);
        assertThat(options.idempotent()).isTrue();
        assertThat(options.parent()).isEmpty();
        assertThat(RequestOptions.DEFAULTS.timeout()).isEmpty();
        assertThat(RequestOptions.DEFAULTS.onDisconnect()).isEmpty();
        assertThat(RequestOptions.DEFAULTS.idempotent()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT-1S", "PT24H0.000000001S", "PT9999999H"})
    void timeout_outOfRange_isRefused(Duration timeout) {
        isInvalid(() -> RequestOptions.timeout(timeout));
        isInvalid(() -> Messenger.builder().requestTimeout(timeout));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0.000000001S", "PT24H"})
    void timeout_atTheEdge_isTaken(Duration timeout) {
        assertThat(RequestOptions.timeout(timeout).timeout()).contains(timeout);
    }

    @Test
    void respondOptions_with_keepsTheRest() {
        RespondOptions options = RespondOptions.queueGroup("g")
                .withConcurrency(3)
                .withQueueLimit(4)
                .withOnOverload(OverloadPolicy.WAIT)
                .withSameThread(true);

        assertThat(options.queueGroup()).contains("g");
        assertThat(options.concurrency()).isEqualTo(3);
        assertThat(options.queueLimit()).isEqualTo(4);
        assertThat(options.onOverload()).isEqualTo(OverloadPolicy.WAIT);
        assertThat(options.sameThread()).isTrue();
        assertThat(RespondOptions.DEFAULTS.queueGroup()).isEmpty();
        assertThat(RespondOptions.DEFAULTS.sameThread()).isFalse();
    }

    @Test
    void subscribeOptions_with_keepsTheRest() {
        SubscribeOptions options = SubscribeOptions.queueGroup("g")
                .withQueueLimit(4)
                .withOnOverload(OverloadPolicy.WAIT)
                .withSameThread(true);

        assertThat(options.queueGroup()).contains("g");
        assertThat(options.queueLimit()).isEqualTo(4);
        assertThat(options.onOverload()).isEqualTo(OverloadPolicy.WAIT);
        assertThat(options.sameThread()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
    void numbers_belowOne_areRefused(int number) {
        isInvalid(() -> RespondOptions.DEFAULTS.withConcurrency(number));
        isInvalid(() -> RespondOptions.DEFAULTS.withQueueLimit(number));
        isInvalid(() -> SubscribeOptions.DEFAULTS.withQueueLimit(number));
        isInvalid(() -> Messenger.builder().maxInFlight(number));
    }

    @Test
    void builder_numbersOutOfRange_areRefused() {
        isInvalid(() -> Messenger.builder().maxInFlight(MessengerOptions.HIGHEST_MAX_IN_FLIGHT + 1));
        isInvalid(() -> Messenger.builder().waitForBroker(Duration.ofSeconds(-1)));
    }

    private static void isInvalid(ThrowingCallable use) {
        assertThatThrownBy(use)
                .isInstanceOfSatisfying(
                        AntiphonException.class,
                        failure -> assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT));
    }
}
