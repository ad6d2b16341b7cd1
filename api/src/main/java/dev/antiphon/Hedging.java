package dev.antiphon;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * When a race sends its next copy, and how many it may send. Immutable. What is learned about latencies, and what is left
 * of the budget, is kept by the messenger, for each first subject and each equal policy.
 *
 * @param after how long to wait before the next copy; null to learn it
 * @param percentile which percentile of the latencies to wait for, from 0 to 1, if {@code after} is null
 * @param budgetPercent how many copies there may be beside the first ones, in percent of those
 */
public record Hedging(@Nullable Duration after, double percentile, double budgetPercent) {

    private static final double DEFAULT_BUDGET_PERCENT = 10;

    /** Checks the numbers. */
    public Hedging {
        if (after != null) {
            MessengerOptions.checkTimeout("hedging delay", after);
        }
        if (!(percentile >= 0 && percentile < 1)) {
            throw new AntiphonException(
                    ErrorCode.INVALID_ARGUMENT, "a percentile is from 0 to less than 1, not " + percentile);
        }
        if (!(budgetPercent > 0 && budgetPercent <= 100)) {
            throw new AntiphonException(
                    ErrorCode.INVALID_ARGUMENT,
                    "a hedging budget is more than 0 and at most 100 percent, not " + budgetPercent);
        }
    }

    /** The next copy is sent after this time, with a budget of 10 percent. */
    public static Hedging after(Duration delay) {
        return new Hedging(delay, 0, DEFAULT_BUDGET_PERCENT);
    }

    /**
     * The next copy is sent when a request takes longer than this share of them took lately, such as 0.95, with a budget
     * of 10 percent. As long as too little is known, only one copy is sent.
     */
    public static Hedging atPercentile(double percentile) {
        return new Hedging(null, percentile, DEFAULT_BUDGET_PERCENT);
    }

    /** This with another budget. */
    public Hedging withBudget(double percent) {
        return new Hedging(after, percentile, percent);
    }
}
