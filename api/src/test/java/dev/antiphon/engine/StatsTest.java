package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.MessengerStats;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The self-check, and the counters of one of each. */
class StatsTest {

    @Test
    void leaked_callLongOverdue_isFound() {
        RequesterFixture fixture = new RequesterFixture();
        fixture.request();
        fixture.clock.advance(RequesterFixture.TIMEOUT.plusSeconds(1)); // and nobody ticks
        assertThat(fixture.requester.leaked()).isZero();

        fixture.clock.advance(Duration.ofSeconds(2));

        assertThat(fixture.requester.leaked()).isEqualTo(1);
        fixture.requester.tick(fixture.clock.getAsLong());
        assertThat(fixture.requester.leaked()).isZero();
    }

    @Test
    void consistent_anyGaugeOff_isFalse() {
        assertThat(stats(3, 3, 3, 0).consistent()).isTrue();
        assertThat(stats(2, 3, 3, 0).consistent()).isFalse();
        assertThat(stats(3, 2, 3, 0).consistent()).isFalse();
        assertThat(stats(3, 3, 2, 0).consistent()).isFalse();
        assertThat(stats(3, 3, 3, 1).consistent()).isFalse();
    }

    private static MessengerStats stats(int inFlight, int timers, int permits, long leaked) {
        return new MessengerStats(
                0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, inFlight, timers, permits, 0, leaked, 0, 0, 0);
    }

    @Test
    void counters_oneOfEach_countExactly() {
        RequesterFixture fixture = new RequesterFixture();
        for (Exit exit : Exit.values()) {
            if (exit != Exit.CLOSE) {
                fixture.transport.requests.clear();
                fixture.transport.onRequest = fixture.transport::keepAndConfirm;
                exit.script.play(fixture);
            }
        }

        Counters counters = fixture.counters;
        assertThat(counters.requestsSent.sum()).isEqualTo(Exit.values().length - 1);
        assertThat(counters.repliesReceived.sum()).as("reply and error reply").isEqualTo(2);
        assertThat(counters.timeouts.sum()).as("with and without confirmation").isEqualTo(2);
        assertThat(counters.noResponders.sum()).isEqualTo(1);
        assertThat(counters.requestsFailed.sum()).isEqualTo(Exit.values().length - 6);
    }
}
