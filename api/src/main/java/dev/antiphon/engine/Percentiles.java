package dev.antiphon.engine;

/**
 * Recent durations in buckets that grow by an eighth of a power of two, so that a percentile is right within an eighth. Old
 * ones fade: each {@value #HALF_LIFE} durations all counts are halved.
 */
final class Percentiles {

    private static final int HALF_LIFE = 2048;
    private static final int LEAST = 64;
    private static final int STEPS = 8;

    private final int[] counts = new int[64 * STEPS];
    private int total;
    private int sinceHalving;

    synchronized void record(long nanos) {
        counts[bucket(Math.max(1, nanos))]++;
        total++;
        if (++sinceHalving == HALF_LIFE) {
            halve();
        }
    }

    private void halve() {
        sinceHalving = 0;
        total = 0;
        for (int i = 0; i < counts.length; i++) {
            counts[i] /= 2;
            total += counts[i];
        }
    }

    /** The duration that this share of the recent ones does not exceed; -1 as long as too few are known. */
    synchronized long at(double share) {
        if (total < LEAST) {
            return -1;
        }
        long wanted = (long) Math.ceil(share * total);
        long seen = 0;
        for (int i = 0; i < counts.length; i++) {
            seen += counts[i];
            if (seen >= wanted && seen > 0) {
                return upperBound(i);
            }
        }
        return -1;
    }

    private static int bucket(long nanos) {
        int power = 63 - Long.numberOfLeadingZeros(nanos);
        int step = power < 3 ? 0 : (int) ((nanos >>> (power - 3)) & (STEPS - 1));
        return power * STEPS + step;
    }

    private static long upperBound(int bucket) {
        int power = bucket / STEPS;
        int step = bucket % STEPS;
        return power < 3 ? 1L << (power + 1) : (1L << power) + ((step + 1L) << (power - 3));
    }
}
