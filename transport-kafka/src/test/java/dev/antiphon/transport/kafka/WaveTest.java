package dev.antiphon.transport.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class WaveTest {

    private final Wave first = new Wave(CompletableFuture.completedFuture(null));

    @Test
    void done_whenAllHaveLeftAndAnotherIsThePresentOne() {
        assertThat(first.enter()).isTrue();
        assertThat(first.enter()).isTrue();
        first.leave();
        first.leave();
        assertThat(first.done()).isNotDone();

        first.leave(); // no longer the present one

        assertThat(first.done()).isCompleted();
        assertThat(first.enter()).as("nobody comes in any more").isFalse();
    }

    @Test
    void done_waitsForTheWavesBefore() {
        assertThat(first.enter()).isTrue();
        first.leave();
        Wave second = new Wave(first.done());
        second.leave();
        assertThat(second.done()).isNotDone();

        first.leave();

        assertThat(second.done()).isCompleted();
    }
}
