package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.AntiphonException;
import dev.antiphon.Call;
import dev.antiphon.ErrorCode;
import dev.antiphon.RequestOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * The thread that looks at the clock, in real time. What other programs on the machine do to one single timeout is not
 * the ticker's doing, so the median of twenty is what is judged.
 */
class TickerTest {

    private static final Duration TIMEOUT = Duration.ofMillis(100);
    private static final Duration LIMIT = Duration.ofMillis(120);

    @Test
    void timeout_with100000OthersPending_isAtMost20MillisLate() {
        try (Engine engine = Engine.start(200_000)) {
            pending(engine, 100_000);

            isMetByMost(engine);
        }
    }

    @Test
    void timeout_whileNotConnected_isAtMost20MillisLate() {
        Setup setup = new Setup();
        setup.onDisconnect = dev.antiphon.DisconnectPolicy.WAIT;
        try (Engine engine = setup.start()) {
            engine.transport.onRequest = sent -> sent.fail(ErrorCode.NOT_CONNECTED);

            isMetByMost(engine);
        }
    }

    private static void pending(Engine engine, int calls) {
        engine.transport.onRequest = SentRequest::confirm;
        for (int i = 0; i < calls; i++) {
            engine.request(RequestOptions.timeout(Duration.ofMinutes(5).plusMillis(i % 10_000)));
        }
    }

    private static void isMetByMost(Engine engine) {
        List<Duration> times = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            long start = System.nanoTime();
            Call call = engine.request(RequestOptions.timeout(TIMEOUT));
            AntiphonException failure = Assertions.catchThrowableOfType(AntiphonException.class, call::join);
            times.add(Duration.ofNanos(System.nanoTime() - start));
            assertThat(failure.code()).isEqualTo(ErrorCode.TIMEOUT);
        }
        Collections.sort(times);
        assertThat(times.get(0)).as("never early").isGreaterThanOrEqualTo(TIMEOUT);
        assertThat(times.get(10)).as("median of " + times).isLessThan(LIMIT);
    }

    @Test
    void ticker_nothingToDo_fallsAsleepAndIsWokenByARequest() {
        try (Engine engine = Engine.start()) {
            Thread ticker = threadNamed("antiphon-timer-test");
            Awaitility.await().until(() -> ticker.getState() == Thread.State.WAITING);

            long start = System.nanoTime();
            Call call = engine.request(RequestOptions.timeout(TIMEOUT));

            assertThat(Assertions.catchThrowableOfType(AntiphonException.class, call::join)
                            .code())
                    .isEqualTo(ErrorCode.TIMEOUT);
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(TIMEOUT.toNanos());
        }
    }

    @Test
    void ticker_messengerClosed_ends() {
        Engine engine = Engine.start();
        Thread ticker = threadNamed("antiphon-timer-test");

        engine.close();

        Awaitility.await().until(() -> !ticker.isAlive());
    }

    private static Thread threadNamed(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(name) && thread.isAlive())
                .findAny()
                .orElseThrow();
    }
}
