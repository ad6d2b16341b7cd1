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

        /** What a copy costs: so much is earned by as many races as the budget, in percent, goes into. */
        private static final double COST = 100;
        /** So that a quiet hour does not save up for a storm. */
        private static final double MAX_SAVED = 10 * COST;

        private final Hedging hedging;
        private final Percentiles latencies = new Percentiles();
        private double saved;

        Pace(Hedging hedging) {
            this.hedging = hedging;
        }

        synchronized void earn() {
            saved = Math.min(MAX_SAVED, saved + hedging.budgetPercent());
        }

        @Override
        public synchronized boolean mayStart() {
            if (saved < COST) {
                return false;
            }
            saved -= COST;
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
