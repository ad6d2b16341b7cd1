package dev.antiphon.benchmarks.load;

import org.HdrHistogram.Histogram;

/**
 * Latencies of all slots in nanoseconds, in a few histograms with a lock each.
 *
 * <p>A histogram per slot would be 200 KiB times 1024; one per thread would fail where each callback runs on a virtual
 * thread of its own. So a slot collects some values privately and hands them over together: one lock per
 * {@value #BATCH} requests, and slots spread over the stripes.
 */
final class Latencies {

    static final int BATCH = 32;
    private static final int STRIPES = 16;
    private static final long HIGHEST = 60_000_000_000L;

    private final Histogram[] stripes = new Histogram[STRIPES];

    Latencies() {
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new Histogram(HIGHEST, 3);
        }
    }

    /** Where the slot of this number collects its values. */
    Collector collector(int slot) {
        return new Collector(stripes[slot % STRIPES]);
    }

    /** Everything handed over so far. */
    Histogram sum() {
        Histogram sum = new Histogram(HIGHEST, 3);
        for (Histogram stripe : stripes) {
            synchronized (stripe) {
                sum.add(stripe);
            }
        }
        return sum;
    }

    /** Values of one slot, used by one thread at a time. */
    static final class Collector {

        private final Histogram stripe;
        private final long[] values = new long[BATCH];
        private int count;

        private Collector(Histogram stripe) {
            this.stripe = stripe;
        }

        void add(long nanos) {
            values[count++] = nanos;
            if (count == BATCH) {
                handOver();
            }
        }

        void handOver() {
            synchronized (stripe) {
                for (int i = 0; i < count; i++) {
                    stripe.recordValue(Math.min(values[i], HIGHEST));
                }
            }
            count = 0;
        }
    }
}
