package dev.antiphon.benchmarks.hedging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.benchmarks.hedging.SlowMember.Figures;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Short runs: of the figures only what hedging promises counts. All is slower than in the program, for busy machines. */
class SlowMemberTest {

    private static final Duration SLOW_BY = Duration.ofMillis(250);
    private static final int IN_FLIGHT = 64;
    private static final Duration WARM_UP = Duration.ofSeconds(1);
    private static final Duration WINDOW = Duration.ofSeconds(2);

    @Test
    void hedging_oneOfThreeIsSlow_halvesTheNinetyNinthPercentileWithinItsBudget() throws InterruptedException {
        try (SlowMember scene = new SlowMember("inmemory://hedging-test", 8, SLOW_BY, IN_FLIGHT, WARM_UP, WINDOW)) {
            Figures plain = scene.plain();
            Figures hedged = scene.hedged(10);

            assertThat(plain.sample().requests()).isGreaterThan(1000);
            assertThat(plain.sample().p99()).isGreaterThanOrEqualTo(SLOW_BY.toNanos());
            assertThat(hedged.sample().requests()).isGreaterThan(1000);
            assertThat(hedged.sample().p99())
                    .as("p99 with hedging; without %d", plain.sample().p99())
                    .isLessThanOrEqualTo(plain.sample().p99() / 2);
            assertThat(plain.extraPercent()).isZero();
            assertThat(hedged.extraPercent()).isPositive().isLessThanOrEqualTo(10);
        }
    }

    /** A third of the requests is more than the budget can help. It holds all the same. */
    @Test
    void hedging_aThirdOfTheRequestsIsSlow_staysWithinItsBudget() throws InterruptedException {
        try (SlowMember scene = new SlowMember("inmemory://hedging-third", 1, SLOW_BY, IN_FLIGHT, WARM_UP, WINDOW)) {
            assertThat(scene.hedged(10).extraPercent()).isBetween(5.0, 10.0);
        }
    }
}
