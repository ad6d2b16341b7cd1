package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.Hedging;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Budgets and delays of hedged requests. */
class HedgesTest {

    private static final Hedging FIXED = Hedging.after(Duration.ofMillis(5)).withBudget(20);

    private final Hedges hedges = new Hedges();

    private RaceCall.Pace races(int count, Hedging hedging, String subject) {
        return IntStream.range(0, count)
                .mapToObj(i -> hedges.pace(hedging, subject))
                .reduce((before, after) -> after)
                .orElseThrow();
    }

    @Test
    void budget_isEarnedByRaces() {
        assertThat(races(4, FIXED, "a").mayStart()).isFalse();
        RaceCall.Pace pace = races(2, FIXED, "a");

        assertThat(pace.mayStart()).isTrue();
        assertThat(pace.mayStart()).isFalse();
    }

    @Test
    void budget_isNotSavedUp() {
        RaceCall.Pace pace = races(10_000, FIXED, "a");

        assertThat(IntStream.range(0, 100).filter(i -> pace.mayStart()).count()).isEqualTo(10);
    }

    @Test
    void budget_isOfOnePolicyAndOneSubject() {
        races(100, FIXED, "a");

        assertThat(hedges.pace(FIXED, "b").mayStart()).isFalse();
        assertThat(hedges.pace(FIXED.withBudget(30), "a").mayStart()).isFalse();
        assertThat(hedges.pace(Hedging.after(Duration.ofMillis(5)).withBudget(20), "a")
                        .mayStart())
                .as("an equal policy")
                .isTrue();
    }

    @Test
    void delay_ofAPercentile_isLearned() {
        RaceCall.Pace pace = hedges.pace(Hedging.atPercentile(0.9), "a");
        assertThat(pace.delay()).as("nothing is known").isNegative();

        IntStream.range(0, 90).forEach(i -> pace.won(1_000_000));
        IntStream.range(0, 10).forEach(i -> pace.won(100_000_000));

        assertThat(pace.delay()).isBetween(1_000_000L, 1_150_000L);
    }

    @Test
    void subjects_tooMany_areForgotten() {
        races(100, FIXED, "a");
        IntStream.range(0, 5000).forEach(i -> hedges.pace(FIXED, "subject." + i));

        assertThat(hedges.pace(FIXED, "a").mayStart()).as("saved budget").isFalse();
    }
}
