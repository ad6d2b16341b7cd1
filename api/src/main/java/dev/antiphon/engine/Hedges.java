package dev.antiphon.engine;

import dev.antiphon.Hedging;
import java.util.concurrent.ConcurrentHashMap;

/** What is known about latencies, and left of budgets, for each hedging policy and subject. Bounded. */
final class Hedges {

    private static final int MAX_KEYS = 4096;

    private record Key(Hedging hedging, String subject) {}

    private final ConcurrentHashMap<Key, Pace> paces = new ConcurrentHashMap<>();

    /** For one race; it counts as a first copy. */
    RaceCall.Pace pace(Hedging hedging, String subject) {
        if (paces.size() >= MAX_KEYS) {
            paces.clear(); // what was learned is learned again
        }
        Pace pace = paces.computeIfAbsent(new Key(hedging, subject), key -> new Pace(key.hedging));
        pace.earn();
        return pace;
    }

    /** One policy for one subject. */
    static final class Pace implements RaceCall.Pace {

        /** So that a quiet hour does not save up for a storm. */
        private static final double MAX_TOKENS = 10;

        private final Hedging hedging;
        private final Percentiles latencies = new Percentiles();
        private double tokens;

        Pace(Hedging hedging) {
            this.hedging = hedging;
        }

        synchronized void earn() {
            tokens = Math.min(MAX_TOKENS, tokens + hedging.budgetPercent() / 100);
        }

        @Override
        public synchronized boolean mayStart() {
            if (tokens < 1) {
                return false;
            }
            tokens--;
            return true;
        }

        @Override
        public long delay() {
            return hedging.after() != null ? hedging.after().toNanos() : latencies.at(hedging.percentile());
        }

        @Override
        public void won(long nanos) {
            latencies.record(nanos);
        }
    }
}
