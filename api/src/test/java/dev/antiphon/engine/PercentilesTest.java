package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PercentilesTest {

    private final Percentiles percentiles = new Percentiles();

    private void record(int times, long nanos) {
        IntStream.range(0, times).forEach(i -> percentiles.record(nanos));
    }

    @Test
    void at_tooFewKnown_isUnknown() {
        record(63, 1000);
        assertThat(percentiles.at(0.5)).isNegative();

        record(1, 1000);
        assertThat(percentiles.at(0.5)).isPositive();
    }

    /** Against the exact percentile, over seven orders of magnitude. */
    @Test
    void at_random_isWithinAnEighth() {
        long seed = Long.getLong("percentiles.seed", System.nanoTime());
        Random random = new Random(seed);
        long[] all = new long[1000];
        for (int i = 0; i < all.length; i++) {
            all[i] = (long) Math.exp(random.nextDouble() * 16) + 8;
            percentiles.record(all[i]);
        }
        Arrays.sort(all);

        for (double share : new double[] {0.01, 0.5, 0.9, 0.99}) {
            long exact = all[(int) Math.ceil(share * all.length) - 1];
            assertThat(percentiles.at(share))
                    .as("share %s, seed %d", share, seed)
                    .isBetween(exact, exact + exact / 8 + 1);
        }
    }

    @Test
    void at_zeroOrNothing_isNotNegative() {
        record(100, 0);
        record(100, -5);

        assertThat(percentiles.at(0.99)).isBetween(1L, 2L);
        assertThat(percentiles.at(0)).isBetween(1L, 2L);
    }

    @Test
    void old_fade() {
        record(2000, 1_000_000_000);
        record(20_000, 1000);

        assertThat(percentiles.at(0.99)).isLessThan(1_200);
    }
}
