package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BoundedTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @Test
    void task_thatEnds_leavesNoFailure() throws InterruptedException {
        assertThat(Bounded.run("quick", LONG, () -> {})).isEmpty();
    }

    @Test
    void task_thatThrows_isTheFailure() throws InterruptedException {
        Throwable thrown = new AssertionError("on purpose");

        assertThat(Bounded.run("failing", LONG, () -> {
                    throw thrown;
                }))
                .containsSame(thrown);
    }

    @Test
    void task_thatHangs_isInterruptedAndSaysWhere() throws InterruptedException {
        CountDownLatch interrupted = new CountDownLatch(1);

        var failure = Bounded.run("hanging", Duration.ofMillis(20), () -> hangUntilInterrupted(interrupted));

        assertThat(failure.orElseThrow())
                .hasMessageContaining("hanging did not end within PT0.02S")
                .hasMessageContaining("hangUntilInterrupted");
        assertThat(interrupted.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    private static void hangUntilInterrupted(CountDownLatch interrupted) {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            interrupted.countDown();
        }
    }
}
