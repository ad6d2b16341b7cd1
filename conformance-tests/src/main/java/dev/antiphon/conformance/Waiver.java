package dev.antiphon.conformance;

import java.time.LocalDate;

/**
 * Tolerates the failure of one rule for a while. Once the rule passes, or the day has come, the waiver itself is a failure.
 *
 * @param rule the number of the rule
 * @param reason why it fails; best the address of an issue
 * @param expires the first day on which the failure is no longer tolerated
 */
public record Waiver(String rule, String reason, LocalDate expires) {
    boolean holdsOn(LocalDate day) {
        return day.isBefore(expires);
    }
}
